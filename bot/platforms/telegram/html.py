"""Documents as Telegram messages: HTML for `parse_mode=HTML`, measured as the server measures it.

Text is text. The server looks for mentions, commands, hashtags and web addresses in all that is neither code
nor a link, and tells the people mentioned; so what would make one is parted by a word joiner (U+2060), which
shows nothing, allows no line break, and belongs to no user name, tag or address. The rules are those of
TDLib, td/telegram/MessageEntity.cpp (`match_mentions`, `match_bot_commands`, `match_hashtags`,
`match_cashtags`, `match_tg_urls`, `match_urls`), which follows the server's. Categories are why addresses
matter, too: "cs.AI", "cs.CV" and "cs.RO" are domain names. Telephone and card numbers are left: they offer to
copy or to call. Commands of our own that the text names are code, so that they can be copied.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import accumulate, pairwise, zip_longest
from unicodedata import category, normalize

from rich.cells import cell_len

from bot.platforms.telegram.keyboard import Key, keyboard
from bot.platforms.telegram.typed import commands_apart
from digest.document import (
    Block,
    Bold,
    Bullets,
    Buttons,
    Code,
    Collapsible,
    Context,
    Divider,
    Document,
    Heading,
    Image,
    Italic,
    Link,
    Para,
    Quote,
    Span,
    Table,
    Text,
)

# https://core.telegram.org/bots/api#sendmessage: "1-4096 characters after entities parsing"; characters are
# UTF-16 code units (#messageentity), and of the entities the server keeps a hundred.
MAX_UNITS = 4096
MAX_ENTITIES = 100

_JOINER = "\u2060"
_ADDRESS = re.compile(r"https?://[!-~]+")
_TABLE_WIDTH = 40  # columns of code that a phone shows without wrapping
_MAX_INDENT = 3
_RULE = "———"
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_BLANK = "\u2800\u3164"

_SPACES = re.compile("[\t\x0b\x0c\x85\u2028\u2029]")
# Controls, marks of direction, invisible characters, halves of characters. Joiners of emoji stay.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\r\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufffe"
    "\uffff\ud800-\udfff]"
)
_LIVE = re.compile(
    r"(?<![A-Za-z0-9_])@(?=[A-Za-z0-9_])"
    r"|(?<![A-Za-z0-9_/])/(?=[A-Za-z0-9_])"
    r"|#(?=[\d_\u200c\xb7\u0d80-\u0dff]*[^\W\d_])"
    r"|\$(?=[A-Z1])"
    r"|(?<=(?i:tg|on)):(?=//)"
    r"|(?<!\s)\.(?=[^\W\d_](?:[A-Za-z]|[^\x00-\xbf\s]))"  # a top level domain has two letters or more
)
_TOKEN = re.compile(r"\S+")
_NUMBERS = re.compile(r"\d\.\d+\.\d+\.\d")  # 127.0.0.1
_INNER_DOT = re.compile(r"\.(?=\S)")
_CLAIMS_ADDRESS = re.compile(r"://|\bwww\.|^[\w.-]+\.[^\W\d_]{2,}(?:[:/?#]\S*)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramMessage:
    """A message as it is sent; `units` are UTF-16 code units after parsing."""

    html: str
    units: int
    entities: int
    keyboard: tuple[tuple[Key, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Markup:
    """HTML, with the text and the number of entities that it has once parsed."""

    html: str = ""
    text: str = ""
    entities: int = 0

    def __add__(self, other: Markup) -> Markup:
        return Markup(self.html + other.html, self.text + other.text, self.entities + other.entities)

    @property
    def units(self) -> int:
        return utf16(self.text)

    @property
    def shows(self) -> bool:
        """Whether a reader sees anything of it."""
        return any(each not in _BLANK and category(each) not in _UNSEEN for each in self.text)


@dataclass(frozen=True, slots=True)
class Piece:
    """Clean text in one HTML tag, or in none."""

    text: str
    tag: str = ""
    url: str = ""


def message(document: Document) -> TelegramMessage:
    """The document as one message, however long; `split.parts` cuts it to size before.

    Where the blocks show nothing, the summary is sent: Telegram refuses an empty text.
    """
    body = _blocks(document.blocks, folded=False)
    if not body.shows:
        summary = _spans((Text(document.summary),))
        body = summary if summary.shows else _plain("…")
    return TelegramMessage(
        html=body.html, units=body.units, entities=body.entities, keyboard=keyboard(document)
    )


def measured(block: Block, *, folded: bool = False) -> Markup:
    """One block's HTML and size, nothing if it shows nothing; `folded` as it is inside a Collapsible."""
    shown = _block(block, folded=folded)
    return shown if shown.shows else Markup()


