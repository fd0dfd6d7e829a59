"""A paper as its quotable sentences, each knowing where it stands and what its section is for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from digest.analysis.sentences import is_label, is_quotable, split_sentences, without_run_in
from digest.fulltext import Caption, FullText, Paragraph, Section, SectionRole

UNREAD = frozenset({SectionRole.REFERENCES, SectionRole.BACK_MATTER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A verbatim sentence and its place.

    `order` counts through the document. `heading` is the title of the section with that of its parent.
    `label` is what its paragraph is headed by in the running text ("Baselines.").
    `caption` is the label of the caption it stands in ("Table 3"), or empty.
    """

    text: str
    role: SectionRole
    order: int
    paragraph: int | None = None
    page: int | None = None
    section: int = 0
    heading: str = ""
    label: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph as it is read: pieces that a column or page break cut apart are joined again."""

    text: str
    paragraph: int
    page: int


def blocks(section: Section) -> tuple[Block, ...]:
    """The section's paragraphs; one that ends mid-sentence takes in the next if that begins in lower case."""
    joined: list[Block] = []
    for paragraph in section.paragraphs:
        block = _block(paragraph)
        if joined and _continues(joined[-1].text, block.text):
            last = joined.pop()
            block = replace(last, text=_join(last.text, block.text))
        joined.append(block)
    return tuple(joined)


def _block(paragraph: Paragraph) -> Block:
    return Block(text=" ".join(paragraph.text.split()), paragraph=paragraph.id, page=paragraph.page)


def _continues(before: str, after: str) -> bool:
    return bool(before and after) and (before[-1].isalnum() or before[-1] in ",-–") and after[0].islower()


def _join(before: str, after: str) -> str:
    if re.search(r"[^\W\d_]-$", before):
        return before[:-1] + after
    return f"{before} {after}"


def roles(sections: Sequence[Section]) -> tuple[SectionRole, ...]:
    """What each section is for; one that does not tell takes its parent's, or is method after the front."""
    by_number: dict[str, SectionRole] = {}
    found: list[SectionRole] = []
    ended = False
    introduced = any(section.role is SectionRole.INTRODUCTION for section in sections)
    for section in sections:
        role = section.role
        if role in (SectionRole.OTHER, SectionRole.METHOD) and "." in section.number:
            parent = by_number.get(section.number.rpartition(".")[0])
            role = parent if parent not in (None, SectionRole.OTHER, SectionRole.INTRODUCTION) else role
        if role is SectionRole.OTHER and found[-1:] == [SectionRole.ABSTRACT] and not introduced:
            role = SectionRole.INTRODUCTION  # "1 Motivation", "1 Overview"
        elif role is SectionRole.OTHER and _has_begun(found):
            role = SectionRole.APPENDIX if ended else SectionRole.METHOD
        ended = ended or role is SectionRole.REFERENCES
        by_number[section.number] = role
        found.append(role)
    return tuple(found)


def _has_begun(found: Sequence[SectionRole]) -> bool:
    return SectionRole.INTRODUCTION in found or SectionRole.ABSTRACT in found


def prose(text: FullText) -> tuple[Sentence, ...]:
    """Every quotable sentence of the body and the appendix, in reading order."""
    sentences = tuple(_numbered(text))
    return sentences if _has_begun([each.role for each in sentences]) else _by_place(sentences)


def _by_place(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Where no heading tells the front from the rest, the first quarter counts as introduction."""
    front = len(sentences) / 4
    return tuple(
        replace(each, role=SectionRole.INTRODUCTION if index < front else SectionRole.METHOD)
        if each.role is SectionRole.OTHER
        else each
        for index, each in enumerate(sentences)
    )


def _numbered(text: FullText) -> Iterator[Sentence]:
    titles = {section.number: section.title for section in text.sections if section.number}
    order = 0
    for index, (section, role) in enumerate(zip(text.sections, roles(text.sections), strict=True)):
        if role in UNREAD:
            continue
        parent = titles.get(section.number.partition(".")[0], "") if "." in section.number else ""
        heading = f"{parent} {section.title}".strip()
        for block in blocks(section):
            label = ""
            for position, piece in enumerate(split_sentences(block.text)):
                order += 1
                sentence = without_run_in(piece, opens_paragraph=position == 0)
                if position == 0:
                    label = piece if is_label(piece) else piece.removesuffix(sentence).strip()
                if is_quotable(sentence):
                    yield Sentence(
                        text=sentence,
                        role=role,
                        order=order,
                        paragraph=block.paragraph,
                        page=block.page,
                        section=index,
                        heading=heading,
                        label=label,
                    )


def caption_sentences(captions: Sequence[Caption]) -> tuple[Sentence, ...]:
    """The whole sentences of captions; they come after the prose in order."""
    return tuple(
        Sentence(
            text=piece,
            role=SectionRole.EXPERIMENTS,
            order=1_000_000 + 100 * index + position,
            page=caption.page,
            section=-1 - index,
            heading=caption.label,
            caption=caption.label,
        )
        for index, caption in enumerate(captions)
        for position, piece in enumerate(split_sentences(caption.text))
        if is_quotable(piece)
    )


def abstract_sentences(abstract: str) -> tuple[Sentence, ...]:
    """The abstract as metadata gives it: no paragraph and no page; overlong sentences are kept."""
    pieces = split_sentences(" ".join(abstract.split()))
    return tuple(
        Sentence(text=piece, role=SectionRole.ABSTRACT, order=position - 1_000, heading="Abstract")
        for position, piece in enumerate(pieces)
        if is_quotable(piece, least=4, most=120)
    )
