"""Slack's markup as a person reads it: styled pieces, live mentions, and links that hide where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.demo.slack_world import Json

Names = Mapping[str, str]

_MRKDWN = re.compile(
    r"```(?P<fence>.+?)```|`(?P<code>[^`\n]+)`|<(?P<token>[^<>\n]+)>"
    r"|(?<![\w*])\*(?P<bold>[^*\n]+)\*(?![\w*])|(?<![\w_])_(?P<italic>[^_\n]+)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^~\n]+)~(?![\w~])",
    re.DOTALL,
)
_MARKDOWN = re.compile(
    r"```(?P<fence>.+?)```|`(?P<code>[^`\n]+)`|<(?P<token>[^<>\n]+)>|\[(?P<label>[^\]\n]+)\]\((?P<url>[^)\s]+)\)"
    r"|\*\*(?P<bold>[^*\n]+)\*\*|(?<![\w*])\*(?P<italic>[^*\n]+)\*(?![\w*])|~~(?P<strike>[^~\n]+)~~",
    re.DOTALL,
)
_MENTION = re.compile(r"(?:!(?:channel|here|everyone|subteam\^\w+)|@[UWB]\w+|#[CG]\w+)(?:\|.*)?", re.DOTALL)
_TOKEN = re.compile(r"<([^<>]+)>")
# Slack reads these in mrkdwn objects unless they are marked verbatim.
_BARE = re.compile(r"(?<![\w@])@(?:channel|here|everyone)\b")
_MENTIONING = {"user": "user_id", "usergroup": "usergroup_id", "channel": "channel_id", "broadcast": "range"}
_ENDINGS = "com|org|net|io|ai|dev|edu|gov|info|app|co|me|ly|gl|xyz|example"
_URL_LIKE = re.compile(
    rf"(?:https?://|www\.)[^\s<>]+|(?<![\w@.-])(?:[\w-]+\.)+(?:{_ENDINGS})\b(?:/[^\s<>]*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Text in one style: styles are bold, italic, strike, code and mention."""

    text: str
    url: str = ""
    styles: frozenset[str] = frozenset()


class Shown(Protocol):
    """Anything with text and blocks, such as a Message."""

    @property
    def text(self) -> str: ...
    @property
    def blocks(self) -> Sequence[Json]: ...


def unescaped(text: str) -> str:
    """Text with Slack's three entities read."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mrkdwn(text: str, names: Names, styles: frozenset[str] = frozenset()) -> list[Piece]:
    """Slack's own markup as pieces."""
    return _parsed(_MRKDWN, text, names, styles)


def markdown(text: str, names: Names, styles: frozenset[str] = frozenset()) -> list[Piece]:
    """A line of standard Markdown, as markdown blocks read it, as pieces."""
    return _parsed(_MARKDOWN, text, names, styles)


def _parsed(grammar: re.Pattern[str], text: str, names: Names, styles: frozenset[str]) -> list[Piece]:
    pieces: list[Piece] = []
    end = 0
    for match in grammar.finditer(text):
        if match.start() > end:
            pieces.append(Piece(text=unescaped(text[end : match.start()]), styles=styles))
        pieces += _matched(grammar, match, names, styles)
        end = match.end()
    if end < len(text):
        pieces.append(Piece(text=unescaped(text[end:]), styles=styles))
    return pieces


def _matched(
    grammar: re.Pattern[str], match: re.Match[str], names: Names, styles: frozenset[str]
) -> list[Piece]:
    found = {key: value for key, value in match.groupdict().items() if value is not None}
    if "token" in found:
        return [_token(found["token"], names, styles)]
    if "url" in found:
        return [Piece(text=unescaped(found["label"]), url=unescaped(found["url"]), styles=styles)]
    kind, inner = next(iter(found.items()))
    if kind in {"fence", "code"}:
        return [Piece(text=unescaped(inner), styles=styles | {"code"})]
    return _parsed(grammar, inner, names, styles | {kind})


