"""Text that is in the PDF but not on the page: found by its attributes, its place, and the ink it leaves."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from digest.fulltext import HiddenText
from digest.reading.characters import clean
from digest.reading.ink import Box, Grey
from digest.reading.wording import is_instruction

_FILLED_OR_STROKED = 16 | 32
_TINY = 2.0  # points
_TRANSPARENT = 26  # of 255
_LIGHT = 0.85  # luminance, 0 black to 1 white
_REPORTED = 6  # letters: fewer are stray signs of a drawing
_EVEN = 4  # glyphs without ink in a row that cannot be chance
_PAINTS = ("fill-path", "fill-image", "fill-shade", "fill-imgmask")
_HARD = ("off-page", "tiny", "invisible", "transparent")

Index = tuple[int, int, int]  # block, line, span


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page as the detector sees it: its size in points, its picture, and what is drawn in what order."""

    number: int
    width: float
    height: float
    grey: Grey | None
    drawn: tuple[tuple[str, Box], ...] = ()
    paints: tuple[tuple[int, Box], ...] = ()  # what of it could cover text, with its place in that order

    def with_drawing(self, drawn: tuple[tuple[str, Box], ...]) -> Sheet:
        """The sheet with the page's drawing log, as `get_bboxlog` gives it."""
        paints = tuple((n, box) for n, (kind, box) in enumerate(drawn) if kind in _PAINTS)
        return replace(self, drawn=drawn, paints=paints)

    @property
    def images(self) -> tuple[Box, ...]:
        return tuple(box for kind, box in self.drawn if kind == "fill-image")

    def covers(self, x: float, y: float) -> bool:
        """Whether something is painted over a point after text was drawn there."""
        over = [n for n, box in self.paints if _holds(box, x, y)]
        return bool(over) and any(
            kind.endswith("text") and _holds(box, x, y) for kind, box in self.drawn[: max(over)]
        )

    def is_printed_over(self, x: float, y: float) -> bool:
        """Whether a point was written on, painted over, and written on again."""
        here = [kind for kind, box in self.drawn if _holds(box, x, y)]
        texts = [n for n, kind in enumerate(here) if kind.endswith("text")]
        return bool(texts) and any(kind in _PAINTS for kind in here[texts[0] : texts[-1]])


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is hidden on one page: texts to report, and what remains visible of each touched span."""

    texts: tuple[HiddenText, ...] = ()
    remains: Mapping[Index, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Glyph:
    span: int
    char: str
    reason: str


def suspicious_lines(raw: dict[str, Any], sheet: Sheet) -> set[tuple[int, int]]:
    """(block, line) of the lines that may hide something: a quick look at attributes and evenness."""
    return {
        (b, n)
        for b, block in enumerate(raw["blocks"])
        for n, line in enumerate(block.get("lines", ()))
        if _is_suspicious(line, sheet)
    }


def _is_suspicious(line: dict[str, Any], sheet: Sheet) -> bool:
    group: list[dict[str, Any]] = []
    for span in line["spans"]:
        if _attribute(span) or _is_light(span["color"]) or _outside(span["bbox"], sheet):
            return bool(line_text(line).strip())
        if span["text"].isspace():
            continue
        if group and span["bbox"][0] - group[-1]["bbox"][2] > 0.6 * span["size"]:
            if _has_blank(group, sheet):
                return True
            group = []
        group.append(span)
    return bool(group) and line["dir"][0] > 0.985 and _has_blank(group, sheet)


def line_text(line: dict[str, Any]) -> str:
    """The characters of a raw line."""
    return "".join(span["text"] for span in line["spans"])


def _has_blank(group: Sequence[dict[str, Any]], sheet: Sheet) -> bool:
    """Whether a stretch without ink runs through words of one line."""
    if sheet.grey is None:
        return False
    size, baseline = group[0]["size"], group[0]["origin"][1]
    box = (group[0]["bbox"][0], baseline - 0.6 * size, group[-1]["bbox"][2], baseline)
    return sheet.grey.has_blank(box, 1.8 * size)


def _attribute(span: dict[str, Any]) -> str:
    """What the span's own attributes say: the first reason that applies, or nothing."""
    if span["size"] < _TINY:
        return "tiny"
    if not span["char_flags"] & _FILLED_OR_STROKED:
        return "invisible"
    if span["alpha"] < _TRANSPARENT:
        return "transparent"
    return ""


