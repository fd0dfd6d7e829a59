"""Hostile documents as Slack messages; what is wrong with them, told apart from the code that makes them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block as SdkBlock

from bot.platforms.slack.blocks import message
from bot.platforms.slack.limits import CONTENT
from bot.platforms.slack.split import parts
from digest.document import (
    Block,
    Bullets,
    Button,
    Buttons,
    Collapsible,
    Document,
    Heading,
    Image,
    Link,
    Para,
    Table,
    Text,
)
from tests.documents import blocks as blocks_of_every_kind
from tests.documents import lines, said
from tests.hostile import texts

# Of what Slack's reference (https://docs.slack.dev/reference/block-kit) allows in a message, all that we use.
_KEYS = {
    "header": {"text"},
    "context": {"elements"},
    "divider": set(),
    "rich_text": {"elements"},
    "table": {"rows"},
    "image": {"image_url", "alt_text"},
    "container": {"title", "is_collapsible", "default_collapsed", "child_blocks"},
    "actions": {"elements"},
    "button": {"text", "action_id", "value", "url"},
    "plain_text": {"text", "emoji"},
    "raw_text": {"text"},
    "rich_text_section": {"elements"},
    "rich_text_quote": {"elements"},
    "rich_text_list": {"elements", "style", "indent", "offset"},
    "text": {"text", "style"},
    "link": {"text", "url"},
}
_OLDER = {"header", "section", "rich_text", "context", "divider", "actions"}
_BLOCKS = {"header", "context", "divider", "rich_text", "table", "image", "container", "actions"}
_BATCH = 250
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_evil_urls = st.sampled_from(
    (
        "javascript:alert(1)",
        "https://evil.example/a b",
        "https://arxiv.org@evil.example/",
        "https://evil.example/\u202egnp.exe",
        "https://evil.example",
        "http://127.0.0.1:8080/x?y=<z>&w",
        "https:///nowhere",
        "slack://user?team=T1&id=U1",
    )
)
_labels = st.one_of(
    texts, st.sampled_from(("https://arxiv.org/abs/1", "arxiv.org", "see www.good.example/x.", "\u200b"))
)
_evil_links = st.builds(Link, _labels, _evil_urls)
_extra = st.one_of(
    st.builds(lambda link, line: Para((*line, link)), _evil_links, lines),
    st.builds(Image, st.one_of(_evil_urls, st.just("https://x.example/a.png")), texts),
    st.lists(st.builds(Button, texts, texts, _evil_urls), max_size=30).map(lambda each: Buttons(tuple(each))),
    st.builds(lambda text, times: Para((Text(text * times),)), texts, st.integers(1, 400)),
    st.builds(lambda text, times: Heading(text * times), texts, st.integers(1, 20)),
    st.builds(lambda text, url: Para((Link(text * 60, url),)), texts, _evil_urls),
    st.builds(
        lambda item, times, start: Bullets((item,) * times, True, start),
        lines, st.integers(1, 40), st.integers(0, 12),
    ),
    st.builds(
        lambda cell, rows, columns: Table((cell,) * columns, ((cell,) * columns,) * rows),
        texts, st.sampled_from((0, 1, 3, 30, 99, 100)), st.sampled_from((1, 2, 20, 21)),
    ),
)  # fmt: skip
_inner = st.lists(st.one_of(blocks_of_every_kind, _extra), max_size=14).map(tuple)
_any_block = st.one_of(
    blocks_of_every_kind,
    _extra,
    st.builds(
        lambda title, times, inner: Collapsible(title * times, inner), texts, st.integers(1, 12), _inner
    ),
)


def _distinct(blocks: Iterable[Block], counter: Iterator[int]) -> tuple[Block, ...]:
    """The blocks with a number in each table's header and each title, so that a repeated one can be told."""
    told: list[Block] = []
    for block in blocks:
        match block:
            case Table(header, rows):
                block = Table((f"{next(counter)}:{''.join(header[:1])}", *header[1:]), rows)
            case Collapsible(title, inner):
                block = Collapsible(f"{next(counter)}:{title}", _distinct(inner, counter))
        told.append(block)
    return tuple(told)


hostile_documents = st.builds(
    lambda each, summary: Document(_distinct(each, count()), summary), st.lists(_any_block, max_size=8), texts
)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """All objects of a JSON value that have a type, in order."""
    if isinstance(value, dict):
        if "type" in value:
            yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from nodes(inner)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def read(blocks: Any) -> str:
    """What people read of blocks, from top to bottom, without spaces."""
    told = ("plain_text", "raw_text", "text", "link")
    return squeezed("".join(node["text"] for node in nodes(blocks) if node["type"] in told))


