"""The whole of reading without the PDF library: lines of pages in, `FullText` out. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from digest.fulltext import Caption, FullText, Paragraph, Section, SectionRole
from digest.reading.captions import caption_of, without_captions
from digest.reading.characters import squash
from digest.reading.columns import in_reading_order
from digest.reading.floats import without_cells, without_footnotes
from digest.reading.furniture import without_furniture
from digest.reading.headings import Heading, find_headings
from digest.reading.lines import Line, Source
from digest.reading.measures import Measures, body_size, gap, measured
from digest.reading.notes import notes_of, unreadable_pages
from digest.reading.paragraphs import entries_of, paragraphs_of
from digest.reading.roles import roles_of
from digest.reading.words import Vocabulary, joined, joined_with_starts

_FRONT_MATTER = re.compile(
    r"(index terms|key ?words|ccs concepts|acm reference format|arxiv:\d)", re.IGNORECASE
)
_URL = re.compile(r"https?://[^\s<>\"“”{}|\\^`\[\]]+[^\s<>\"“”{}|\\^`\[\].,;:)’'!?]")


def full_text(source: Source) -> FullText:
    """Make a paper of the pages' lines: title, sections with paragraphs, captions, links, notes."""
    body = body_size(line for page in source.read[:10] for line in page.lines)
    pages = without_furniture(source.read, body)
    lines: Sequence[Line] = in_reading_order(pages)
    measures = measured(lines)
    vocabulary = Vocabulary(line.text for line in lines)
    title, lines = _title(lines, measures, source.title, vocabulary)
    lines, footnotes = without_footnotes(lines, measures)
    lines, captioned = without_captions(lines, measures)
    headings = find_headings(lines, measures, source.bookmarks)
    sections = _sections(lines, headings, measures, vocabulary)
    captions = tuple(caption_of(each, joined([line.text for line in each], vocabulary)) for each in captioned)
    return FullText(
        pages=source.pages,
        title=title,
        sections=sections,
        captions=captions,
        hidden=source.hidden,
        links=_links(source.links, sections, captions, footnotes, vocabulary),
        pages_read=len(source.read) - len(unreadable_pages(source)),
        notes=notes_of(source, sections),
    )


def _title(
    lines: Sequence[Line], measures: Measures, metadata: str, vocabulary: Vocabulary
) -> tuple[str, Sequence[Line]]:
    """The paper's title and the lines without it: the largest lines high on the first page."""
    first = [line for line in lines if line.page == 1]
    words = metadata.split()
    page = squash(" ".join(line.text for line in first[:40]))
    if len(words) > 2 and squash(metadata) and squash(metadata) in page:
        found = squash(metadata)
        return metadata, [line for line in lines if not (line.page == 1 and _is_part(line, found, measures))]
    start = _title_start(first, measures)
    if start is None:
        return (metadata if len(words) > 2 else ""), lines
    stop = start + 1
    while stop < len(first) and _same_title(first[start], first[stop - 1], first[stop]):
        stop += 1
    block = first[start:stop]
    taken = {id(line) for line in block}
    text = joined([line.text for line in block], vocabulary)
    return text, [line for line in lines if id(line) not in taken]


def _is_part(line: Line, title: str, measures: Measures) -> bool:
    return line.size > 1.1 * measures.body and squash(line.text) in title


def _title_start(first: Sequence[Line], measures: Measures) -> int | None:
    large = [line for line in first if line.size > 1.12 * measures.body and len(squash(line.text)) > 2]
    if not large:
        return None
    wordy = [line for line in large if len(line.text.split()) > 2] or large
    biggest = max(line.size for line in wordy)
    return next(i for i, line in enumerate(first) if line in wordy and line.size > 0.97 * biggest)


def _same_title(start: Line, last: Line, line: Line) -> bool:
    return abs(line.size - start.size) < 0.06 * start.size and (
        gap(last, line) < 1.7 or 0 < line.baseline - last.baseline < 1.7 * line.size
    )


def _sections(
    lines: Sequence[Line], headings: Sequence[Heading], measures: Measures, vocabulary: Vocabulary
) -> tuple[Section, ...]:
    roles = roles_of(
        [(h.title, h.level, h.number[:1].isalpha() and not _is_roman(h.number)) for h in headings]
    )
    sections: list[Section] = []
    counter = 0
    stops = [heading.first for heading in headings[1:]] + [len(lines)]
    for heading, role, stop in zip(headings, roles, stops, strict=False):
        own = list(lines[heading.stop : stop])
        if heading.rest:
            own.insert(0, lines[heading.first]._replace(text=heading.rest, bold=False, label=""))
        made = _paragraphs(own, role, measures, vocabulary, counter)
        counter += len(made)
        sections.append(
            Section(
                number=heading.number,
                title=joined([heading.title], vocabulary),
                page=heading.page,
                role=role,
                paragraphs=tuple(made),
            )
        )
    return _with_front(lines[: headings[0].first] if headings else lines, sections, measures, vocabulary)


