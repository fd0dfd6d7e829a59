"""The one place that talks to PyMuPDF. Runs in the worker process only."""

# PyMuPDF is only partly typed.
# mypy: disallow-untyped-calls = false
from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pymupdf

from digest.errors import FullTextError
from digest.fulltext import FullText, HiddenText
from digest.reading.assemble import full_text
from digest.reading.characters import clean
from digest.reading.hidden import Found, Sheet, clipped_text, find_hidden, suspicious_lines
from digest.reading.ink import Grey
from digest.reading.limits import Limits
from digest.reading.lines import Bookmark, PageLines, Source
from digest.reading.overprint import overlapping_lines, overprinted
from digest.reading.spans import page_lines

# Images are pixels we never look at; ligatures break keyword search; a page's ActualText may say anything.
_FLAGS = (
    pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES & ~pymupdf.TEXT_PRESERVE_LIGATURES
    | pymupdf.TEXT_IGNORE_ACTUALTEXT
)
_WITH_CLIPPED = _FLAGS & ~pymupdf.TEXT_CLIP
# Text beside the page is wanted too: it is hidden text.
_EVERYWHERE = pymupdf.Rect(-20_000, -20_000, 40_000, 40_000)
_LINES = 3000  # a page has 150; drawings with many labels have some hundreds
_RENDERED = 2500  # pixels of the longer side at most

# What MuPDF says of a page whose commands end in the midst or cannot be unpacked.
_BROKEN = re.compile(r"page may not be correct|content stream|zlib error|premature end", re.IGNORECASE)
_MUPDF_ERRORS = (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase)

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def read_pdf(pdf: bytes, limits: Limits) -> FullText:
    """Read a PDF in this process. Raises `FullTextError` when it cannot be read at all."""
    with open_pdf(pdf) as document:
        source = read_source(document, limits)
    pymupdf.TOOLS.store_shrink(100)
    if not source.read and source.failed:
        raise FullTextError("None of the PDF's pages can be read: it is damaged or far too large.")
    return full_text(source)


def open_pdf(pdf: bytes) -> pymupdf.Document:
    """Open a PDF. Raises `FullTextError` when it is something else, damaged, or locked by a password."""
    refusal = not_a_pdf(pdf)
    if refusal:
        raise FullTextError(refusal)
    try:
        document = pymupdf.open(stream=pdf, filetype="pdf")
        locked = document.needs_pass and not document.authenticate("")
        pages = 0 if locked else document.page_count
    except _MUPDF_ERRORS as error:
        raise FullTextError("The PDF is damaged and cannot be opened.") from error
    if locked:
        raise FullTextError("The PDF is locked with a password.")
    if pages == 0:
        raise FullTextError("The PDF has no pages.")
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


def read_source(document: pymupdf.Document, limits: Limits, *, detect: bool = True) -> Source:
    """Lines, hidden text, bookmarks and links of as many pages as the limits allow.

    `detect` is False only where the cost of looking for hidden text is measured.
    """
    deadline = time.process_time() + limits.seconds * 2 / 3
    read: list[PageLines] = []
    crowded: list[int] = []
    hidden: list[HiddenText] = []
    failed: list[int] = []
    broken: list[int] = []
    links: dict[str, None] = {}
    for index in range(min(document.page_count, limits.pages)):
        if time.process_time() > deadline:
            break
        pymupdf.TOOLS.reset_mupdf_warnings()
        try:
            page = document[index]
            lines, found = _read_page(page, detect=detect)
            if len(lines.lines) >= _LINES:
                crowded.append(index + 1)
            links.update(dict.fromkeys(_links(page)))
        except _MUPDF_ERRORS:
            failed.append(index + 1)
            continue
        if _BROKEN.search(pymupdf.TOOLS.mupdf_warnings()):
            broken.append(index + 1)
        read.append(lines)
        hidden.extend(found)
    return Source(
        pages=document.page_count,
        read=tuple(read),
        hidden=tuple(hidden),
        failed=tuple(failed),
        crowded=tuple(crowded),
        broken=tuple(broken),
        repaired=bool(document.is_repaired),
        bookmarks=tuple(_bookmarks(document)),
        title=clean((document.metadata or {}).get("title") or "").strip(),
        links=tuple(links),
    )


def _read_page(page: pymupdf.Page, *, detect: bool) -> tuple[PageLines, tuple[HiddenText, ...]]:
    number, width, height = page.number + 1, page.rect.width, page.rect.height
    turn = page.rotation_matrix
    textpage = page.get_textpage(flags=_FLAGS, clip=_EVERYWHERE, matrix=turn)
    raw = _cut(textpage.extractDICT())
    if not detect:
        return page_lines(raw, number=number, width=width, height=height), ()
    sheet = Sheet(number=number, width=width, height=height, grey=_grey(page))
    found = Found()
    lines = suspicious_lines(raw, sheet)
    pairs = overlapping_lines(raw)
    if lines or pairs:
        sheet = sheet.with_drawing(
            tuple((kind, tuple(pymupdf.Rect(box) * turn)) for kind, box in page.get_bboxlog())
        )
        covered = overprinted(raw, pairs, sheet)
        if lines or covered:
            found = find_hidden(_cut(textpage.extractRAWDICT()), lines | covered, sheet, covered)
    whole = page.get_textpage(flags=_WITH_CLIPPED, clip=_EVERYWHERE, matrix=turn)
    clipped: tuple[HiddenText, ...] = ()
    if len(whole.extractText()) > len(textpage.extractText()):
        clipped = clipped_text(whole.extractRAWDICT(), textpage.extractRAWDICT(), number)
    kept = page_lines(raw, number=number, width=width, height=height, remains=found.remains)
    return kept, (*found.texts, *clipped)


def _cut(raw: dict[str, Any]) -> dict[str, Any]:
    """The page's first `_LINES` lines: what only a bomb has more of costs no more than a page."""
    room = _LINES
    for block in raw["blocks"]:
        if "lines" in block:
            block["lines"] = block["lines"][:room]
            room -= len(block["lines"])
    return raw


def _grey(page: pymupdf.Page) -> Grey | None:
    """The page in grey, a pixel a point; None for a page so large that letters would vanish."""
    scale = min(1.0, _RENDERED / max(page.rect.width, page.rect.height, 1))
    if scale < 0.6:
        return None
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csGRAY, alpha=False)
    return Grey(pixels.width, pixels.height, pixels.stride, bytes(pixels.samples_mv), scale)


def _links(page: pymupdf.Page) -> Iterator[str]:
    # Straight from MuPDF: `get_links` takes ten to twenty times as long.
    link = pymupdf.mupdf.fz_load_links(page.this if _is_fz(page) else page.this.super())
    while link.m_internal:
        uri = str(link.m_internal.uri or "")
        if uri.startswith(("http://", "https://")):
            yield uri
        link = link.next()


def _is_fz(page: pymupdf.Page) -> bool:
    return isinstance(page.this, pymupdf.mupdf.FzPage)


def _bookmarks(document: pymupdf.Document) -> Iterator[Bookmark]:
    try:
        entries = document.get_toc(simple=True)
    except _MUPDF_ERRORS:
        return
    for level, title, page in entries:
        text = clean(str(title)).strip()
        if text and page > 0:
            yield Bookmark(level=int(level), title=text, page=int(page))