def _token(token: str, names: Names, styles: frozenset[str]) -> Piece:
    target, _, label = token.partition("|")
    if _MENTION.fullmatch(token):
        known = names.get(target[1:], target.lstrip("@#!"))
        shown = label or (f"#{known}" if target[0] == "#" else f"@{known.lstrip('@')}")
        return Piece(text=unescaped(shown), styles=styles | {"mention"})
    return Piece(text=unescaped(label or target), url=unescaped(target), styles=styles)


def inline(elements: Sequence[Json], names: Names) -> list[Piece]:
    """The elements of a rich text section as pieces."""
    return [_inline(element, names) for element in elements]


def _inline(element: Json, names: Names) -> Piece:
    kind = element["type"]
    styles = frozenset(name for name, on in element.get("style", {}).items() if on)
    if kind == "text":
        return Piece(text=element["text"], styles=styles)
    if kind == "link":
        return Piece(text=element.get("text") or element["url"], url=element["url"], styles=styles)
    if kind in _MENTIONING:
        value = str(element[_MENTIONING[kind]])
        mark = "#" if kind == "channel" else "@"
        return Piece(text=f"{mark}{names.get(value, value)}", styles=styles | {"mention"})
    if kind == "emoji":
        return Piece(text=f":{element['name']}:", styles=styles)
    return Piece(text=str(element.get("fallback") or element.get("value") or ""), styles=styles)


def live_mentions(message: Shown) -> list[str]:
    """Every mention that Slack would notify someone of, or turn into a channel's name, wherever it stands."""
    found = [f"<{token}>" for token in _tokens(message.text) if _MENTION.fullmatch(token)]
    if getattr(message, "link_names", False):
        found += re.findall(r"(?<!\w)[@#][\w.-]+", message.text)
    for kind, value, verbatim in _texts(list(message.blocks)):
        if kind == "element":
            found.append(value)
            continue
        found += [f"<{token}>" for token in _tokens(value) if _MENTION.fullmatch(token)]
        if kind == "mrkdwn" and not verbatim:
            found += _BARE.findall(value)
    return found


def hidden_links(message: Shown) -> list[str]:
    """Links whose label is the address of another place than they lead to, as "label -> address"."""
    links = [token.partition("|") for token in _tokens(message.text)]
    pairs = [(label, target) for target, _, label in links]
    for kind, value, _ in _texts(list(message.blocks)):
        if kind == "markdown":
            pairs += [(m["label"], m["url"]) for m in _MARKDOWN.finditer(value) if m["url"]]
        if kind != "element":
            pairs += [(label, target) for target, _, label in (t.partition("|") for t in _tokens(value))]
    pairs += [(each.get("text") or "", each["url"]) for each in _links(list(message.blocks))]
    shown = [(unescaped(label), unescaped(target)) for label, target in pairs]
    return [f"{label} -> {target}" for label, target in shown if _misleads(label, target)]


def _misleads(label: str, target: str) -> bool:
    return any(not _same(match[0], target) for match in _URL_LIKE.finditer(label))


def _same(shown: str, target: str) -> bool:
    plain = [
        re.sub(r"^(?:https?://)?(?:www\.)?", "", each.lower()).rstrip("/.,;:)") for each in (shown, target)
    ]
    # A shortened address, "arxiv.org/abs/25…", still names its place.
    head = plain[0].rstrip("…")
    return plain[0] == plain[1] or (head != plain[0] and plain[1].startswith(head)) or _host(plain)


def _host(plain: list[str]) -> bool:
    return "/" not in plain[0] and plain[1].partition("/")[0] == plain[0]


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _texts(value: Any) -> Iterator[tuple[str, str, bool]]:
    """All text that Slack reads for markup (mrkdwn, markdown), and all mentioning elements, at any depth."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        kind = value.get("type")
        if kind in {"mrkdwn", "markdown"}:
            yield kind, str(value.get("text", "")), bool(value.get("verbatim"))
        if kind in _MENTIONING and _MENTIONING[kind] in value:
            yield "element", f"{kind} {value[_MENTIONING[kind]]}", False
        for each in value.values():
            yield from _texts(each)


def _links(value: Any) -> Iterator[Json]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _links(each)
    elif isinstance(value, dict):
        if value.get("type") == "link" and isinstance(value.get("url"), str):
            yield value
        for each in value.values():
            yield from _links(each)