def _is_roman(number: str) -> bool:
    head = number.split("-")[0]
    return bool(head) and all(c in "IVX" for c in head) and ("-" in number or len(head) > 1 or head in "IVX")


def _with_front(
    front: Sequence[Line], sections: Sequence[Section], measures: Measures, vocabulary: Vocabulary
) -> tuple[Section, ...]:
    """Give the text before the first heading its place: an unmarked abstract, or the whole text."""
    has_abstract = any(section.role is SectionRole.ABSTRACT for section in sections)
    if has_abstract or not front:
        return tuple(sections)
    made = _paragraphs(front, SectionRole.OTHER, measures, vocabulary, 0)
    # An excerpt begins in the midst of a paper: what stands before its first heading is no abstract.
    excerpt = bool(sections) and sections[0].number not in ("", "0", "1", "I")
    if not sections:
        made = made or _every_line(front)
    elif not excerpt:
        made = [p for p in made if len(p.text.split()) >= 40]
    if not made:
        return tuple(sections)
    prose = made
    title, role = ("", SectionRole.OTHER) if excerpt else ("Abstract", SectionRole.ABSTRACT)
    if not sections:
        title, role = "Full text", SectionRole.OTHER
    opening = Section(number="", title=title, page=prose[0].page, role=role, paragraphs=tuple(prose))
    return _renumbered((opening, *sections))


def _every_line(lines: Sequence[Line]) -> list[Paragraph]:
    """What to give where nothing looks like a paragraph: a form, a slide, a page of two lines."""
    return [Paragraph(id=i, page=line.page, text=line.text) for i, line in enumerate(lines, start=1)]


def _renumbered(sections: Sequence[Section]) -> tuple[Section, ...]:
    counter = 0
    renumbered: list[Section] = []
    for section in sections:
        paragraphs = tuple(replace(p, id=counter + i) for i, p in enumerate(section.paragraphs, start=1))
        counter += len(paragraphs)
        renumbered.append(replace(section, paragraphs=paragraphs))
    return tuple(renumbered)


def _paragraphs(
    lines: Sequence[Line], role: SectionRole, measures: Measures, vocabulary: Vocabulary, counter: int
) -> list[Paragraph]:
    if role is SectionRole.REFERENCES:
        groups = entries_of(lines, measures)
    else:
        groups = paragraphs_of(without_cells(lines, measures), measures)
    made: list[Paragraph] = []
    for group in groups:
        paragraph = _paragraph(group, vocabulary, counter + len(made) + 1)
        if any(c.isalnum() for c in paragraph.text) and not _FRONT_MATTER.match(paragraph.text):
            made.append(paragraph)
    return made


def _paragraph(lines: Sequence[Line], vocabulary: Vocabulary, number: int) -> Paragraph:
    text, starts = joined_with_starts([line.text for line in lines], vocabulary)
    breaks = tuple(
        (_word_start(text, start), line.page)
        for last, line, start in zip(lines, lines[1:], starts[1:], strict=False)
        if line.page != last.page
    )
    return Paragraph(id=number, page=lines[0].page, text=text, breaks=breaks)


def _word_start(text: str, offset: int) -> int:
    """Where the first word at or after the offset begins: one broken over two pages belongs to the first."""
    while 0 < offset < len(text) and text[offset - 1].isalnum() and text[offset].isalnum():
        offset += 1
    return offset


def _links(
    targets: Sequence[str],
    sections: Sequence[Section],
    captions: Sequence[Caption],
    footnotes: Sequence[Line],
    vocabulary: Vocabulary,
) -> tuple[str, ...]:
    """Link targets of the PDF, then addresses that are only printed."""
    printed = [p.text for section in sections for p in section.paragraphs]
    printed += [each.text for each in captions]
    printed.append(joined([line.text for line in footnotes], vocabulary))
    found = dict.fromkeys(targets)
    for text in printed:
        for url in _URL.findall(text):
            if not any(known.startswith(url.rstrip("/")) for known in found):
                found[url] = None
    return tuple(found)
