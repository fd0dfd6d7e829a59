"""Models that answer from a script or from the paper in their prompt: real `TextModel`s, without a server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from digest.analysis.sentences import is_quotable, split_sentences
from digest.analysis.tokens import estimate
from digest.model import Usage
from digest.ports import Completion, Finish, Turn

Answer = Completion | Exception | Callable[[Sequence[Turn]], Completion]

_LINE = re.compile(r"^\[(?P<label>[^\]\n]+)\] (?P<text>.*)$", re.MULTILINE)
_PARAGRAPH = re.compile(r"¶(\d+)")
_PARTS = re.compile(r'^- "(?P<part>[\w.]+)":', re.MULTILINE)
_ANSWER = re.compile(r'in the part "answer"')


def completion(
    data: Mapping[str, Any] | str, *, finish: Finish = Finish.STOP, usage: Usage | None = None
) -> Completion:
    """What a server would give for this answer."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return Completion(
        text=text,
        finish=finish,
        usage=usage or Usage(prompt_tokens=100, completion_tokens=50),
        data=None if isinstance(data, str) or finish is not Finish.STOP else data,
    )


CUT_OFF = completion('{"tldr": [{"text": "The paper', finish=Finish.LENGTH)
REFUSED = completion("I cannot help with that.", finish=Finish.REFUSED)


class ScriptedModel:
    """Answers from a queue; what comes after its end is `otherwise`. Keeps every call it got.

    Counts cached tokens as a caching server does: by the turns that an earlier call began with.
    """

    name = "openai:scripted"

    def __init__(self, *answers: Answer, otherwise: Answer | None = None) -> None:
        self.answers = list(answers)
        self.otherwise = otherwise
        self.calls: list[tuple[Turn, ...]] = []
        self.max_tokens: list[int] = []
        self.usages: list[Usage] = []

    async def complete(
        self,
        turns: Sequence[Turn],
        /,
        *,
        max_tokens: int,
        schema: type[BaseModel] | None = None,
        cache_key: str = "",
        on_text: Callable[[str], None] | None = None,
    ) -> Completion:
        cached = max((_shared(turns, earlier) for earlier in self.calls), default=0)
        self.calls.append(tuple(turns))
        self.max_tokens.append(max_tokens)
        answer = self.answers.pop(0) if self.answers else self.otherwise
        if answer is None:
            raise AssertionError("the script is over")
        if isinstance(answer, Exception):
            raise answer
        given = answer(turns) if callable(answer) else answer
        sent = sum(estimate(turn.text) for turn in turns)
        usage = Usage(prompt_tokens=sent, cached_tokens=cached, completion_tokens=estimate(given.text))
        self.usages.append(usage)
        return Completion(text=given.text, finish=given.finish, usage=usage, data=given.data)


def _shared(turns: Sequence[Turn], earlier: Sequence[Turn]) -> int:
    """Estimated tokens of the prefix that two calls have in common, turn by turn."""
    total = 0
    for one, other in zip(turns, earlier, strict=False):
        if one != other:
            break
        total += estimate(one.text)
    return total


def faithful(turns: Sequence[Turn]) -> Completion:
    """Fills every part that the task names with sentences of the numbered paper, word for word."""
    paper, task = turns[1].text, turns[-1].text
    sentences = list(quotable(paper))
    parts = _PARTS.findall(task) or (["answer"] if _ANSWER.search(task) else [])
    given: dict[str, Any] = {}
    share = max(1, len(sentences) // max(1, len(parts)))
    for number, part in enumerate(dict.fromkeys(parts)):
        most = 1 if part == "tldr" else 3
        chosen = sentences[number * share : number * share + most] or sentences[:most]
        _put(given, part, [claim(text, text, paragraph) for text, paragraph in chosen])
    return completion(given)


def quotable(paper: str) -> Iterable[tuple[str, int]]:
    """The whole sentences of a numbered paper, each with its paragraph (0 in captions and abstracts)."""
    for line in _LINE.finditer(paper):
        number = _PARAGRAPH.search(line["label"])
        for sentence in split_sentences(line["text"]):
            if is_quotable(sentence) and len(sentence) <= 300 and not sentence.endswith(("..", ". .", "…")):
                yield sentence, int(number[1]) if number else 0


def claim(text: str, quote: str, paragraph: int = 0) -> dict[str, Any]:
    return {"text": text, "quote": quote, "paragraph": paragraph}


def _put(given: dict[str, Any], part: str, claims: list[dict[str, Any]]) -> None:
    head, _, tail = part.partition(".")
    if tail:
        given.setdefault(head, {})[tail] = claims
    else:
        given[head] = claims
