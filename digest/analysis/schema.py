"""The form in which a model writes claims, and the lenient reading of what it really wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from digest.model import Claim, ClaimSection

if TYPE_CHECKING:
    from pydantic import BaseModel

Claims = dict[ClaimSection, tuple[Claim, ...]]

# The most claims of each part; a bound that servers with grammars enforce, so that small models end.
MOST = {
    ClaimSection.TLDR: 1,
    ClaimSection.OVERVIEW: 5,
    ClaimSection.MOTIVATION: 6,
    ClaimSection.CONTRIBUTIONS: 8,
    ClaimSection.METHOD: 10,
    ClaimSection.METRICS: 6,
    ClaimSection.DATASETS: 8,
    ClaimSection.BASELINES: 8,
    ClaimSection.SETUP: 8,
    ClaimSection.RESULTS: 12,
    ClaimSection.ABLATIONS: 6,
    ClaimSection.LIMITATIONS: 6,
    ClaimSection.STEPS: 12,
    ClaimSection.EQUATIONS: 6,
    ClaimSection.REPRODUCTION: 8,
    ClaimSection.CRITIQUE: 6,
    ClaimSection.RELATED: 8,
    ClaimSection.ANSWER: 8,
}

_SHORT_PROSE = 600  # characters


@lru_cache(maxsize=256)
def schema_of(parts: tuple[ClaimSection, ...]) -> type[BaseModel]:
    """The JSON form of these parts: lists of {text, quote, paragraph}, those of the experiments nested."""
    from pydantic import create_model

    claim = create_model("Claim", text=(str, ...), quote=(str, ...), paragraph=(int, ...))
    fields: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for part in parts:
        head, _, tail = part.value.partition(".")
        (nested if tail else fields)[tail or head] = (list[claim], _bounded(MOST[part]))  # type: ignore[valid-type]
    if nested:
        experiments: type[BaseModel] = create_model("Experiments", **nested)
        fields["experiments"] = (experiments, ...)
    made: type[BaseModel] = create_model("Analysis", **fields)
    return made


def _bounded(most: int) -> Any:
    from pydantic import Field

    return Field(..., max_length=most)


def claims_in(data: Mapping[str, object] | None, text: str, parts: Sequence[ClaimSection]) -> Claims:
    """The parts that an answer holds, as far as they can be used; `text` is read where `data` is None.

    A part that is not in the answer is not in the result; one that the model left empty is an empty tuple.
    """
    tree: object = data if data is not None else _json_in(text)
    if not isinstance(tree, Mapping):
        return {}
    found: Claims = {}
    for part in parts:
        listed = _listed(tree, part)
        if listed is None:
            continue
        claims = tuple(_claims(listed, part))
        if claims or not listed or all(_is_nothing(item) for item in listed):
            found[part] = claims[: MOST[part]]
    return found


def is_refusal(data: Mapping[str, object] | None, text: str) -> bool:
    """Whether an answer is a few words of prose, as models decline in: no attempt at an object at all."""
    return data is None and 0 < len(text.strip()) <= _SHORT_PROSE and "{" not in text


def _json_in(text: str) -> object:
    """The first JSON object in a text, maybe fenced or with chatter around it."""
    decoder = json.JSONDecoder()
    for match in list(re.finditer(r"\{", text))[:20]:
        try:
            return decoder.raw_decode(text, match.start())[0]
        except (ValueError, RecursionError):
            continue
    return None


def _listed(tree: Mapping[Any, object], part: ClaimSection) -> list[object] | None:
    head, _, tail = part.value.partition(".")
    value = tree.get(part.value)
    if value is None and tail:
        experiments = tree.get(head)
        value = experiments.get(tail) if isinstance(experiments, Mapping) else tree.get(tail)
    elif value is None:
        value = tree.get(head)
    if isinstance(value, Mapping | str):
        return [value] if value else []
    return value if isinstance(value, list) else None


def _claims(listed: Iterable[object], part: ClaimSection) -> Iterator[Claim]:
    for item in listed:
        if not isinstance(item, Mapping) or _is_nothing(item):
            continue
        text, quote = item.get("text"), item.get("quote")
        if isinstance(text, str) and text.strip():
            yield Claim(
                section=part,
                text=text,
                quote=quote if isinstance(quote, str) else "",
                paragraph=_number(item.get("paragraph", item.get("para"))),
            )


# What a model writes into a part that it should have left empty.
_NOTHING = re.compile(
    r"""^\W*(?:n/?a|none|null|nothing|unknown|无|暂无|不适用|未知
       |not\ (?:TOLD|available|applicable)\b.{0,60}
       |(?:the\ |this\ )?(?:paper|text|authors?|abstract)\ (?:do(?:es)?\ not|did\ not|never)
        \ (?:\w+\ ){0,3}(?:state|mention|specify|report|provide|say|discuss|describe|give|tell)\b.{0,80}
       |no\ [\w\s-]{1,60}\b(?:is|are|was|were)\ (?:TOLD)\b.{0,40}
       |(?:论文|文中|章节|原文|本文|摘要|作者)?中?并?(?:未|没有|无)(?:明确)?
        (?:提及|提到|说明|给出|报告|涉及|提供|讨论|指出|描述|列出).{0,30})\W*$""".replace(
        "TOLD", "stated|specified|mentioned|reported|provided|given|discussed|described"
    ),
    re.VERBOSE | re.IGNORECASE,
)


def _is_nothing(item: object) -> bool:
    """Whether an item says in words what an empty list says."""
    if isinstance(item, str):
        return not item.strip() or _NOTHING.match(item.strip()) is not None
    if not isinstance(item, Mapping):
        return item is None
    text, quote = item.get("text"), item.get("quote")
    if not isinstance(text, str) or not text.strip():
        return True
    quoted = isinstance(quote, str) and len(quote.strip()) > 12 and not _NOTHING.match(quote.strip())
    return not quoted and _NOTHING.match(text.strip()) is not None


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        match = re.search(r"\d{1,6}", value)
        value = int(match[0]) if match else None
    return int(value) if isinstance(value, int | float) and 0 < value < 1_000_000 else None
