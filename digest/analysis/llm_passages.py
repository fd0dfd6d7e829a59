"""The paper's own sentences that match a question best: the answer without a model, and the last resort."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from digest.analysis.centrality import terms
from digest.analysis.defence import Guard
from digest.analysis.outline import Sentence, abstract_sentences, caption_sentences, prose
from digest.analysis.verify import Checker
from digest.fulltext import FullText
from digest.model import Claim, ClaimSection, Paper

_LEAST_SHARE = 0.34  # of the question's weight that a sentence must carry
_RARE = 50  # a word is rare that stands in no more than one of so many sentences
_K, _B = 1.2, 0.75  # BM25's usual constants

# What people ask for in Chinese, in the words of an English paper.
_ENGLISH = {
    "数据": "dataset data corpus",
    "基准": "benchmark",
    "基线": "baseline",
    "指标": "metric",
    "评估": "evaluate",
    "评测": "evaluate",
    "局限": "limitation",
    "不足": "limitation",
    "结果": "result",
    "性能": "performance",
    "贡献": "contribution",
    "创新": "novel contribution",
    "方法": "method",
    "消融": "ablation",
    "训练": "train",
    "参数": "parameter",
    "学习率": "learning rate",
    "损失": "loss",
    "准确率": "accuracy",
    "精度": "accuracy",
    "模型": "model",
    "动机": "motivation",
    "实验": "experiment",
    "硬件": "gpu hardware",
    "显卡": "gpu",
    "算力": "gpu compute",
    "代码": "code",
    "开源": "code release",
    "成本": "cost",
    "时间": "time hours",
    "规模": "size large",
    "大小": "size",
    "语言": "language",
    "比较": "compare",
    "对比": "compare",
    "架构": "architecture",
    "结构": "architecture structure",
    "未来": "future",
    "应用": "application",
    "标注": "annotation annotator",
    "人工": "human",
    "论文": "paper",
    "引用": "citation",
    "许可": "license",
}


def passages(question: str, text: FullText | None, paper: Paper, *, most: int = 4) -> tuple[Claim, ...]:
    """Up to `most` verified sentences in the order of the paper; none where nothing matches well."""
    sentences = _sentences(text, paper)
    own = frozenset(term for term in terms(question) if term.isascii())
    scores = _scores(_asked(question), own, [terms(sentence.text) for sentence in sentences])
    planted = Guard(paper, text).planted
    checker = Checker(text, paper)
    best = sorted((i for i, score in enumerate(scores) if score > 0), key=lambda i: -scores[i])
    chosen = [i for i in best[: 3 * most] if not planted.taints(sentences[i].text)][:most]
    return tuple(checker.checked(_claim(sentences[i])) for i in sorted(chosen))


def _sentences(text: FullText | None, paper: Paper) -> Sequence[Sentence]:
    if text is None:
        return abstract_sentences(paper.abstract)
    return (*prose(text), *caption_sentences(text.captions))


def _claim(sentence: Sentence) -> Claim:
    return Claim(
        section=ClaimSection.ANSWER,
        text=sentence.text,
        quote=sentence.text,
        paragraph=sentence.paragraph,
        page=sentence.page,
    )


def _asked(question: str) -> frozenset[str]:
    translated = " ".join(english for chinese, english in _ENGLISH.items() if chinese in question)
    return frozenset(terms(f"{question} {translated}"))


def _scores(asked: frozenset[str], own: frozenset[str], sentences: Sequence[Sequence[str]]) -> list[float]:
    """BM25 of each sentence, 0 for those that carry too little of the question.

    `own` are the words of the question itself, which weigh even where the paper has none of them; what they
    were translated to does not. A sentence that lacks most of them must share a rare one.
    """
    number = len(sentences)
    holding = Counter(term for sentence in sentences for term in set(sentence) & asked)
    weight = {term: math.log(1 + number / (1 + holding[term])) for term in holding}
    missing = math.log(1 + number) * len(own - holding.keys())
    rare = {term for term in holding if holding[term] <= max(1, number // _RARE)}
    held = sum(weight.values())
    mean = sum(map(len, sentences)) / max(1, number)
    return [
        _score(
            sentence, weight, _LEAST_SHARE * (held if rare.intersection(sentence) else held + missing), mean
        )
        for sentence in sentences
    ]


def _score(sentence: Sequence[str], weight: dict[str, float], least: float, mean: float) -> float:
    counts = Counter(term for term in sentence if term in weight)
    if not counts or sum(weight[term] for term in counts) < least:
        return 0.0
    norm = _K * (1 - _B + _B * len(sentence) / mean)
    return sum(weight[term] * count * (_K + 1) / (count + norm) for term, count in counts.items())