def _is_light(colour: int) -> bool:
    red, green, blue = colour >> 16 & 255, colour >> 8 & 255, colour & 255
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255 > _LIGHT


def _outside(box: Box, sheet: Sheet) -> bool:
    return box[0] < -1 or box[1] < -1 or box[2] > sheet.width + 1 or box[3] > sheet.height + 1


def find_hidden(
    raw: dict[str, Any],
    lines: set[tuple[int, int]],
    sheet: Sheet,
    covered: Container[tuple[int, int]] = (),
) -> Found:
    """Judge every glyph of the suspicious lines, `raw` being the page's `get_text("rawdict")`.

    The `covered` among them are known to be hidden, whatever ink is there.
    """
    scanned = is_scan(raw, sheet)
    remains: dict[Index, str] = {}
    pieces: list[tuple[str, str]] = []
    for b, n in sorted(lines):
        spans = raw["blocks"][b]["lines"][n]["spans"]
        glyphs = _judged(spans, sheet, scanned=scanned)
        if (b, n) in covered:
            for glyph in glyphs:
                glyph.reason = "covered"
        _settle(glyphs, spans, follows=bool(pieces) and pieces[-1][0] == "white")
        if not any(glyph.reason for glyph in glyphs):
            continue
        pieces.extend(_runs(glyphs))
        for s in range(len(spans)):
            own = [glyph for glyph in glyphs if glyph.span == s]
            if any(glyph.reason for glyph in own):
                remains[b, n, s] = "".join(" " if glyph.reason else glyph.char for glyph in own).strip()
    return Found(texts=tuple(_reported(pieces, sheet.number)), remains=remains)


def _judged(spans: Sequence[dict[str, Any]], sheet: Sheet, *, scanned: bool) -> list[_Glyph]:
    glyphs: list[_Glyph] = []
    for s, span in enumerate(spans):
        attribute = _attribute(span)
        light = _is_light(span["color"])
        for char in span["chars"]:
            if char["c"].isspace():
                glyphs.append(_Glyph(s, char["c"], " "))
            else:
                reason = _reason(char, span, sheet, attribute, light, scanned=scanned)
                glyphs.append(_Glyph(s, char["c"], reason))
    return glyphs


def _reason(
    char: dict[str, Any],
    span: dict[str, Any],
    sheet: Sheet,
    attribute: str,
    light: bool,
    *,
    scanned: bool,
) -> str:
    x0, y0, x1, y1 = char["bbox"]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    if not (0 <= x <= sheet.width and 0 <= y <= sheet.height):
        return "off-page"
    baseline, size = char["origin"][1], span["size"]
    box = (x0, baseline - 0.75 * size, x1, baseline + 0.05 * size) if x1 > x0 else char["bbox"]
    if scanned:
        # The invisible layer of a scan stands over the picture of its words.
        wide = (x0 - size, y0, x1 + size, y1)
        return "" if sheet.grey is None or sheet.grey.shows(wide, light=False) else attribute or "no ink"
    if attribute:
        return attribute
    if sheet.grey is None or sheet.grey.shows(box, light=light):
        return ""
    if light:
        return "white"
    return "covered" if sheet.covers(x, y) else "no ink"


def _settle(glyphs: list[_Glyph], spans: Sequence[dict[str, Any]], *, follows: bool) -> None:
    """Even out the verdicts: a run of one colour is hidden as a whole or by long stretches, never by a dot.

    `follows` says that the line before ended in hidden white text.
    """
    for start, stop in _segments(glyphs, spans):
        segment = [glyph for glyph in glyphs[start:stop] if glyph.char.strip()]
        faint = [glyph for glyph in segment if glyph.reason and glyph.reason not in _HARD]
        if faint and len(faint) >= 0.8 * len(segment) and (len(faint) >= _EVEN or follows):
            reason = max((g.reason for g in faint), key=[g.reason for g in faint].count)
            for glyph in segment:
                glyph.reason = glyph.reason or reason
        elif faint:
            _keep_long_stretches(segment)
        _fill_spaces(glyphs, start, stop)


