"""Facts about a paper, as spans: who, what, where, why it matched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from digest.document import Bold, Code, Italic, Link, Span, Text
from digest.model import Analysis, Announcement, ArxivId, Digest, Field, Hit, Match, Paper
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


def identifier(paper: ArxivId) -> Span:
    """The versioned identifier, linked to its abs page; the name of a file that is not of arXiv."""
    return Link(str(paper), paper.abs_url) if paper.is_on_arxiv else Text(str(paper))


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
    own = own_links(analysis) if analysis else ()
    return dotted([identifier(paper), *readings(paper), *own])


def readings(paper: ArxivId) -> tuple[Link, ...]:
    """The paper on arXiv: abs page, PDF and HTML."""
    if not paper.is_on_arxiv:
        return ()
    return (Link("abs", paper.abs_url), Link("PDF", paper.pdf_url), Link("HTML", html_url(paper)))


def own_links(analysis: Analysis) -> tuple[Span, ...]:
    """The code and project pages that the paper names, each once."""
    return tuple(
        address(url) for url in dict.fromkeys(analysis.links) if url.startswith(("https://", "http://"))
    )


def phrases(hits: Sequence[Hit]) -> tuple[Span, ...]:
    """The keywords that matched, each once: `vla`, `world model` +2."""
    unique = list(dict.fromkeys(clean(hit.phrase) for hit in hits))
    line = _listed(unique[:_SHOWN_PHRASES])
    if len(unique) > _SHOWN_PHRASES:
        line.append(Text(f" +{len(unique) - _SHOWN_PHRASES}"))
    return tuple(line)


def _listed(phrases: Sequence[str]) -> list[Span]:
    line: list[Span] = []
    for phrase in phrases:
        line += [Text(", ")] if line else []
        line.append(Code(phrase))
    return line


def why(match: Match, words: Wording) -> tuple[Span, ...]:
    """Each keyword with the field it hit and the words around it, the hit in bold."""
    places: dict[tuple[Field, str], list[str]] = {}
    told: set[str] = set()
    for hit in match.hits:
        phrase = clean(hit.phrase)
        if phrase and phrase not in told:
            told.add(phrase)
            places.setdefault((hit.field, readable(hit.snippet)), []).append(phrase)
    line: list[Span] = []
    for (field, snippet), found in list(places.items())[:_SHOWN_PHRASES]:
        line.append(Text(words.semicolon if line else words.say.why))
        line += _listed(found)
        line.append(Text(" " + words.labels.fields[field]))
        line += [Text(words.colon), *_quoted(snippet, found)] if snippet else []
    if len(places) > _SHOWN_PHRASES:
        line.append(Text(f" +{len(places) - _SHOWN_PHRASES}"))
    return tuple(line)


def _quoted(snippet: str, found: Sequence[str]) -> list[Span]:
    """The snippet in quotation marks, the phrases in bold wherever they can be found."""
    patterns = [pattern for phrase in found if (pattern := _pattern(readable(phrase)))]
    line: list[Span] = [Text("“")]
    at = 0
    for hit in re.finditer("|".join(patterns), snippet, re.IGNORECASE) if patterns else ():
        line += [Text(snippet[at : hit.start()]), Bold(hit[0])]
        at = hit.end()
    return [*line, Text(snippet[at:] + "”")]


def _pattern(phrase: str) -> str:
    """A pattern for the phrase's words however they are joined, without its scope and quotation marks."""
    bare = re.sub(r"^\w+:", "", phrase).strip(" \"'“”*")
    words = [re.escape(word) for word in _SEPARATOR.split(bare) if word]
    return r"[\s\-‐‑–—/_]*".join(words)


def is_late(day: date, digest: Digest) -> bool:
    """Whether an announcement day should have been in an earlier digest of the channel.

    A digest told on the announcement day itself may still have missed it, where the clock is ahead of
    arXiv's; so that one counts only if a newer day is told along.
    """
    start = day.toordinal() + (0 if any(day < other for other in digest.days) else 1)
    between = range(start, digest.local_date.toordinal())
    return any(date.fromordinal(ordinal).weekday() in digest.weekdays for ordinal in between)
