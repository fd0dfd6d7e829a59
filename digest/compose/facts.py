"""Facts about a paper, as spans: who, what, where, why it matched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from digest.document import Bold, Code, Italic, Link, Span, Text
from digest.model import Analysis, Announcement, ArxivId, Hit, Match, Paper
from digest.readable import clean, readable
from digest.wording import Wording

_SHOWN_AUTHORS = 3
_SHOWN_PHRASES = 4
_SEPARATOR = re.compile(r"[\s\-‐‑–—/_]+")
_HTTPS = re.compile(r"https://[\w.-]+(?::\d+)?(?:[/?#][^\s<>\"\\^`{|}]*)?", re.ASCII)

Piece = Span | str | Sequence[Span | str]


def dotted(pieces: Iterable[Piece]) -> tuple[Span, ...]:
    """The pieces in one line, " · " between them; empty ones are left out."""
    line: list[Span] = []
    for piece in pieces:
        if piece == "" or piece == ():
            continue
        if line:
            line.append(Text(" · "))
        parts = (piece,) if isinstance(piece, str | Text | Bold | Italic | Code | Link) else piece
        line.extend(Text(part) if isinstance(part, str) else part for part in parts)
    return tuple(line)


def title(paper: Paper) -> str:
    """The title as people read it."""
    return readable(paper.title) or str(paper.id)


def identifier(paper: ArxivId) -> Link:
    """The versioned identifier, linked to its abs page."""
    return Link(str(paper), paper.abs_url)


def html_url(paper: ArxivId) -> str:
    return f"https://arxiv.org/html/{paper}"


def address(url: str) -> Span:
    """A link that shows where it leads; anything but a plain https address stays text."""
    url = clean(url)
    if not _HTTPS.fullmatch(url):
        return Text(url)
    shown = url.removeprefix("https://").removeprefix("www.").rstrip("/")
    return Link(shown if len(shown) <= 60 else shown[:59] + "…", url)


def some_authors(paper: Paper, words: Wording) -> str:
    """All of up to three authors, else the first two and how many more: "Peng Chen, Pi Bu +10"."""
    names = [clean(name) for name in paper.authors]
    if len(names) <= _SHOWN_AUTHORS:
        return ", ".join(names)
    shown = ", ".join(names[: _SHOWN_AUTHORS - 1])
    return words.say.more_authors.format(
        authors=shown, n=len(names) - _SHOWN_AUTHORS + 1, total=f"{len(names):,}"
    )


def about(
    paper: Paper, analysis: Analysis | None, words: Wording, announcement: Announcement | None = None
) -> tuple[Span, ...]:
    """Who and when, in one line: authors, category, pages, dates, comment, journal."""
    submitted = (
        words.say.first_submitted.format(date=words.short_year(paper.submitted)) if paper.submitted else ""
    )
    return dotted(
        [
            some_authors(paper, words),
            paper.primary_category or "",
            words.say.pages(analysis.basis.pages) if analysis and analysis.basis.pages else "",
            submitted,
            announced(announcement, words) if announcement else "",
            readable(paper.comment or ""),
            readable(paper.journal_ref or ""),
        ]
    )


def announced(item: Announcement, words: Wording) -> str:
    """ "announced Tuesday 30 June (revised)"."""
    day = words.say.announced.format(date=words.weekday_date(item.day))
    return day + words.bracketed(words.labels.types[item.type])


def places(paper: ArxivId, analysis: Analysis | None) -> tuple[Span, ...]:
    """Where to read it: identifier, abs, PDF, HTML and the paper's own links."""
    own = [address(url) for url in dict.fromkeys(analysis.links)] if analysis else []
    return dotted(
        [
            identifier(paper),
            Link("abs", paper.abs_url),
            Link("PDF", paper.pdf_url),
            Link("HTML", html_url(paper)),
            *own,
        ]
    )


def phrases(hits: Sequence[Hit], words: Wording) -> tuple[Span, ...]:
    """The keywords that matched, each once: `vla`, `world model` +2."""
    unique = list(dict.fromkeys(clean(hit.phrase) for hit in hits))
    line: list[Span] = []
    for phrase in unique[:_SHOWN_PHRASES]:
        line += [Text(", ")] if line else []
        line.append(Code(phrase))
    if len(unique) > _SHOWN_PHRASES:
        line.append(Text(f" +{len(unique) - _SHOWN_PHRASES}"))
    return tuple(line)


def why(match: Match, words: Wording) -> tuple[Span, ...]:
    """Each keyword with the field it hit and the words around it, the hit in bold."""
    first: dict[str, Hit] = {}
    for hit in match.hits:
        first.setdefault(clean(hit.phrase), hit)
    line: list[Span] = []
    for phrase, hit in list(first.items())[:_SHOWN_PHRASES]:
        line.append(Text("; " if line else words.say.why))
        line += [Code(phrase), Text(" " + words.labels.fields[hit.field])]
        line += [Text(words.colon), *quoted(hit)] if hit.snippet.strip() else []
    if len(first) > _SHOWN_PHRASES:
        line.append(Text(f" +{len(first) - _SHOWN_PHRASES}"))
    return tuple(line)


def quoted(hit: Hit) -> tuple[Span, ...]:
    """The snippet in quotation marks with the hit in bold, where it can be found."""
    snippet = readable(hit.snippet)
    found = _found(readable(hit.phrase), snippet)
    if found is None:
        return (Text(f"“{snippet}”"),)
    start, end = found
    return (Text(f"“{snippet[:start]}"), Bold(snippet[start:end]), Text(f"{snippet[end:]}”"))


def _found(phrase: str, snippet: str) -> tuple[int, int] | None:
    """Where the phrase’s words stand in the snippet, however they are joined."""
    bare = re.sub(r"^\w+:", "", phrase).strip(" \"'“”*")
    tokens = [re.escape(word) for word in _SEPARATOR.split(bare) if word]
    if not tokens:
        return None
    match = re.search(r"[\s\-‐‑–—/_]*".join(tokens), snippet, re.IGNORECASE)
    return match.span() if match and match.end() > match.start() else None


def is_late(day: date, days: Sequence[date], local_date: date) -> bool:
    """Whether an announcement day should have been told before: a newer one is told along with it, or a
    working day lies between it and the digest's date.
    """
    if any(day < other for other in days):
        return True
    between = range(day.toordinal() + 1, local_date.toordinal())
    return any(date.fromordinal(ordinal).weekday() < 5 for ordinal in between)
