"""The one sentence of an abstract that says what the paper does and finds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.analysis.centrality import centrality, terms, vectors
from digest.analysis.sentences import dependence

_WORK = r"\b(?:we|this (?:paper|work|article|study|report|thesis)|our (?:work|paper|study))\b"
_ANNOUNCES = re.compile(
    _WORK + r"[^.;]{0,30}?\b(?:propos|introduc|present|develop|releas|survey|review)", re.IGNORECASE
)
_STATES = re.compile(
    _WORK
    + r"""[^.;]{0,40}?\b(?:propos|introduc|present|develop|describ|stud[iy]|investigat|address|design
    |demonstrat|show|explor|provid|prov[ei]|analy[sz]|formulat|examin|consider|extend|focus|aim|find|establish
    |test|measur|quantif|compar|ask\b|devis|buil[dt]|suggest|evaluate|deriv|tackl|offer|releas|survey|review|argue|construct|characteri)""",
    re.IGNORECASE | re.VERBOSE,
)
_HERE = re.compile(
    r"\b(?:in this (?:paper|work|article|study|report|survey)|here,? we|this (?:paper|work|article|survey))\b"
    r"|本文|我们提出|本研究|in dieser arbeit|wir (?:stellen|zeigen|präsentieren|untersuchen)|dieser beitrag",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"(?:Additionally|In addition|Also|Finally|Specifically|In particular|Then|Further|Furthermore|Moreover"
    r"|First|Second|Third|Our (?:approach|method|model|algorithm|framework))\b"
)

_ADDS = re.compile(
    r"^To (?:check|see|test|verify) (?:whether|if|that)\b|\bwe (?:also|further|additionally)\b", re.IGNORECASE
)


def announces(text: str) -> bool:
    """Whether the authors say here what they propose, introduce, release or survey."""
    return _ANNOUNCES.search(text) is not None


def states(text: str) -> bool:
    """Whether the authors say here what they did, in any of the usual words."""
    return _STATES.search(text) is not None or _HERE.search(text) is not None


def tldr_scores(sentences: Sequence[str], title: str, *, abstract: int | None = None) -> tuple[float, ...]:
    """How well each sentence would stand as the tl;dr; the highest is the best.

    The first `abstract` sentences (all if None) are the abstract's; the others are only to stand in for
    an abstract that says it at great length. Weights are by hand, not fitted: a fit on one half of SciTLDR
    did worse on the other half.
    """
    count = len(sentences) if abstract is None else abstract
    central = centrality(vectors(sentences))
    wanted = frozenset(terms(title))
    first = next((position for position, text in enumerate(sentences[:count]) if states(text)), -1)
    return tuple(
        _score(text, wanted)
        + 0.5 * central[position]
        + 0.3 * (position == first)
        - (0.2 * position / count if position < count else 0.6)
        for position, text in enumerate(sentences)
    )


def _score(text: str, title: frozenset[str]) -> float:
    words = len(text.split())
    return (
        0.5 * bool(_ANNOUNCES.search(text))
        + 0.5 * bool(_STATES.search(text))
        + 0.3 * bool(_HERE.search(text))
        + 1.0 * len(title.intersection(terms(text))) / (len(title) or 1)
        - 0.3 * bool(_CONTINUES.match(text))
        - 0.3 * bool(_ADDS.search(text))
        - 0.3 * dependence(text)
        - 0.3 * max(0, words - 30) / 30
        - 0.5 * (words > 50)
        - 0.5 * text.endswith("?")
        - 0.5 * max(0, 12 - words) / 12
    )
