"""What each sentence of an abstract does: why, what, how, and what came of it, in that order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest.analysis import cues
from digest.analysis.cues import phrases
from digest.analysis.tldr import announces, states
from digest.model import ClaimSection as Part

_TRIED = phrases(
    r"""
    (?:extensive|comprehensive|empirical|numerical|systematic) (?:\w+ )?(?:experiment|evaluation|result)s?
    (?:experiment|evaluation|result|simulation)s? (?:on|show|suggest|demonstrate|across|over|in|reveal)\b
    (?:experiment|evaluation|result|simulation)s? (?:confirm|indicate|conducted|with)\b | experimental
    our results? | empirically
    we (?:\w+ )?(?:find|show|demonstrate|observe|evaluate|validate|prove|verify)\b
    benchmarking | evaluated on | compared (?:to|with)\b | tested on | case stud | these findings
    """
)
_OFFERED = phrases(
    r"""
    code (?:is|and|are|will)\b | (?:publicly|freely) available | open-source | we release | project page
    available at\b
    """
)


def turning_point(sentences: Sequence[str]) -> int:
    """The index of the first sentence that speaks of the paper's own work; 0 if none does."""
    for index, text in enumerate(sentences):
        if announces(text) or states(text):
            return index
    return next((index for index, text in enumerate(sentences) if _TRIED.search(text)), 0)


def moves(sentences: Sequence[str]) -> tuple[Part, ...]:
    """The part of an analysis that each sentence of an abstract belongs to."""
    return tuple(_moves(sentences))


def _moves(sentences: Sequence[str]) -> Iterator[Part]:
    turn = turning_point(sentences)
    reported = False
    for index, text in enumerate(sentences):
        part = Part.MOTIVATION if index < turn else _after_turn(text, reported=reported)
        reported = reported or part is Part.RESULTS
        yield part


def _after_turn(text: str, *, reported: bool) -> Part:
    """By wording first; what is left is method before the first result and outlook after it."""
    if _OFFERED.search(text):
        return Part.CONTRIBUTIONS
    if cues.LIMITS.search(text) and cues.OWN_VOICE.search(text) and not cues.DEFENDS.search(text):
        return Part.LIMITATIONS
    if _reports(text):
        return Part.RESULTS
    if cues.TESTED_ON.search(text) or (cues.IS_DATA.search(text) and cues.DATA.search(text)):
        return Part.DATASETS
    if announces(text):
        return Part.CONTRIBUTIONS
    return Part.OVERVIEW if reported else Part.METHOD


def _reports(text: str) -> bool:
    outcome = cues.CHANGES.search(text) or cues.MEASURED.search(text)
    if cues.FINDS.search(text) or (cues.CHANGES.search(text) and cues.MEASURED.search(text)):
        return True
    return _TRIED.search(text) is not None and (bool(outcome) or cues.TESTED_ON.search(text) is None)
