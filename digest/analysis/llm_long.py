"""Papers longer than a model can hold: read piece by piece, each giving notes with the words they rest on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.analysis.llm_calls import Calls
from digest.analysis.llm_judge import Judge
from digest.analysis.llm_source import body, fitting, not_sent, pieces_of, section_tokens, source_of
from digest.analysis.prompts import notes as notes_task
from digest.analysis.schema import MOST, claims_in
from digest.fulltext import FullText, Section, SectionRole
from digest.model import Claim, ClaimSection, Paper
from digest.ports import Finish, Turn

_MOST_PIECES = 16
_NOTE_TOKENS = 150  # a note with its quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What reading in pieces gave: verified notes, how many pieces were read, and what was not."""

    notes: tuple[Claim, ...]
    pieces: int
    left_out: tuple[str, ...]
    pages_read: int


def groups(sections: Sequence[Section], most: int) -> tuple[tuple[Section, ...], ...]:
    """The sections in order, in groups of at most `most` tokens; a larger section is cut by paragraphs."""
    made: list[list[Section]] = []
    size = 0
    for piece in (piece for section in sections for piece in pieces_of(section, most)):
        tokens = section_tokens(piece)
        if not made or size + tokens > most:
            made.append([])
            size = 0
        made[-1].append(piece)
        size += tokens
    return tuple(tuple(group) for group in made)


async def read_in_pieces(
    paper: Paper,
    text: FullText,
    *,
    calls: Calls,
    judge: Judge,
    room: int,
    most: int,
    answer_tokens: int,
    secret: bytes,
) -> Notes:
    """Notes of every piece of the paper, appendices aside. Raises the errors of the model.

    `room` is how many tokens of paper fit in a call, `most` how many may be read in all. A piece that
    brings no notes counts as left out.
    """
    whole = body(text)
    wanted = fitting([s for s in whole if s.role is not SectionRole.APPENDIX], most)
    grouped = groups(wanted, max(1, room * 4 // 5))[:_MOST_PIECES]
    each = max(3, min(MOST[ClaimSection.ANSWER] * 3, room // (2 * _NOTE_TOKENS * max(1, len(grouped)))))
    notes: list[Claim] = []
    read: list[Section] = []
    for number, group in enumerate(grouped, start=1):
        if calls.in_vain:
            break
        piece = _only(text, group)
        turns = source_of(paper, piece, limit=2 * room, secret=secret).turns
        task = notes_task(number, len(grouped), most=each)
        found = await _noted(calls, turns, task, answer_tokens)
        good = await asyncio.to_thread(_standing, judge, found)
        notes += good[:each]
        read += group if good else ()
    return Notes(
        notes=tuple(notes),
        pieces=len(grouped),
        left_out=not_sent(whole, read),
        pages_read=len({paragraph.page for section in read for paragraph in section.paragraphs}),
    )


async def _noted(calls: Calls, turns: Sequence[Turn], task: str, answer_tokens: int) -> tuple[Claim, ...]:
    """The notes of one piece; twice the tokens if they were cut off."""
    parts = (ClaimSection.ANSWER,)
    for factor in (1, 2):
        answer = await calls.ask(turns, task, parts, max_tokens=factor * answer_tokens)
        if answer.finish is Finish.STOP:
            found = claims_in(answer.data, answer.text, parts)
            calls.useless += not found
            return found.get(ClaimSection.ANSWER, ())
        if answer.finish is Finish.REFUSED:
            return ()
    return ()


def _standing(judge: Judge, claims: Sequence[Claim]) -> list[Claim]:
    verdicts = map(judge.judged, claims)
    return [verdict.claim for verdict in verdicts if not verdict.fault]


def _only(text: FullText, sections: Sequence[Section]) -> FullText:
    """The text as if it had only these sections, and the captions on their pages."""
    pages = {paragraph.page for section in sections for paragraph in section.paragraphs}
    captions = tuple(caption for caption in text.captions if caption.page in pages)
    return replace(text, sections=tuple(sections), captions=captions)
