"""The one place that talks to PyMuPDF. Runs in the worker process only."""

# PyMuPDF is only partly typed.
# mypy: disallow-untyped-calls = false
from __future__ import annotations

import time
from collections.abc import Iterator

import pymupdf

from digest.errors import FullTextError
from digest.fulltext import FullText
from digest.reading.assemble import full_text
from digest.reading.characters import clean
from digest.reading.limits import Limits
from digest.reading.lines import Bookmark, PageLines, Source
from digest.reading.spans import page_lines

# Images are pixels we never look at, and ligatures break keyword search. `sort` interleaves columns: never.
_FLAGS = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES & ~pymupdf.TEXT_PRESERVE_LIGATURES

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def read_pdf(pdf: bytes, limits: Limits) -> FullText:
    """Read a PDF in this process. Raises `FullTextError` when it cannot be read at all."""
    with open_pdf(pdf) as document:
        source = read_source(document, page_cap=limits.pages, seconds=limits.seconds * 2 / 3)
    pymupdf.TOOLS.store_shrink(100)
    return full_text(source)


def open_pdf(pdf: bytes) -> pymupdf.Document:
    """Open a PDF. Raises `FullTextError` when it is something else, damaged, or locked by a password."""
    refusal = not_a_pdf(pdf)
    if refusal:
        raise FullTextError(refusal)
    try:
        document = pymupdf.open(stream=pdf, filetype="pdf")
    except (RuntimeError, ValueError) as error:
        raise FullTextError("The PDF is damaged and cannot be opened.") from error
    if document.needs_pass and not document.authenticate(""):
        raise FullTextError("The PDF is locked with a password.")
    return document


def not_a_pdf(data: bytes) -> str:
    """One sentence saying what the bytes are instead of a PDF; empty if they look like one."""
    if not data.strip():
        return "The file is empty."
    if b"%PDF-" in data[:1024]:
        return ""
    start = data[:1024].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head")) or b"<html" in start:
        return "The file is a web page, not a PDF."
    if start.startswith(b"pk\x03\x04"):
        return "The file is a ZIP archive, not a PDF."
    if start.startswith(b"%!ps"):
        return "The file is PostScript, not a PDF."
    if start.startswith(b"\x1f\x8b"):
        return "The file is a gzip archive, not a PDF."
    return "The file is not a PDF."


def read_source(document: pymupdf.Document, *, page_cap: int, seconds: float) -> Source:
    """Lines, bookmarks and links of the first `page_cap` pages, or as many as `seconds` of CPU allow."""
    deadline = time.process_time() + seconds
    read: list[PageLines] = []
    links: dict[str, None] = {}
    for index in range(min(document.page_count, page_cap)):
        if time.process_time() > deadline:
            break
        page = document[index]
        textpage = page.get_textpage(flags=_FLAGS)
        read.append(page_lines(textpage.extractDICT(), number=index + 1))
        links.update(dict.fromkeys(_links(page)))
    return Source(
        pages=document.page_count,
        read=tuple(read),
        bookmarks=tuple(_bookmarks(document)),
        title=clean((document.metadata or {}).get("title") or "").strip(),
        links=tuple(links),
    )


def _links(page: pymupdf.Page) -> Iterator[str]:
    for link in page.get_links():
        uri = str(link.get("uri") or "")
        if uri.startswith(("http://", "https://")):
            yield uri


def _bookmarks(document: pymupdf.Document) -> Iterator[Bookmark]:
    for level, title, page in document.get_toc(simple=True):
        text = clean(str(title)).strip()
        if text and page > 0:
            yield Bookmark(level=int(level), title=text, page=int(page))
