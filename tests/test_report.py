"""The Markdown report: the predecessor's form, none of its defects."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt

from digest.model import BRIEF_PARTS, Analysis, Basis, DigestItem
from digest.report import report
from tests.compose_samples import BY_MODEL, COMBAT, DIGEST, EMPTY, EXTRACTS, ITEMS, claim, match

_FULL = replace(
    BY_MODEL,
    claims=tuple(claim(section, f"What {section} says.", "a quote") for section in BRIEF_PARTS),
    missing=(),
    warnings=(),
    basis=Basis(kind="full text", pages=18, pages_read=18),
)


def written(analysis: Analysis = _FULL, *, language: str = "zh-CN") -> str:
    return report(
        replace(DIGEST, items=(DigestItem(match=ITEMS[0].match, analysis=analysis),), more=()),
        language=language,
    )


def headings(source: str) -> list[str]:
    tokens = MarkdownIt().parse(source)
    return [
        f"{each.markup} {after.content}" for each, after in pairwise(tokens) if each.type == "heading_open"
    ]


def test_the_form_is_the_predecessors() -> None:
    assert headings(written()) == [
        "# arXiv论文监控报告 - 2026年06月30日",
        "## 报告概览",
        f"## 1. {COMBAT.title}",
        "### 基本信息",
        "### 原文摘要",
        "### AI分析（基于论文正文）",
        "#### 1. 论文概要",
        "#### 2. 研究动机",
        "#### 3. 核心贡献与创新点",
        "#### 4. 方法概述",
        "#### 5. 实验说明",
        "#### 6. 局限性",
    ]


def test_english_has_the_same_parts() -> None:
    assert headings(written(language="en"))[5:] == [
        "### Analysis (from the full text)",
        "#### 1. Overview",
        "#### 2. Motivation",
        "#### 3. Contributions",
        "#### 4. Method",
        "#### 5. Experiments",
        "#### 6. Limitations",
    ]


def test_the_overview_names_date_categories_keywords_and_number() -> None:
    source = report(DIGEST, language="zh")

    assert "- **监控日期**：2026年06月30日" in source
    assert "- **分类**：cs.AI, cs.CV, cs.RO" in source
    assert '- **关键词**：`vla, vision language action`, `author:"Kyle Lo"`' in source
    assert "- **发现论文数**：4 篇论文：新论文 2 篇，交叉列表 1 篇，修订版 1 篇" in source


def test_facts_are_whole_and_the_identifier_keeps_its_version() -> None:
    source = written()

    assert f"- **作者**：{', '.join(COMBAT.authors)}" in source
    assert "- **arXiv ID**：[2503.09527v2](https://arxiv.org/abs/2503.09527v2)" in source
    assert "- **首次提交**：2025年03月12日" in source
    assert "- **公告日期**：2026年06月30日（修订版，交叉列表）" in source
    assert "[PDF](https://arxiv.org/pdf/2503.09527v2) · [HTML](https://arxiv.org/html/2503.09527v2)" in source
    assert "oai:arXiv.org" not in source


def test_the_abstract_is_whole_and_no_code_block() -> None:
    source = written()

    assert COMBAT.abstract in source
    assert not [token for token in MarkdownIt().parse(source) if token.type in {"code_block", "fence"}]


def test_experiments_have_their_own_parts() -> None:
    assert re.findall(r"^- \*\*(.+)\*\*$", written(), re.MULTILINE) == [
        "评估指标",
        "数据集",
        "对比基线方法",
        "实验设置与算力",
        "主要结果",
        "消融实验",
    ]


def test_each_claim_of_a_model_is_followed_by_the_words_it_rests_on() -> None:
    assert (
        "- What method says. ([§1, p. 2](https://arxiv.org/pdf/2503.09527v2#page=2))\n  - Source: *“a quote”*"
        in (written(language="en"))
    )


@pytest.mark.parametrize(
    ("analysis", "heading"),
    [
        (replace(_FULL, analyzer="extractive"), "### 论文原文摘录"),
        (EXTRACTS, "### 摘要原文摘录"),
        (replace(_FULL, basis=Basis(kind="abstract")), "### AI分析（仅基于摘要）"),
    ],
)
def test_an_analysis_is_labelled_as_what_it_is(analysis: Analysis, heading: str) -> None:
    assert heading in headings(written(analysis))


def test_a_paper_without_an_analysis_says_so() -> None:
    digest = replace(DIGEST, items=(DigestItem(match=match(COMBAT)),))

    assert "未作分析：只给出标题和摘要。" in report(digest, language="zh")


def test_an_empty_day_is_a_report_too() -> None:
    source = report(EMPTY)

    assert "- **Papers found**: no papers" in source
    assert "1,612 papers scanned, none matched." in source


def test_the_same_digest_gives_the_same_report() -> None:
    assert report(DIGEST) == report(DIGEST)


def test_a_report_ends_with_one_newline_and_has_no_runs_of_blank_lines() -> None:
    source = report(DIGEST)

    assert source.endswith("\n")
    assert not source.endswith("\n\n")
    assert "\n\n\n" not in source