def squeezed(text: str) -> str:
    """The visible characters of a text, without what may stand for or between them."""
    return "".join(
        character
        for character in text
        if character.isprintable() and not character.isspace() and character not in "|…–"
    )


def utf16(text: str) -> int:
    return sum(2 if ord(character) > 0xFFFF else 1 for character in text)


def live(blocks: Sequence[dict[str, Any]], text: str) -> list[str]:
    """What of a message would act: parsed markup, mentions, links that hide where they lead."""
    found = [f"type {node['type']}" for node in nodes(blocks) if node["type"] not in _KEYS]
    found += [
        f"key {key} of {node['type']}"
        for node in nodes(blocks)
        for key in set(node) - _KEYS.get(node["type"], set()) - {"type"}
    ]
    if re.search(r"[<>]|&(?!(?:amp|lt|gt);)", text):
        found.append(f"unescaped: {text!r}")
    for node in nodes(blocks):
        url = node.get("url", node.get("image_url"))
        if url is None:
            continue
        parts_of_url = urlsplit(url)
        if parts_of_url.scheme not in ("http", "https") or not parts_of_url.hostname:
            found.append(f"address {url!r}")
        if "@" in parts_of_url.netloc or re.search(r"\s", url):
            found.append(f"address {url!r}")
        told = re.search(r"https?://[^\s/]+", node["text"]) if node["type"] == "link" else None
        if told and urlsplit(told[0]).hostname != parts_of_url.hostname:
            found.append(f"hidden {url!r} under {node['text']!r}")
    return found


def broken(blocks: Sequence[dict[str, Any]], text: str, *, plain: bool) -> list[str]:
    """What of a message Slack would refuse for its form."""
    found = []
    for block in blocks:
        if block["type"] not in (_OLDER if plain else _BLOCKS):
            found.append(f"block {block['type']}")
        kinds = (child["type"] for child in block.get("child_blocks", ()))
        found += [f"child {kind}" for kind in kinds if kind not in _BLOCKS - {"container"}]
        try:
            parsed = SdkBlock.parse(block)
            if parsed is None or parsed.to_dict() != block:
                found.append(f"unknown to the SDK: {block}")
        except SlackObjectFormationError as error:
            found.append(str(error))
    everything = [*strings(list(blocks)), text]
    found += ["empty string" for each in everything if not each]
    found += [f"unprintable: {each!r}" for each in everything if _UNSEEN.search(each)]
    blank = ("plain_text", "raw_text", "image")
    for node in nodes(blocks):
        if node["type"] in blank and not all(each.strip() for each in strings(node)):
            found.append(f"blank: {node}")
        if node["type"] != "divider" and not any(node.get(key) for key in _KEYS[node["type"]]):
            found.append(f"empty: {node}")
    actions = [node["action_id"] for node in nodes(blocks) if node["type"] == "button"]
    found += [f"twice: {each}" for each, times in Counter(actions).items() if times > 1]
    return found


def beyond(blocks: Sequence[dict[str, Any]], text: str, most: int) -> list[str]:
    """Which limits a message exceeds, counted apart from the code that keeps them."""
    size = utf16(json.dumps(list(blocks), ensure_ascii=False, separators=(",", ":")))
    counts = [("content", size, most), ("blocks", len(blocks), 50), ("text", utf16(text), 300)]
    counts.append(("tables", sum(node["type"] == "table" for node in nodes(blocks)), 1))
    for node in nodes(blocks):
        match node["type"]:
            case "header":
                counts.append(("header", utf16(node["text"]["text"]), 150))
            case "plain_text" | "text" | "link":
                counts.append((node["type"], utf16(node["text"]), 3000))
            case "context":
                counts.append(("context", len(node["elements"]), 10))
            case "actions":
                counts.append(("actions", len(node["elements"]), 25))
            case "button":
                counts.append(("label", utf16(node["text"]["text"]), 75))
                counts.append(("value", utf16(node.get("value", "")), 2000))
                counts.append(("address", utf16(node.get("url", "")), 3000))
            case "image":
                counts.append(("alt", utf16(node["alt_text"]), 2000))
                counts.append(("address", utf16(node["image_url"]), 3000))
            case "container":
                counts.append(("title", utf16(node["title"]["text"]), 150))
                counts.append(("children", len(node["child_blocks"]), 10))
            case "table":
                counts.append(("rows", len(node["rows"]), 100))
                counts.append(("columns", max(map(len, node["rows"])), 20))
                counts.append(("cells", sum(utf16(c["text"]) for row in node["rows"] for c in row), 10_000))
            case "rich_text_list":
                counts.append(("indent", node.get("indent", 0), 8))
    return [f"{name} {number} > {limit}" for name, number, limit in counts if number > limit]


