"""Papers for other programs: BibTeX for papers that are written, CSV for tables, Markdown for notes."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from digest.document import Document, Heading, Link, Span, Text, bullets
from digest.markdown import markdown as as_markdown
from digest.model import ArxivId, Paper
from digest.readable import clean, readable


class Format(StrEnum):
    """What papers can be exported as; also the ending of the file's name."""

    BIB = "bib"
    CSV = "csv"
    MD = "md"


def export(papers: Iterable[Paper], form: Format, *, heading: str = "") -> str:
    """The papers as the text of a file, each once, in their order; the heading is Markdown's alone."""
    several = tuple({paper.id.id: paper for paper in papers}.values())
    match form:
        case Format.BIB:
            return bibtex(several)
        case Format.CSV:
            return csv_table(several)
        case Format.MD:
            return markdown(several, heading=heading)


# What BibTeX and LaTeX would act on. Braces are written as commands, since BibTeX counts even escaped ones.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_"},
}
_SKIPPED = frozenset(
    {"a", "an", "the", "on", "of", "in", "for", "to", "and", "with", "towards", "toward", "from"}
)


def bibtex(papers: Sequence[Paper]) -> str:
    """One @misc entry per paper, as arXiv itself gives them, under keys like "chen2025combatvla".

    Text is UTF-8, as biber and today's BibTeX take it. A key that is taken gets a letter.
    """
    taken: set[str] = set()
    entries = []
    for paper in papers:
        key = _unique(_key(paper), taken)
        taken.add(key)
        fields = "".join(f"  {name:<13} = {{{value}}},\n" for name, value in _fields(paper) if value)
        entries.append(f"@misc{{{key},\n{fields}}}\n")
    return "\n".join(entries)


def _fields(paper: Paper) -> tuple[tuple[str, str], ...]:
    return (
        ("title", f"{{{_escaped(readable(paper.title) or str(paper.id))}}}"),  # the braces keep capitals
        ("author", " and ".join(_author(name) for name in paper.authors if clean(name))),
        ("year", str(year(paper))),
        ("eprint", paper.id.id),
        ("archivePrefix", "arXiv"),
        ("primaryClass", paper.primary_category or ""),
        ("doi", _escaped(clean(paper.doi or ""))),
        ("note", _escaped(readable(paper.journal_ref or ""))),
        ("url", paper.id.bare.abs_url),
    )


def _author(name: str) -> str:
    """A name; in braces where BibTeX would take it for two names, or for "family, given"."""
    written = _escaped(readable(name))
    return f"{{{written}}}" if "," in written or re.search(r"\band\b", written, re.IGNORECASE) else written


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)


def _key(paper: Paper) -> str:
    first = _letters(paper.authors[0].split()[-1]) if paper.authors and paper.authors[0].split() else ""
    words = (_letters(word) for word in re.split(r"[\s:/–—-]+", readable(paper.title)))
    telling = next((word for word in words if word and word not in _SKIPPED), "")
    return f"{first}{year(paper)}{telling[:24]}" if first else f"arxiv{_letters(paper.id.id)}"


def _letters(text: str) -> str:
    """The text's letters and digits in ASCII, small: "Müller" is "muller"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]", "", plain)


def _unique(key: str, taken: set[str]) -> str:
    number = 0
    candidate = key
    while candidate in taken:
        number += 1
        candidate = key + _letter(number)
    return candidate


def _letter(number: int) -> str:
    """1 is "a", 26 is "z", 27 is "aa"."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def year(paper: Paper) -> int:
    """When it was first submitted, as its metadata or else its identifier tells."""
    if paper.submitted is not None:
        return paper.submitted.year
    digits = re.search(r"\d{2}", paper.id.id.rpartition("/")[2])
    short = int(digits[0]) if digits else 0
    return 1900 + short if short >= 91 else 2000 + short  # arXiv began in 1991


_COLUMNS: tuple[tuple[str, Callable[[Paper], str]], ...] = (
    ("id", lambda paper: paper.id.id),
    ("title", lambda paper: readable(paper.title)),
    ("authors", lambda paper: "; ".join(clean(name) for name in paper.authors)),
    ("year", lambda paper: str(year(paper))),
    ("submitted", lambda paper: paper.submitted.isoformat() if paper.submitted else ""),
    ("primary_category", lambda paper: paper.primary_category or ""),
    ("categories", lambda paper: " ".join(paper.categories)),
    ("comment", lambda paper: readable(paper.comment or "")),
    ("journal_ref", lambda paper: readable(paper.journal_ref or "")),
    ("doi", lambda paper: clean(paper.doi or "")),
    ("url", lambda paper: paper.id.bare.abs_url),
    ("pdf", lambda paper: paper.id.bare.pdf_url),
)


def csv_table(papers: Sequence[Paper]) -> str:
    """A table with a header, as RFC 4180 has it.

    A cell that a spreadsheet would take for a formula begins with an apostrophe:
    https://owasp.org/www-community/attacks/CSV_Injection.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([name for name, _ in _COLUMNS])
    for paper in papers:
        writer.writerow([_inert(value(paper)) for _, value in _COLUMNS])
    return out.getvalue()


def _inert(cell: str) -> str:
    # Full-width signs count, too: spreadsheets of East Asian systems read them as the plain ones.
    return f"'{cell}" if cell[:1] in tuple("=+-@＝＋－＠\t\r\n") else cell


def markdown(papers: Sequence[Paper], *, heading: str = "") -> str:
    """A list of linked titles with authors, category and comment."""
    opening = (Heading(heading, 1),) if heading else ()
    return as_markdown(Document((*opening, bullets([_line(paper) for paper in papers]))))


def _line(paper: Paper) -> tuple[Span, ...]:
    facts = (
        ", ".join(clean(name) for name in paper.authors),
        str(year(paper)),
        paper.primary_category or "",
        readable(paper.comment or ""),
    )
    link = Link(readable(paper.title) or str(paper.id), ArxivId(paper.id.id).abs_url)
    return (link, Text("".join(f" · {fact}" for fact in facts if fact)))
