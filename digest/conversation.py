"""What is asked about a paper and answered from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from digest.model import ArxivId, Claim, Usage


class AnswerKind(StrEnum):
    """What an answer is made of."""

    ANSWERED = "answered"  # claims by a model, each with the words of the paper that carry it
    NOT_SAID = "not said"  # a model read the paper, and it does not say
    PASSAGES = "passages"  # the paper's own sentences that match the question best
    NOTHING = "nothing"  # no model, and no sentence matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question about one version of a paper, and its answer.

    `note` says in a sentence what went wrong, where passages stand in for a model's answer; `left_out` names
    the sections that were not read. The claims are of the section `ANSWER`.
    """

    paper: ArxivId
    question: str
    kind: AnswerKind
    claims: tuple[Claim, ...] = ()
    language: str
    analyzer: str  # "extractive" or "openai:MODEL"
    note: str = ""
    left_out: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    asked_by: str = ""
    created_at: datetime