def rejoined(documents: Sequence[Document]) -> str:
    """The words of the parts of a document, without the titles and headers that were repeated."""
    words: list[str] = []
    before: tuple[Block, ...] = ()
    for document in documents:
        words += _going_on(document.blocks, before)
        before = document.blocks
    return squeezed("".join(words))


def _going_on(blocks: tuple[Block, ...], before: tuple[Block, ...]) -> Iterable[str]:
    if blocks and before:
        match before[-1], blocks[0]:
            case Collapsible(title, ended), Collapsible(again, inner) if _is_next(title, again):
                yield from _going_on(inner, ended)
                blocks = blocks[1:]
            case Table(header), Table(again, rows) if header == again:
                yield from (cell for row in rows for cell in row)
                blocks = blocks[1:]
            case Table(header), Para(spans) if "".join(span.text for span in spans) == " | ".join(header):
                blocks = blocks[1:]  # the rest of a table whose rows are too large for one
    for block in blocks:
        match block:
            case Collapsible(title, inner) if re.fullmatch(r"(?s).{100}…", title):
                yield from _going_on(inner, ())  # its long title is a heading before it
            case Collapsible(title, inner):
                yield title
                yield from _going_on(inner, ())
            case _:
                yield from said((block,))


def _is_next(title: str, again: str) -> bool:
    number = re.fullmatch(r"(.*) \((\d+)\)", again, re.DOTALL)
    if number is None:
        return False
    if number[1].endswith("…") and title.startswith(number[1][:-1]):
        return True
    return title in (number[1], f"{number[1]} ({int(number[2]) - 1})")


def lost(document: Document, documents: Sequence[Document]) -> list[str]:
    """Words of a document that its parts do not hold, or their messages do not show."""
    found = []
    if rejoined(documents) != squeezed("".join(said(document.blocks))):
        found.append("words of the tree")
    for part in documents:
        for plain in (False, True):
            shown, at = read(message(part, plain=plain).blocks), 0
            for words in map(squeezed, said(part.blocks)):
                at = shown.find(words, at)
                if at < 0:
                    found.append(f"words of a message: {words!r}")
                    break
                at += len(words)
    return found


@dataclass(slots=True)
class Figures:
    documents: int = 0
    messages: int = 0
    live: int = 0
    broken: int = 0
    beyond: int = 0
    lost: int = 0
    unsteady: int = 0


def examine(document: Document, figures: Figures, *, most: int = CONTENT) -> list[str]:
    """All that is wrong with the messages of a document."""
    documents = parts(document, most=most)
    wrong = lost(document, documents)
    figures.documents += 1
    figures.lost += bool(wrong)
    if documents != parts(document, most=most) or any(
        parts(each, most=most) != (each,) for each in documents
    ):
        figures.unsteady += 1
        wrong.append("parts of parts differ")
    for part in documents:
        for plain in (False, True):
            made = message(part, plain=plain)
            acting = live(made.blocks, made.text)
            refused = broken(made.blocks, made.text, plain=plain)
            too_large = beyond(made.blocks, made.text, most)
            figures.messages += 1
            figures.live += bool(acting)
            figures.broken += bool(refused)
            figures.beyond += bool(too_large)
            wrong += [*acting, *refused, *too_large]
    return wrong


def hostile_run(number: int, *, first: int = 0) -> Figures:
    """Counts what is wrong with the messages of `number` hostile documents from the `first` on."""
    figures = Figures()
    for start in range(first, first + number, _BATCH):  # one run of Hypothesis keeps all that it has tried
        _batch(min(_BATCH, first + number - start), start, figures)
    return figures


def _batch(number: int, start: int, figures: Figures) -> None:
    @seed(start)
    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(document=hostile_documents, most=st.sampled_from((2_500, CONTENT)))
    def run(document: Document, most: int) -> None:
        examine(document, figures, most=most)

    run()