def utf16(text: str) -> int:
    """The text's length in UTF-16 code units: an emoji counts two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Text in NFC without what a reader cannot see; the server would take composed accents apart."""
    if text.isascii() and text.isprintable():
        return text
    return normalize("NFC", _DROPPED.sub("", _SPACES.sub(" ", text)))


def shown_address(url: str) -> str:
    """An address as people write it: "arxiv.org/abs/2503.09527v2"."""
    shown = re.sub(r"^https?://(?:www\.)?", "", url, flags=re.IGNORECASE).rstrip("/")
    return shown if len(shown) <= 60 else shown[:59] + "…"


def pieces(spans: Iterable[Span]) -> list[Piece]:
    """The spans' clean texts. A link whose text is another address shows where it really leads."""
    found: list[Piece] = []
    for span in spans:
        text = clean(span.text)
        match span:
            case Text():
                found.append(Piece(text))
            case Bold():
                found.append(Piece(text, "b"))
            case Italic():
                found.append(Piece(text, "i"))
            case Code():
                found.append(Piece(text, "code"))
            case Link(_, url) if not _ADDRESS.fullmatch(url):
                found.append(Piece(text))
            case Link(_, url) if _misleads(text, url):
                found += [Piece(f"{text} ("), Piece(shown_address(url), "a", url), Piece(")")]
            case Link(_, url):
                found.append(Piece(text, "a", url))
    return [piece for piece in found if piece.text]


def escaped(text: str) -> str:
    """Text for HTML: Telegram wants `&`, `<` and `>` escaped and knows few other names of characters."""
    return escape(text, quote=False)


def opening(piece: Piece) -> str:
    """The start tag of a piece that has one."""
    if piece.tag != "a":
        return f"<{piece.tag}>"
    return '<a href="{}">'.format(escaped(piece.url).replace('"', "&quot;"))


def table_line(header: Sequence[str], row: Sequence[str]) -> str:
    """A row that has no room for columns: "Model: X · Score: 63.6"."""
    cells = [(_flat(name), _flat(cell)) for name, cell in zip_longest(header, row, fillvalue="")]
    if not any(cell for _, cell in cells):
        return ""
    return " · ".join(f"{name}: {cell or '–'}" if name else cell for name, cell in cells if name or cell)


def _misleads(text: str, url: str) -> bool:
    if not _CLAIMS_ADDRESS.search(text.strip()):
        return False
    claimed = shown_address(text.strip()).rstrip("…")
    return not shown_address(url).rstrip("…").startswith(claimed)


def _plain(text: str) -> Markup:
    return Markup(escaped(text), text)


def _spans(spans: Iterable[Span]) -> Markup:
    return _line(pieces(commands_apart(spans)))


def _line(line: Sequence[Piece]) -> Markup:
    return sum(map(_tagged, _quiet(line)), Markup())


def _tagged(piece: Piece) -> Markup:
    if not piece.tag or piece.text.isspace():
        return _plain(piece.text)
    return Markup(f"{opening(piece)}{escaped(piece.text)}</{piece.tag}>", piece.text, 1)


def _quiet(line: Sequence[Piece]) -> list[Piece]:
    """The line with word joiners where the server would find something to link, also across pieces."""
    text = "".join(piece.text for piece in line)
    places = {found.end() for found in _LIVE.finditer(text)}
    for token in _TOKEN.finditer(text):
        # After a scheme, any top level domain will do.
        if "://" in token[0] or _NUMBERS.search(token[0]):
            places |= {token.start() + dot.end() for dot in _INNER_DOT.finditer(token[0])}
    ends = list(accumulate(len(piece.text) for piece in line))
    inserted: dict[int, list[int]] = {}
    for place in sorted(places):
        # Code and links are never searched: of a joint with one, the joiner goes to the other side.
        sides = (bisect_left(ends, place), bisect_right(ends, place))
        at = next((side for side in sides if side < len(line) and line[side].tag not in ("code", "a")), None)
        if at is not None:
            inserted.setdefault(at, []).append(place - ends[at] + len(line[at].text))
    return [_parted(piece, inserted.get(at, ())) for at, piece in enumerate(line)]