def _segments(glyphs: Sequence[_Glyph], spans: Sequence[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    """Stretches of glyphs that share colour and size."""
    start = 0
    for i in range(1, len(glyphs) + 1):
        if i == len(glyphs) or _look(spans[glyphs[i].span]) != _look(spans[glyphs[start].span]):
            yield start, i
            start = i


def _look(span: dict[str, Any]) -> tuple[int, int, float]:
    return span["color"], span["alpha"], round(span["size"], 1)


def _keep_long_stretches(segment: Sequence[_Glyph]) -> None:
    run: list[_Glyph] = []
    for glyph in (*segment, _Glyph(-1, "", "")):
        if glyph.reason and glyph.reason not in _HARD:
            run.append(glyph)
            continue
        if len(run) < _EVEN + 2:
            for each in run:
                each.reason = ""
        run = []


def _fill_spaces(glyphs: list[_Glyph], start: int, stop: int) -> None:
    """A space is hidden where the glyph before it is, and the one after."""
    for i in range(start, stop):
        if glyphs[i].reason == " ":
            before = glyphs[i - 1].reason if i > start else ""
            after = next((g.reason for g in glyphs[i + 1 : stop] if g.char.strip()), before)
            glyphs[i].reason = before if before and after else ""


def _runs(glyphs: Sequence[_Glyph]) -> list[tuple[str, str]]:
    """(reason, text) of each hidden stretch of a line."""
    runs: list[tuple[str, str]] = []
    last = ""
    for glyph in glyphs:
        if glyph.reason and glyph.reason == last:
            runs[-1] = (last, runs[-1][1] + glyph.char)
        elif glyph.reason:
            runs.append((glyph.reason, glyph.char))
        last = glyph.reason
    return runs


def _reported(pieces: Sequence[tuple[str, str]], page: int) -> Iterator[HiddenText]:
    """Join neighbours hidden for one reason; leave out what is too short to say anything."""
    joined: list[tuple[str, str]] = []
    for reason, text in pieces:
        if joined and joined[-1][0] == reason:
            joined[-1] = (reason, f"{joined[-1][1]} {text}")
        else:
            joined.append((reason, text))
    for reason, text in joined:
        shown = clean(text).strip()
        if sum(map(str.isalnum, shown)) >= _REPORTED:
            yield HiddenText(page=page, text=shown, reason=reason, instruction=is_instruction(shown))


def is_scan(raw: dict[str, Any], sheet: Sheet) -> bool:
    """Whether the page is a picture with its words laid invisibly over it."""
    area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in sheet.images)
    if area < 0.5 * sheet.width * sheet.height:
        return False
    visible = invisible = 0
    for block in raw["blocks"]:
        for line in block.get("lines", ()):
            for span in line["spans"]:
                count = sum(not char["c"].isspace() for char in span["chars"])
                if _attribute(span) in ("invisible", "transparent"):
                    invisible += count
                else:
                    visible += count
    return visible < 0.2 * invisible + 40


def clipped_text(everything: dict[str, Any], unclipped: dict[str, Any], page: int) -> tuple[HiddenText, ...]:
    """Text that a clipping path cuts away: what `everything` has and `unclipped` has not (both rawdict)."""
    seen = {
        (round(char["origin"][0]), round(char["origin"][1]), char["c"])
        for span in _raw_spans(unclipped)
        for char in span["chars"]
    }
    pieces: list[tuple[str, str]] = []
    for span in _raw_spans(everything):
        cut = "".join(
            char["c"]
            for char in span["chars"]
            if (round(char["origin"][0]), round(char["origin"][1]), char["c"]) not in seen
        )
        if cut.strip():
            pieces.append(("clipped", cut))
    return tuple(_reported(pieces, page))


def _raw_spans(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in raw["blocks"]:
        for line in block.get("lines", ()):
            yield from line["spans"]
