"""From the PDF library's spans (runs of one font) to lines, footnote marks taken off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from digest.reading.characters import clean
from digest.reading.lines import Line, PageLines

_SUPERSCRIPT, _ITALIC, _BOLD = 1, 2, 16
_BOLD_FONT = re.compile(
    r"bold|medi|heavy|black|semib|demi|CMBX|\bCMB\d|SFBX|LMRoman\d+-Bold|Bd\b", re.IGNORECASE
)
_MARK = re.compile(r"[\d,;*∗†‡§¶∥‖#a-z♮♯✉ ]{1,7}$")
# A raised sign after these is a mark; after a digit, a unit or a variable it is an exponent.
_POWER_OF = re.compile(r"(?:^|[^\w.])(?:\d|10|\d+\.\d+)$")
_MARKED_WORD = re.compile(r"(?:[^\W\d_]{3,}|[.,;:!?)\]”\"’'…])\s?$")

Spans = list[dict[str, Any]]


def page_lines(
    raw: dict[str, Any],
    *,
    number: int,
    width: float,
    height: float,
    remains: Mapping[tuple[int, int, int], str] = MappingProxyType({}),
) -> PageLines:
    """The visible horizontal lines of a page from `get_text("dict")`.

    `remains` gives, by (block, line, span), what is visible of spans that hide something. Rotated
    lines are left out: arXiv's stamp, axis titles, sideways tables.
    """
    lines = tuple(_lines(raw["blocks"], number, remains))
    return PageLines(number=number, width=width, height=height, lines=lines)


def _lines(
    blocks: list[dict[str, Any]], page: int, remains: Mapping[tuple[int, int, int], str]
) -> Iterator[Line]:
    for b, block in enumerate(blocks):
        for n, line in enumerate(block.get("lines", ())):
            if line["dir"][0] < 0.985:
                continue
            spans: Spans = line["spans"]
            if remains:
                spans = _visible(spans, b, n, remains)
            made = _line(spans, page, b, line["bbox"]) if spans else None
            if made is not None:
                yield made


def _visible(spans: Spans, block: int, line: int, remains: Mapping[tuple[int, int, int], str]) -> Spans:
    """The spans with only what can be seen of them."""
    visible: Spans = []
    for s, span in enumerate(spans):
        text = remains.get((block, line, s))
        if text is None:
            visible.append(span)
        elif text:
            visible.append(span | {"text": text})
    return visible


def _line(spans: Spans, page: int, block: int, box: tuple[float, float, float, float]) -> Line | None:
    sizes = [span["size"] for span in spans]
    flags = [span["flags"] for span in spans]
    size, main = _main_size(spans, sizes)
    raised = min(sizes) < 0.86 * size and (sizes[0] < 0.86 * size or any(f & _SUPERSCRIPT for f in flags))
    mark, text = _without_marks(spans, size) if raised else ("", "".join([s["text"] for s in spans]))
    text = clean(text).strip()
    if not text:
        return None
    bold, label = _boldness(spans, flags, text)
    italic = all(
        flag & _ITALIC for flag, span in zip(flags, spans, strict=True) if not span["text"].isspace()
    )
    x0, y0, x1, y1 = box
    return Line(
        page=page,
        text=text,
        size=size,
        bold=bold,
        italic=italic,
        caps=not raised and _small_capitals(spans, sizes, size),
        x0=x0,
        y0=y0,
        x1=x1,
        y1=y1,
        baseline=main["origin"][1],
        block=block,
        mark=clean(mark).strip(),
        label=label,
        left=x0,
        right=x1,
    )


def _main_size(spans: Spans, sizes: list[float]) -> tuple[float, dict[str, Any]]:
    """The size that most characters have, and a span of that size."""
    if max(sizes) - min(sizes) < 0.01:
        return sizes[0], spans[0]
    counts: dict[float, int] = {}
    for span, size in zip(spans, sizes, strict=True):
        counts[size] = counts.get(size, 0) + len(span["text"].strip())
    best = max(counts, key=lambda size: (counts[size], size))
    return best, spans[sizes.index(best)]


def _without_marks(spans: Spans, size: float) -> tuple[str, str]:
    """The leading mark, and the text without footnote marks and with ^ before exponents of numbers."""
    mark, text = "", ""
    for span in spans:
        part: str = span["text"]
        raised = span["size"] < 0.86 * size and (span["flags"] & _SUPERSCRIPT or not text.strip())
        if not raised or not part.strip():
            text += part
        elif not text.strip() and _MARK.match(part):
            mark += part
        elif _MARKED_WORD.search(text) and _MARK.match(part):
            continue
        elif text[-1:].isdigit():
            # "10" is raised to a power; "v3.0.0" and "2020" carry a mark.
            text += "^" + part if _POWER_OF.search(text) or not part.strip().isdigit() else ""
        else:
            text += part
    return mark, text


def _boldness(spans: Spans, flags: list[int], text: str) -> tuple[bool, str]:
    """Whether the whole line is bold; if only its beginning is, that beginning."""
    heavy = [flag & _BOLD > 0 or _is_bold(span["font"]) for flag, span in zip(flags, spans, strict=True)]
    if all(heavy):
        return True, ""
    if not any(heavy):
        return False, ""
    strong = sum(len(s["text"].strip()) for s, h in zip(spans, heavy, strict=True) if h)
    if strong >= 0.9 * len(text.replace(" ", "")):
        return True, ""
    leading: list[str] = []
    for span, is_heavy in zip(spans, heavy, strict=True):
        if not is_heavy and not span["text"].isspace():
            break
        leading.append(span["text"])
    return False, clean("".join(leading)).strip()


@lru_cache(maxsize=1024)
def _is_bold(font: str) -> bool:
    return bool(_BOLD_FONT.search(font))


def _small_capitals(spans: Spans, sizes: list[float], size: float) -> bool:
    """Large and small capitals in one line, nothing lower-case in the smaller size."""
    if max(sizes) - min(sizes) < 0.1 * size:
        return False
    small = [span["text"] for span, each in zip(spans, sizes, strict=True) if each < 0.95 * max(sizes)]
    letters = "".join(small)
    return len(letters) > 2 and letters.isupper()
