"""A Document as Markdown (CommonMark with GitHub's tables), whatever the words in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby, pairwise

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

# What starts or ends markup within a line; "<", "&" and "#" only where they would. GitHub also links bare
# web and mail addresses.
_ACTING = re.compile(r"[\\`*_\[\]|~$]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<!\S)#")
_BREAKS = re.compile(r"[^\S ]")  # line breaks and tabs of every kind
_UNWRITABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_LEADING = re.compile(r"^([-+=>#])")
_AUTOLINK = re.compile(r"(?<=\w):(?=//)|(?<=www)\.|@", re.IGNORECASE)
_UNSAFE_IN_URL = {
    " ": "%20",
    "(": "%28",
    ")": "%29",
    "<": "%3C",
    ">": "%3E",
    "\\": "%5C",
    "\n": "%0A",
    "|": "%7C",
}


def markdown(document: Document) -> str:
    """The document as Markdown, with one newline at its end."""
    return "\n\n".join(_blocks(document.blocks)).rstrip() + "\n"


def escape(text: str) -> str:
    """Text that stands for itself in Markdown, in one line."""
    text = _UNWRITABLE.sub("", _BREAKS.sub(" ", text))
    text = _ACTING.sub(lambda match: "\\" + match[0], text)
    return _AUTOLINK.sub(lambda match: "\\" + match[0], text)


def _blocks(blocks: Sequence[Block]) -> list[str]:
    """Each block's Markdown; lists that follow each other become one, nested by their indents."""
    shown: list[str] = []
    for are_lists, group in groupby(blocks, key=lambda block: isinstance(block, Bullets)):
        if are_lists:
            shown += _lists([block for block in group if isinstance(block, Bullets)])
        else:
            shown += [text for block in group if (text := _block(block))]
    return shown


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * min(max(level, 1), 6)} {escape(text).strip()}"
        case Para(spans) | Context(spans):
            return _lines(spans)
        case Quote(spans):
            return "\n".join(f"> {line}" for line in _lines(spans).split("\n"))
        case Table(header, rows):
            return _table(header, rows)
        case Collapsible(title, blocks):
            return "\n\n".join([_emphasised("**", title, "", "").strip(), *_blocks(blocks)])
        case Image(url, alt):
            return f"![{escape(alt)}]({_address(url)})"
        case Buttons(buttons):
            links = [f"[{escape(each.label)}]({_address(each.url)})" for each in buttons if each.url]
            return " · ".join(links)
        case Divider():
            return "---"
        case _:
            return ""


def _lists(lists: Sequence[Bullets]) -> list[str]:
    """Neighbouring lists as one tight block, each set in under the items of the smaller indent before it."""
    lines: list[str] = []
    margins: list[int] = []  # how far the items of each level are set in
    previous: Bullets | None = None
    for each in lists:
        # An ordered list is only seen after a blank line, unless it starts with 1; so is a change of kind.
        if lines and (each.ordered or (previous is not None and previous.ordered)):
            lines.append("")
        indent = min(each.indent, len(margins))
        margin = " " * sum(margins[:indent])
        for number, item in enumerate(each.items, each.start):
            marker = f"{number}. " if each.ordered else "- "
            text = _lines(item).replace("\n", "\n" + margin + " " * len(marker))
            if text:
                lines.append(margin + marker + text)
                margins[indent:] = [len(marker)]
        previous = each
    return ["\n".join(lines)] if lines else []


def _lines(spans: Sequence[Span]) -> str:
    """Spans with hard line breaks, none of whose lines can start a list, a heading or a quote."""
    text = ""
    sources = [(span, source) for span in spans if (source := _source(span))]
    for (span, _), (_, following) in pairwise([*sources, (Text(""), "")]):
        text += _span(span, before=text[-1:], after=following[:1])
    lines = (line.strip() for line in text.strip("\n").split("\n"))
    return "\\\n".join(_line_start(line) for line in lines if line)


def _line_start(line: str) -> str:
    return _LEADING.sub(r"\\\1", _NUMBERED.sub(r"\1\\\2", line))


def _span(span: Span, *, before: str, after: str) -> str:
    """A span's Markdown; `before` and `after` are the characters it will stand between."""
    match span:
        case Bold(text):
            return _emphasised("**", text, before, after)
        case Italic(text):
            return _emphasised("*", text, before, after)
        case Code():
            return (" " if before == "`" else "") + _source(span)
    return _source(span)


def _source(span: Span) -> str:
    match span:
        case Code(text):
            return _code(text)
        case Link(text, url):
            label = escape(" ".join(text.split())) or escape(url)
            return f"[{label}]({_address(url)})"
        case Text(text) | Bold(text) | Italic(text):
            return "\n".join(escape(line) for line in text.split("\n"))


def _emphasised(mark: str, text: str, before: str, after: str) -> str:
    """The text between marks, where CommonMark would see them as emphasis; else plain.

    The rules of left- and right-flanking: https://spec.commonmark.org/0.31.2/#delimiter-run
    """
    text = _UNWRITABLE.sub("", re.sub(r"[^\S\n ]", " ", text))
    inner = escape(" ".join(text.split()))
    head, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    before, after = head[-1:] or before, tail[:1] or after
    if not inner or before == "*" or not (_hugs(inner[0], before) and _hugs(inner[-1], after)):
        return head + inner + tail
    return f"{head}{mark}{inner}{mark}{tail}"


def _hugs(inside: str, outside: str) -> bool:
    """Whether a mark between the two opens or closes emphasis, by the stricter reading of "punctuation"."""
    if unicodedata.category(inside)[0] not in "PS":
        return True
    return not outside or outside.isspace() or unicodedata.category(outside)[0] == "P"


def _code(text: str) -> str:
    text = " ".join(_UNWRITABLE.sub("", text).split())
    if not text:
        return ""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _address(url: str) -> str:
    return "".join(_UNSAFE_IN_URL.get(character, character) for character in url)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    width = len(header)
    lines = [header, ["---"] * width, *rows]
    cells = [[cell if cell == "---" else escape(cell) for cell in line] for line in lines]
    return "\n".join("| " + " | ".join((line + [""] * width)[:width]) + " |" for line in map(list, cells))