def _parted(piece: Piece, places: Sequence[int]) -> Piece:
    cuts = [0, *places, len(piece.text)]
    return replace(piece, text=_JOINER.join(piece.text[start:stop] for start, stop in pairwise(cuts)))


def _blocks(blocks: Iterable[Block], *, folded: bool) -> Markup:
    body = Markup()
    previous: Block | None = None
    for block in blocks:
        shown = measured(block, folded=folded)
        if not shown.text:
            continue
        if previous is not None:
            gap = _gap(previous, block, folded)
            body += _plain(gap)
        body += shown
        previous = block
    return body


def _gap(one: Block, other: Block, folded: bool) -> str:
    """A line break where the two belong together or one stands in a box of its own, else a blank line."""
    close = (
        isinstance(one, Heading)
        or (isinstance(one, Quote | Collapsible) and not folded)
        or (isinstance(other, Quote) and not folded)
        or (isinstance(other, Context) and isinstance(one, Context))
        or (isinstance(other, Bullets) and isinstance(one, Bullets | Para))
    )
    return "\n" if close and not _spaced(other) else "\n\n"


def _block(block: Block, *, folded: bool) -> Markup:
    match block:
        case Heading(text):
            return _spans((Bold(text),))
        case Para(spans) | Context(spans):  # there is no small print
            return _spans(spans)
        case Quote(spans):  # quotes cannot be nested
            line = pieces(spans)  # in a paper's words, where no command is ours
            return _line([Piece("» "), *line]) if folded else _boxed(_line(line))
        case Bullets():
            return _list(block)
        case Table(header, rows):
            return _table(header, rows, folded=folded)
        case Collapsible(title, inner):
            return _collapsible(title, inner, folded=folded)
        case Image(url, alt):
            return _spans((Link(alt or shown_address(url), url),))
        case Divider():
            return _plain(_RULE)
        case Buttons():
            return Markup()


def _boxed(body: Markup, kind: str = "") -> Markup:
    if not body.shows:
        return Markup()
    return Markup(f"<blockquote{kind}>{body.html}</blockquote>", body.text, body.entities + 1)


def _collapsible(title: str, inner: Sequence[Block], *, folded: bool) -> Markup:
    heading = _spans((Bold(title),))
    body = _blocks(inner, folded=True)
    if not folded:
        body = _boxed(body, " expandable")
    return heading + _plain("\n") + body if heading.text and body.text else heading + body


def _spaced(block: Block) -> bool:
    """Whether a list has items of several lines, which blank lines keep apart."""
    return isinstance(block, Bullets) and any("\n" in span.text for item in block.items for span in item)


def _list(block: Bullets) -> Markup:
    gap = "\n\n" if _spaced(block) else "\n"
    indent = min(max(block.indent, 0), _MAX_INDENT)
    margin = "\u00a0" * (3 * indent)  # ordinary spaces at the start of a line are lost on some clients
    body = Markup()
    for number, item in enumerate(block.items, block.start):
        line = pieces(commands_apart(item))
        if not line:
            continue
        marker = f"{number}. " if block.ordered else ("◦ " if indent else "• ")
        body += _plain(gap) if body.text else Markup()
        body += _line([Piece(margin + marker), *line])
    return body


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], *, folded: bool) -> Markup:
    lines = _columns(header, rows)
    if not folded and lines and max(map(cell_len, lines)) <= _TABLE_WIDTH:
        return _tagged(Piece("\n".join(lines), "pre"))
    told = tuple((Text(line),) for row in rows if (line := table_line(header, row)))
    return _list(Bullets(told)) if told else _spans((Text(" · ".join(filter(None, map(_flat, header)))),))


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The table in columns of equal width, a Chinese character being two columns wide."""
    table = [[_flat(cell) for cell in row] for row in (header, *rows)]
    sizes = [
        max((cell_len(row[at]) for row in table if at < len(row)), default=0) for at in range(_count(table))
    ]
    lines = [
        "  ".join(cell + " " * (sizes[at] - cell_len(cell)) for at, cell in enumerate(row)).rstrip()
        for row in table
    ]
    if not any(lines):
        return []
    rule = "─" * (sum(sizes) + 2 * (len(sizes) - 1))
    return [lines[0], rule, *lines[1:]] if lines[0] else lines[1:]


def _count(table: Sequence[Sequence[str]]) -> int:
    return max(map(len, table), default=0)


def _flat(cell: str) -> str:
    return " ".join(clean(cell).split())
