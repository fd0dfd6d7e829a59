"""From the PDF library's spans (runs of one font) to lines, footnote marks taken off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

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
    runs = _runs(spans)
    main = _main_run(runs)
    size = main.size
    raised = len(runs) > 1 and any(
        run.size < 0.86 * size and (run.flags & _SUPERSCRIPT or run is runs[0]) for run in runs
    )
    mark, text = _without_marks(runs, size) if raised else ("", "".join([run.text for run in runs]))
    text = clean(text).strip()
    if not text:
        return None
    bold, label = _boldness(runs, text)
    x0, y0, x1, y1 = box
    return Line(
        page=page,
        text=text,
        size=size,
        bold=bold,
        italic=all(run.flags & _ITALIC or run.text.isspace() for run in runs),
        caps=len(runs) > 1 and not raised and _small_capitals(runs),
        x0=x0,
        y0=y0,
        x1=x1,
        y1=y1,
        baseline=main.baseline,
        block=block,
        mark=clean(mark).strip(),
        label=label,
        left=x0,
        right=x1,
    )


class _Run(NamedTuple):
    """Neighbouring spans of one font and size. The library begins a new span at every wide space."""

    text: str
    size: float
    flags: int
    font: str
    baseline: float


def _runs(spans: Spans) -> list[_Run]:
    runs: list[_Run] = []
    parts: list[str] = []
    first = spans[0]
    for span in spans:
        if (
            span["font"] == first["font"]
            and span["size"] == first["size"]
            and span["flags"] == first["flags"]
        ):
            parts.append(span["text"])
        else:
            runs.append(_run(first, parts))
            first, parts = span, [span["text"]]
    runs.append(_run(first, parts))
    return runs


def _run(span: dict[str, Any], parts: list[str]) -> _Run:
    return _Run("".join(parts), span["size"], span["flags"], span["font"], span["origin"][1])


def _main_run(runs: list[_Run]) -> _Run:
    """A run of the size that most characters have."""
    if len(runs) == 1:
        return runs[0]
    counts: dict[float, int] = {}
    for run in runs:
        counts[run.size] = counts.get(run.size, 0) + len(run.text.strip())
    best = max(counts, key=lambda size: (counts[size], size))
    return next(run for run in runs if run.size == best)


def _without_marks(runs: list[_Run], size: float) -> tuple[str, str]:
    """The leading mark, and the text without footnote marks and with ^ before exponents of numbers."""
    mark, text = "", ""
    for run in runs:
        part = run.text
        raised = run.size < 0.86 * size and (run.flags & _SUPERSCRIPT or not text.strip())
        if not raised or not part.strip():
            text += part
        elif not text.strip() and _MARK.match(part):
            mark += part
        elif _MARKED_WORD.search(text[-20:]) and _MARK.match(part):
            continue
        elif text[-1:].isdigit():
            # "10" is raised to a power; "v3.0.0" and "2020" carry a mark.
            text += "^" + part if _POWER_OF.search(text[-20:]) or not part.strip().isdigit() else ""
        else:
            text += part
    return mark, text


def _boldness(runs: list[_Run], text: str) -> tuple[bool, str]:
    """Whether the whole line is bold; if only its beginning is, that beginning."""
    heavy = [run.flags & _BOLD > 0 or _is_bold(run.font) for run in runs]
    if all(heavy):
        return True, ""
    if not any(heavy):
        return False, ""
    strong = sum(len(run.text.strip()) for run, is_heavy in zip(runs, heavy, strict=True) if is_heavy)
    if strong >= 0.9 * len(text.replace(" ", "")):
        return True, ""
    leading: list[str] = []
    for run, is_heavy in zip(runs, heavy, strict=True):
        if not is_heavy and not run.text.isspace():
            break
        leading.append(run.text)
    return False, clean("".join(leading)).strip()


@lru_cache(maxsize=1024)
def _is_bold(font: str) -> bool:
    return bool(_BOLD_FONT.search(font))


def _small_capitals(runs: list[_Run]) -> bool:
    """Large and small capitals in one line, nothing lower-case in the smaller size."""
    largest = max(run.size for run in runs)
    small = "".join([run.text for run in runs if run.size < 0.9 * largest])
    return len(small) > 2 and small.isupper()
