"""How a chat of the loopback Telegram looks: lines for a terminal, and a page that looks like the client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise

from bot.demo import telegram_found
from bot.demo.telegram_html import Entity, cut, units
from bot.demo.telegram_model import Keyboard, Message, Person

_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_SNIPPET = 60  # characters of a message that another replies to
_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
}
_LINKS = frozenset(
    {"text_link", "url", "mention", "text_mention", "hashtag", "bot_command", "email", "cashtag"}
)


def live_mentions(message: Message) -> tuple[str, ...]:
    """What in a message calls somebody."""
    return telegram_found.live_mentions(message.text, message.entities)


def live_commands(message: Message) -> tuple[str, ...]:
    """The commands in a message that a tap would send."""
    return telegram_found.live_commands(message.text, message.entities)


def hidden_links(message: Message) -> tuple[tuple[str, str], ...]:
    """Links of a message whose visible text is another address, as (visible, target)."""
    return telegram_found.hidden_links(message.text, message.entities)


# In a terminal


def lines(messages: Sequence[Message], *, bot: Person) -> tuple[str, ...]:
    """A conversation as it is read: names, replies with ↪, quotes with ▎, folded ones with ▾, buttons."""
    known = {each.id: each for each in messages}
    shown: list[str] = []
    for message in messages:
        if not message.deleted:
            shown += [*([""] if shown else []), *message_lines(message, known, bot=bot)]
    return tuple(shown)


def message_lines(message: Message, known: Mapping[int, Message], *, bot: Person) -> tuple[str, ...]:
    """One message; `known` has the message it replies to, if that is to be shown."""
    if message.service:
        return (f"— {_service(message)} —",)
    told = [f"{_name(message, bot)}  {message.at:%H:%M}{' (edited)' if message.edited else ''}"]
    replied = known.get(message.reply_to)
    if replied:
        told.append(f"↪ {_name(replied, bot)}: {_snippet(replied)}")
    if message.document:
        told.append(f"📎 {message.document.name} ({_size(len(message.document.content))})")
    told += _text_lines(message)
    told += [" ".join(f"[{button.text}]" for button in row) for row in message.keyboard]
    return tuple(told)


def _text_lines(message: Message) -> Iterator[str]:
    for quote, start, end in _blocks(message):
        part = cut(message.text, start, end - start).strip("\n")
        if not part and quote is None:
            continue
        for number, line in enumerate(part.split("\n")):
            folded = quote is not None and quote.type == "expandable_blockquote" and number == 0
            yield line if quote is None else f"{'▾' if folded else '▎'} {line}"


def _blocks(message: Message) -> Iterator[tuple[Entity | None, int, int]]:
    """The text cut into what is quoted and what is not, in UTF-16 units."""
    at = 0
    for each in message.entities:
        if each.type in _QUOTES:
            if each.offset > at:
                yield None, at, each.offset
            yield each, each.offset, each.end
            at = each.end
    if units(message.text) > at:
        yield None, at, units(message.text)


def _name(message: Message, bot: Person) -> str:
    if message.mine:
        return bot.name
    return message.sender.name if message.sender else "Channel"


def _snippet(message: Message) -> str:
    text = " ".join(message.text.split()) or (message.document.name if message.document else "")
    return text if len(text) <= _SNIPPET else text[: _SNIPPET - 1].rstrip() + "…"


def _service(message: Message) -> str:
    told = message.service or {}
    if "forum_topic_created" in told:
        return f"Topic “{told['forum_topic_created']['name']}” was created"
    if "new_chat_members" in told:
        return ", ".join(each["first_name"] for each in told["new_chat_members"]) + " joined"
    if "pinned_message" in told:
        return "A message was pinned"
    return "This group became a supergroup"


def _size(number: int) -> str:
    return f"{number} B" if number < 1024 else f"{number / 1024:.1f} KB"


# As a page


def page(messages: Sequence[Message], *, title: str, bot: Person, subtitle: str = "bot") -> str:
    """One self-contained page, 640 pixels wide, without scripts."""
    known = {each.id: each for each in messages}
    bubbles = "\n".join(_bubble(each, known, bot) for each in messages if not each.deleted)
    head = f"<b>{escape(title)}</b><small>{escape(subtitle)}</small>"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f'<body><header><span class="face">{escape(title[:1])}</span><div>{head}</div></header>\n'
        f"<main>\n{bubbles}\n</main></body></html>\n"
    )


def _bubble(message: Message, known: Mapping[int, Message], bot: Person) -> str:
    if message.service:
        return f'<p class="service">{escape(_service(message))}</p>'
    side = "bot" if message.mine else "person"
    parts = [f'<div class="name">{escape(_name(message, bot))}</div>']
    replied = known.get(message.reply_to)
    if replied:
        quoted = f"<b>{escape(_name(replied, bot))}</b><br>{escape(_snippet(replied))}"
        parts.append(f'<div class="reply">{quoted}</div>')
    if message.document:
        size = _size(len(message.document.content))
        name = f"<b>{escape(message.document.name)}</b><br><small>{size}</small>"
        parts.append(f'<div class="file"><span class="icon">↓</span><div>{name}</div></div>')
    edited = "edited " if message.edited else ""
    parts.append(f'<div class="text">{message_html(message)}<time>{edited}{message.at:%H:%M}</time></div>')
    bubble = f'<div class="bubble">{"".join(parts)}</div>'
    return f'<article class="{side}">{bubble}{_keyboard(message.keyboard)}</article>'


def message_html(message: Message) -> str:
    """The text of a message as HTML for browsers."""
    shown: list[str] = []
    for quote, start, end in _blocks(message):
        inside = [each for each in message.entities if each.type not in _QUOTES]
        marked = _inline(message.text, inside, start, end)
        if quote is None:
            shown.append(marked)
        else:
            kind = ' class="expandable"' if quote.type == "expandable_blockquote" else ""
            shown.append(f"<blockquote{kind}>{marked}</blockquote>")
    # A block ends its line by itself.
    return "".join(shown).replace("</blockquote>\n", "</blockquote>")


def _inline(text: str, entities: Iterable[Entity], start: int, end: int) -> str:
    here = [each for each in entities if each.offset < end and each.end > start]
    places = {start, end}
    for each in here:
        places |= {max(each.offset, start), min(each.end, end)}
    pieces: list[str] = []
    for first, last in pairwise(sorted(places)):
        piece = escape(cut(text, first, last - first))
        for each in reversed([each for each in here if each.offset <= first and each.end >= last]):
            piece = _wrapped(piece, each)
        pieces.append(piece)
    return "".join(pieces)


def _wrapped(piece: str, entity: Entity) -> str:
    if entity.type in _TAGS:
        return f"<{_TAGS[entity.type]}>{piece}</{_TAGS[entity.type]}>"
    if entity.type in _LINKS:
        target = f' title="{escape(entity.url)}"' if entity.url else ""
        return f'<a class="{entity.type}"{target}>{piece}</a>'
    if entity.type == "spoiler":
        return f'<span class="spoiler">{piece}</span>'
    return piece


def _keyboard(keyboard: Keyboard) -> str:
    if not keyboard:
        return ""
    rows = (
        "".join(f"<span>{escape(button.text)}{'<i>↗</i>' if button.url else ''}</span>" for button in row)
        for row in keyboard
    )
    return '<div class="keyboard">' + "".join(f"<div>{row}</div>" for row in rows) + "</div>"


_STYLE = """
*{box-sizing:border-box}
body{margin:0;background:#c9d8c5;
font:15px/1.4 "Noto Sans","DejaVu Sans","Noto Sans CJK SC",sans-serif;color:#0f1419}
header{display:flex;gap:12px;align-items:center;background:#517da2;color:#fff;padding:8px 16px;width:640px}
header small{display:block;opacity:.8;font-size:13px}
.face{width:40px;height:40px;border-radius:50%;background:#fff3;display:grid;place-items:center;font-size:19px}
main{width:640px;padding:14px 16px 22px;display:flex;flex-direction:column;gap:8px}
article{max-width:530px}
article.person{align-self:flex-end}
.bubble{background:#fff;border-radius:12px;padding:6px 10px 7px;box-shadow:0 1px 1px #0002;
overflow-wrap:anywhere}
.person .bubble{background:#effdde}
.name{color:#c0663d;font-weight:600;font-size:14px}
.person .name{color:#3a8a34}
.reply{border-left:3px solid #c0663d;background:#c0663d14;border-radius:4px;padding:2px 8px;
margin:3px 0;font-size:14px}
.text{white-space:pre-wrap;display:flow-root}
time{float:right;color:#8a9aa7;font-size:12px;margin:5px 0 0 10px}
.person time{color:#62ac55}
a{color:#2678b6}
code,pre{font-family:"Noto Sans Mono","DejaVu Sans Mono",monospace;font-size:13.5px;color:#37618c}
pre{background:#f1f4f7;border-radius:6px;margin:4px 0;padding:6px 8px;white-space:pre-wrap}
blockquote{position:relative;margin:4px 0;padding:3px 24px 3px 9px;border-left:3px solid #3d92cf;
background:#3d92cf14;border-radius:4px}
blockquote::after{content:"❞";position:absolute;right:7px;top:0;color:#3d92cf}
blockquote.expandable{max-height:69px;overflow:hidden}
blockquote.expandable::after{content:"⌄";top:auto;bottom:2px;font-weight:700}
.spoiler{background:#9aa5ad;color:transparent;border-radius:3px}
.file{display:flex;gap:10px;align-items:center;margin:4px 0}
.icon{width:38px;height:38px;border-radius:50%;background:#4aa3e0;color:#fff;display:grid;place-items:center}
.file small{color:#8a9aa7}
.keyboard{display:flex;flex-direction:column;gap:4px;margin-top:4px}
.keyboard div{display:flex;gap:4px}
.keyboard span{position:relative;flex:1;background:#6a8a70cc;color:#fff;border-radius:8px;padding:7px 6px;
text-align:center;
font-size:14px;font-weight:500}
.keyboard i{position:absolute;right:5px;top:1px;font-size:10px;font-style:normal}
.service{align-self:center;background:#6a8a70cc;color:#fff;border-radius:12px;padding:2px 12px;
margin:0;font-size:13px}
"""
