"""The paper as a model is given it: numbered, fenced, and cut by whole sections where it is too long.

What this makes depends on the paper, the limit and this installation's secret alone, so that the digest,
/explain and every question send the same bytes, and a server's cache of prompts serves them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from digest.analysis.defence import fence_code, inside_fence
from digest.analysis.outline import roles
from digest.analysis.prompts import ACKNOWLEDGED, SYSTEM
from digest.analysis.tokens import estimate
from digest.fulltext import Caption, FullText, Paragraph, Section, SectionRole
from digest.model import Claim, Paper
from digest.ports import Turn

_MOST_AUTHORS = 20
_LABEL_TOKENS = 8  # of "[§3.1 p.4 ¶12]" and its line break


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A paper ready to be sent. `tokens` are an estimate for `text`; `left_out` names sections not in it.

    `pages_read` counts the pages that something of what is sent stands on.
    """

    text: str
    tokens: int
    left_out: tuple[str, ...] = ()
    pages_read: int = 0

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What every call about this paper begins with; the task follows."""
        return (Turn(role="system", text=SYSTEM), Turn(role="user", text=self.text), _READ)


_READ = Turn(role="assistant", text=ACKNOWLEDGED)  # many chat templates demand that speakers alternate


def source_of(paper: Paper, text: FullText | None, *, limit: int, secret: bytes) -> Source:
    """The whole paper but its references, or as many of its sections as fit in `limit` tokens.

    Appendices are left out first, then what comes last.
    """
    sections = body(text) if text is not None else ()
    captions = text.captions if text is not None else ()
    head = _head(paper, with_abstract=not _has_abstract(sections))
    room = limit - estimate(head) - sum(map(_caption_tokens, captions))
    kept = fitting(sections, max(0, room))
    left_out = not_sent(sections, kept)
    pages = _pages(kept)
    shown = captions if not left_out else tuple(c for c in captions if c.page <= max(pages, default=0))
    lines = [head, *(line for section in kept for line in _numbered(section)), *map(_captioned, shown)]
    sent = _fenced(lines, fence_code(secret, paper))
    read = text.pages_read if text is not None and not left_out else len(pages)
    return Source(text=sent, tokens=estimate(sent), left_out=left_out, pages_read=read)


def source_of_notes(paper: Paper, notes: Sequence[Claim], *, secret: bytes) -> Source:
    """The notes on a long paper's pieces, in place of the paper."""
    lines = [_head(paper, with_abstract=True)]
    for note in notes:
        label = f"p.{note.page} ¶{note.paragraph}" if note.paragraph else note.anchor or "Abstract"
        lines.append(f"[{label}] {inside_fence(note.text)} “{inside_fence(note.quote)}”")
    sent = _fenced(lines, fence_code(secret, paper))
    return Source(text=sent, tokens=estimate(sent))


def body(text: FullText) -> tuple[Section, ...]:
    """The sections with something to read, without the references; each with the role it really has."""
    return tuple(
        replace(section, role=role)
        for section, role in zip(text.sections, roles(text.sections), strict=True)
        if role is not SectionRole.REFERENCES and section.paragraphs
    )


def fitting(sections: Sequence[Section], room: int) -> tuple[Section, ...]:
    """The sections that stay when those left out are taken from the end, appendices first.

    A section too large to be all or nothing counts as several.
    """
    pieces = [piece for section in sections for piece in pieces_of(section, max(1, room // 4))]
    sizes = [section_tokens(piece) for piece in pieces]
    excess = sum(sizes) - room
    order = [i for i, piece in enumerate(pieces) if piece.role is SectionRole.APPENDIX][::-1]
    order += [i for i, piece in enumerate(pieces) if piece.role is not SectionRole.APPENDIX][::-1]
    dropped: set[int] = set()
    for index in order:
        if excess <= 0:
            break
        dropped.add(index)
        excess -= sizes[index]
    return tuple(sections) if not dropped else tuple(p for i, p in enumerate(pieces) if i not in dropped)


def pieces_of(section: Section, most: int) -> tuple[Section, ...]:
    """The section, cut between paragraphs into pieces of at most `most` tokens where it is larger."""
    if section_tokens(section) <= most:
        return (section,)
    pieces: list[list[Paragraph]] = [[]]
    size = 0
    for paragraph in section.paragraphs:
        tokens = estimate(paragraph.text) + _LABEL_TOKENS
        if pieces[-1] and size + tokens > most:
            pieces.append([])
            size = 0
        pieces[-1].append(paragraph)
        size += tokens
    return tuple(replace(section, page=piece[0].page, paragraphs=tuple(piece)) for piece in pieces)


def section_tokens(section: Section) -> int:
    """Tokens that a section takes when it is sent."""
    return sum(estimate(p.text) + _LABEL_TOKENS for p in section.paragraphs) + estimate(section.title) + 4


def name_of(section: Section) -> str:
    """How a section that was not read is named to people: "§4.1 Results", "Appendix", "p. 7 to 9"."""
    name = f"§{section.number} {section.title}" if section.number else section.title
    return inside_fence(name).strip() or f"p. {section.page}"


def not_sent(all_of: Sequence[Section], kept: Sequence[Section]) -> tuple[str, ...]:
    """The names of the sections of which something was not sent, once each, in order."""
    sent = {paragraph.id for section in kept for paragraph in section.paragraphs}
    names = [_what_is_missing(section, sent) for section in all_of]
    return tuple(dict.fromkeys(name for name in names if name))


def _what_is_missing(section: Section, sent: set[int]) -> str:
    missing = [paragraph for paragraph in section.paragraphs if paragraph.id not in sent]
    if not missing:
        return ""
    partly = len(missing) < len(section.paragraphs)
    return f"{name_of(section)} (from p. {missing[0].page})" if partly else name_of(section)


def _head(paper: Paper, *, with_abstract: bool) -> str:
    authors = ", ".join(paper.authors[:_MOST_AUTHORS])
    if len(paper.authors) > _MOST_AUTHORS:
        authors += f" and {len(paper.authors) - _MOST_AUTHORS} more"
    lines = [f"Title: {inside_fence(paper.title)}"]
    lines += [f"Authors: {inside_fence(authors)}"] if authors else []
    lines += [f"[Abstract] {inside_fence(paper.abstract)}"] if with_abstract and paper.abstract else []
    return "\n".join(lines)


def _has_abstract(sections: Iterable[Section]) -> bool:
    return any(section.role is SectionRole.ABSTRACT for section in sections)


def _numbered(section: Section) -> Iterator[str]:
    place = f"§{section.number} " if section.number else ""
    title = inside_fence(section.title)
    if title:
        yield f"{place or '§'}{title}"
    for paragraph in section.paragraphs:
        yield f"[{place}p.{paragraph.page} ¶{paragraph.id}] {inside_fence(paragraph.text)}"


def _captioned(caption: Caption) -> str:
    return f"[{inside_fence(caption.label)} p.{caption.page}] {inside_fence(caption.text)}"


def _caption_tokens(caption: Caption) -> int:
    return estimate(caption.text) + _LABEL_TOKENS


def _pages(sections: Iterable[Section]) -> frozenset[int]:
    return frozenset(paragraph.page for section in sections for paragraph in section.paragraphs)


def _fenced(lines: Iterable[str], code: str) -> str:
    inside = "\n".join(lines).replace(code, "")
    return f"<paper {code}>\n{inside}\n</paper {code}>"
