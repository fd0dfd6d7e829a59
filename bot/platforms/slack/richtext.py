"""Words as Slack's rich text: nothing in it is parsed, so nothing in it can mention, link or format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.platforms.slack.limits import TEXT, URL, Element, escaped, units
from digest.document import Bold, Bullets, Code, Italic, Link, Span

_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# A host by name and nothing before it: "https://arxiv.org@evil.example" is no address that we link to.
_ADDRESS = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?(?:[/?#][^\s<>\"\\^`{|}]*)?",
    re.ASCII | re.IGNORECASE,
)
_TOLD_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+", re.IGNORECASE)
_TOLD_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?:[/:?#]\S*)?", re.IGNORECASE)
_NOTHING: list[Element] = [{"type": "text", "text": " "}]
_STYLES: dict[type[Span], str] = {Bold: "bold", Italic: "italic", Code: "code"}

Run = tuple[str, str, str]  # text, style, address


def shown(text: str) -> str:
    """The text without what cannot be seen or would turn its direction; line breaks stay."""
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub("", _BREAK.sub("\n", text).replace("\t", " "))


def line(text: str) -> str:
    """The text as `shown`, in one line."""
    return " ".join(shown(text).split())


def is_visible(text: str) -> bool:
    return any(character.isprintable() and not character.isspace() for character in text)


def target(label: str, url: str) -> str:
    """The address a link may lead to: "" unless it is on the web and the label names no other one."""
    if not _ADDRESS.fullmatch(url) or not url.isascii() or len(escaped(url)) > URL:
        return ""
    label = label.strip()
    told = _TOLD_ADDRESS.findall(label)
    if not told and _TOLD_HOST.fullmatch(label):
        told = [label]
    return url if all(_names(address, url) for address in told) else ""


def _names(told: str, url: str) -> bool:
    """Whether what is told of an address is that address; a told one may be cut behind its host."""
    told, whole = _bare(told), _bare(url)
    if told.endswith("…"):
        told = told[:-1]
        return "/" in told and whole.startswith(told)
    # Identifiers of before 2007 look like a host and a path: "math.GT/0309136v1".
    return whole in (told, f"arxiv.org/abs/{told}")


def _bare(address: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", address.casefold()).rstrip("/.,;:)]}'\"")


def has_link(spans: Iterable[Span]) -> bool:
    return any(isinstance(span, Link) and target(shown(span.text), span.url) for span in spans)


def section(spans: Iterable[Span]) -> list[Element]:
    """A paragraph's rich text; nothing where there is nothing to see."""
    inner = elements(spans)
    return [{"type": "rich_text_section", "elements": inner}] if inner else []


def quote(spans: Iterable[Span]) -> list[Element]:
    inner = elements(spans)
    return [{"type": "rich_text_quote", "elements": inner}] if inner else []


def listed(block: Bullets) -> list[Element]:
    """A list; items without a word keep their number."""
    items = [elements(item, once=True) for item in block.items]
    if not any(items):
        return []
    each: Element = {
        "type": "rich_text_list",
        "style": "ordered" if block.ordered else "bullet",
        "elements": [{"type": "rich_text_section", "elements": item or _NOTHING} for item in items],
    }
    if block.indent > 0:
        each["indent"] = min(block.indent, 8)
    if block.ordered and block.start > 1:
        each["offset"] = block.start - 1
    return [each]


def elements(spans: Iterable[Span], *, once: bool = False) -> list[Element]:
    """Text and link elements, neighbours alike in one; none where there is nothing to see.

    With `once`, an identifier whose page is linked already is text: a list of papers gets shorter by a fifth.
    """
    runs = _runs(spans, once=once)
    if not is_visible("".join(text for text, _, _ in runs)):
        return []
    return [_element(piece, style, url) for text, style, url in runs for piece in chunks(text)]


def _runs(spans: Iterable[Span], *, once: bool) -> list[Run]:
    runs: list[Run] = []
    linked: set[str] = set()
    for span in spans:
        text, url = shown(span.text), ""
        if isinstance(span, Link):
            url = target(text, span.url)
            text = text if is_visible(text) else url or text
            if once and url in linked and url.endswith(text):
                url = ""
            linked.add(url)
        style = _STYLES.get(type(span), "")
        if runs and runs[-1][1:] == (style, url):
            runs[-1] = (runs[-1][0] + text, style, url)
        elif text:
            runs.append((text, style, url))
    # Labels that name no other address one by one may do so together.
    return [(text, style, target(text, url)) for text, style, url in runs]


def _element(text: str, style: str, url: str) -> Element:
    if url:
        return {"type": "link", "url": url, "text": text}
    if style:
        return {"type": "text", "text": text, "style": {style: True}}
    return {"type": "text", "text": text}


def chunks(text: str) -> Sequence[str]:
    """The text in pieces that a text object takes."""
    if units(text) <= TEXT:
        return (text,)
    return tuple(text[at : at + TEXT // 2] for at in range(0, len(text), TEXT // 2))
