"""What people see in the small Slack as one web page that needs nothing else, for pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from zoneinfo import ZoneInfo

from bot.demo.slack_markup import Names, Piece, inline, markdown, mrkdwn
from bot.demo.slack_world import BOT, SLACKBOT, Json, Message, View

_STYLE = """
body{margin:0;background:#fff;color:#1d1c1d;font:15px/1.46 Lato,"Noto Sans","Noto Sans CJK SC",Helvetica,
Arial,sans-serif}
main{max-width:820px;margin:0 auto;padding:0 0 16px}
.bar{border-bottom:1px solid #ddd;padding:12px 20px;font-weight:900;font-size:18px}
.m{display:flex;gap:9px;padding:8px 20px}
.m.r{padding:6px 12px}
.a{flex:0 0 36px;height:36px;border-radius:6px;color:#fff;font-weight:900;font-size:17px;display:flex;
align-items:center;justify-content:center}
.b{flex:1;min-width:0}
.n{font-weight:900}
.app{background:#e8e8e8;color:#616061;border-radius:2px;font-size:10px;font-weight:700;padding:1px 3px;
margin-left:5px;vertical-align:2px}
.t{color:#616061;font-size:12px;margin-left:7px}
.only{color:#616061;font-size:13px;margin-bottom:2px}
.thread{border-left:2px solid #ddd;margin:4px 20px 8px 64px}
.count{color:#1264a3;font-size:13px;font-weight:700;padding:4px 12px}
h3{font-size:18px;font-weight:900;margin:6px 0 4px;line-height:1.33}
p,ul,ol,pre,blockquote{margin:2px 0 6px}
ul,ol{padding-left:24px}
blockquote{border-left:4px solid #ddd;padding-left:12px}
pre{background:#f8f8f8;border:1px solid #ddd;border-radius:4px;padding:8px;font-size:12px;
white-space:pre-wrap}
code{background:#f8f8f8;border:1px solid #ddd;border-radius:3px;color:#c01343;font-size:12px;
padding:2px 3px 1px}
a{color:#1264a3;text-decoration:none}
.at{background:#e8f5fa;color:#1264a3;border-radius:3px;padding:0 2px 1px}
.ctx{color:#616061;font-size:13px;line-height:1.4;margin:3px 0 6px}
.ctx a{color:#616061;text-decoration:underline}
hr{border:0;border-top:1px solid #ddd;margin:10px 0}
.acts{display:flex;flex-wrap:wrap;gap:8px;margin:6px 0}
.btn{border:1px solid #bbbabb;border-radius:4px;padding:0 12px;height:28px;line-height:27px;font-size:13px;
font-weight:900;color:#1d1c1d}
.btn.primary{background:#007a5a;border-color:#007a5a;color:#fff}
.btn.danger{border-color:#e01e5a;color:#e01e5a}
.box{border:1px solid #ddd;border-radius:8px;margin:6px 0;overflow:hidden}
.box>summary,.box>.h{padding:8px 12px;font-weight:900;list-style:none}
.box>summary::before{content:"▸";color:#616061;margin-right:8px}
.box[open]>summary::before{content:"▾"}
.box>.in{padding:0 12px 8px}
table{border-collapse:collapse;margin:6px 0;font-size:13px}
td{border:1px solid #ddd;padding:5px 9px}
tr:first-child td{background:#f8f8f8;font-weight:700}
img{max-width:360px;border-radius:8px}
.pic{color:#616061;border:1px dashed #bbb;border-radius:8px;display:inline-block;padding:14px 18px;
font-size:13px}
.file{border:1px solid #ddd;border-radius:8px;display:inline-block;padding:8px 14px;margin:4px 0;
font-weight:700}
.file small{display:block;color:#616061;font-weight:400}
.re{display:inline-block;background:#f3f3f3;border-radius:24px;padding:1px 8px;font-size:12px;
margin-right:4px}
.lab{font-weight:900;margin-top:10px}
.inp{border:1px solid #868686;border-radius:4px;padding:6px 12px;color:#616061;min-height:21px;
white-space:pre-wrap}
.err{color:#e01e5a;font-size:13px}
"""
_COLOURS = ("#4a154b", "#1264a3", "#007a5a", "#e01e5a", "#c87000", "#3f46ad")
_TAGS = {"bold": "b", "italic": "i", "strike": "s", "code": "code", "underline": "u"}


def page(
    messages: Sequence[Message],
    names: Names,
    *,
    title: str = "",
    tz: str = "UTC",
    unfolded: bool = False,
    me: Mapping[str, str] | None = None,
) -> str:
    """A conversation as it looks in Slack: threads open under their messages, all text escaped.

    `title` is the channel's name; `me` may give the colour of a person's picture by id.
    """
    shown = sorted((m for m in messages if not m.deleted), key=lambda m: m.ts)
    tops = {message.ts for message in shown}
    sheet = _Page(names, tz, unfolded, me or {})
    parts = [f'<div class="bar"># {escape(title)}</div>'] if title else []
    for message in shown:
        if message.thread_ts in {"", message.ts} or message.thread_ts not in tops:
            parts.append(sheet.message(message))
            replies = [m for m in shown if m.thread_ts == message.ts and m.ts != message.ts]
            if replies:
                word = "reply" if len(replies) == 1 else "replies"
                inside = "".join(sheet.message(reply, reply=True) for reply in replies)
                parts.append(
                    f'<div class="thread"><div class="count">{len(replies)} {word}</div>{inside}</div>'
                )
    return _whole(title or "Slack", "".join(parts))


def view_page(view: View, names: Names) -> str:
    """A modal or a Home tab as it looks in Slack."""
    sheet = _Page(names, "UTC", True, {})
    title = view.payload.get("title", {}).get("text", "Home")
    errors = "".join(f'<div class="err">{escape(error)}</div>' for error in view.errors.values())
    ends = [view.payload[key]["text"] for key in ("close", "submit") if view.payload.get(key)]
    buttons = "".join(f'<span class="btn">{escape(end)}</span>' for end in ends)
    body = "".join(sheet.block(block) for block in view.payload["blocks"])
    foot = f'<div class="acts">{buttons}</div>' if buttons else ""
    inner = f'<div class="bar">{escape(title)}</div><div style="padding:8px 20px">{body}{errors}{foot}</div>'
    return _whole(title, inner)


def _whole(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body><main>{body}</main></body></html>\n'


class _Page:
    """Renders with the same names, time zone and folding throughout."""

    def __init__(self, names: Names, tz: str, unfolded: bool, colours: Mapping[str, str]) -> None:
        self._names = names
        self._tz = ZoneInfo(tz)
        self._unfolded = unfolded
        self._colours = colours
        self._blocks: dict[str, Callable[[Json], str]] = {
            "header": lambda block: f"<h3>{_lines(block['text']['text'])}</h3>",
            "section": self._section,
            "context": self._context,
            "divider": lambda block: "<hr>",
            "actions": self._actions,
            "input": self._input,
            "image": _image,
            "markdown": self._markdown,
            "container": self._container,
            "rich_text": self._rich_text,
            "table": self._table,
            "data_table": self._table,
        }

    def message(self, message: Message, *, reply: bool = False) -> str:
        name = "Slackbot" if message.user == SLACKBOT else self._names.get(message.user, message.user)
        colour = self._colours.get(message.user) or _colour(message.user)
        badge = '<span class="app">APP</span>' if message.user == BOT else ""
        time = f"{message.at.astimezone(self._tz):%H:%M}"
        head = f'<span class="n">{escape(name)}</span>{badge}<span class="t">{time}</span>'
        if message.only_for:
            reader = escape(self._names.get(message.only_for, message.only_for))
            head = f'<div class="only">Only visible to {reader}</div>{head}'
        picture = f'<div class="a" style="background:{escape(colour)}">{escape(name[:1].upper())}</div>'
        kind = "m r" if reply else "m"
        return f'<div class="{kind}">{picture}<div class="b">{head}{self._body(message)}</div></div>'

    def _body(self, message: Message) -> str:
        body = "".join(self.block(block) for block in message.blocks)
        if not message.blocks and message.text:
            edited = '<span class="t">(edited)</span>' if message.edited else ""
            body = f"<p>{self._mrkdwn(message.text)}{edited}</p>"
        for file in message.files:
            size = f"{len(file.content):,} bytes"
            body += f'<div class="file">{escape(file.title)}<small>{size}</small></div>'
        return body + "".join(f'<span class="re">:{escape(name)}:</span>' for name, _ in message.reactions)

    def block(self, block: Json) -> str:
        render = self._blocks.get(block["type"])
        return render(block) if render else f'<div class="pic">{escape(block["type"])}</div>'

    def _text(self, text: Json) -> str:
        return self._mrkdwn(text["text"]) if text["type"] == "mrkdwn" else _lines(text["text"])

    def _mrkdwn(self, text: str) -> str:
        return _pieces(mrkdwn(text, self._names))

    def _section(self, block: Json) -> str:
        texts = [block["text"]] if block.get("text") else []
        body = "".join(f"<p>{self._text(text)}</p>" for text in [*texts, *block.get("fields", ())])
        accessory = block.get("accessory")
        return body + (f'<div class="acts">{_element(accessory)}</div>' if accessory else "")

    def _context(self, block: Json) -> str:
        parts = [
            f'<img alt="{escape(each["alt_text"])}">' if each["type"] == "image" else self._text(each)
            for each in block["elements"]
        ]
        return f'<div class="ctx">{" ".join(parts)}</div>'

    def _actions(self, block: Json) -> str:
        return f'<div class="acts">{"".join(_element(each) for each in block["elements"])}</div>'

    def _input(self, block: Json) -> str:
        hint = f'<div class="ctx">{escape(block["hint"]["text"])}</div>' if block.get("hint") else ""
        return f'<div class="lab">{escape(block["label"]["text"])}</div>{_element(block["element"])}{hint}'

    def _markdown(self, block: Json) -> str:
        rows = []
        for row in block["text"].split("\n"):
            inner = _pieces(markdown(row.lstrip("# "), self._names))
            rows.append(f"<h3>{inner}</h3>" if row.startswith("#") else f"<p>{inner}</p>" if row else "")
        return "".join(rows)

    def _container(self, block: Json) -> str:
        title = escape(block["title"]["text"]) if block.get("title") else ""
        if block.get("rich_text_title"):
            sections = block["rich_text_title"]["elements"]
            title = "".join(_pieces(inline(each["elements"], self._names)) for each in sections)
        inside = f'<div class="in">{"".join(self.block(child) for child in block["child_blocks"])}</div>'
        if not block.get("is_collapsible"):
            return f'<div class="box"><div class="h">{title}</div>{inside}</div>'
        is_open = " open" if self._unfolded or not block.get("default_collapsed") else ""
        return f'<details class="box"{is_open}><summary>{title}</summary>{inside}</details>'

    def _rich_text(self, block: Json) -> str:
        return "".join(self._rich_section(section) for section in block["elements"])

    def _rich_section(self, section: Json) -> str:
        if section["type"] == "rich_text_list":
            items = [
                f"<li>{_pieces(inline(item['elements'], self._names))}</li>" for item in section["elements"]
            ]
            margin = f' style="margin-left:{24 * section.get("indent", 0)}px"'
            if section["style"] == "ordered":
                return f'<ol start="{section.get("offset", 0) + 1}"{margin}>{"".join(items)}</ol>'
            return f"<ul{margin}>{''.join(items)}</ul>"
        tags = {"rich_text_quote": "blockquote", "rich_text_preformatted": "pre"}
        tag = tags.get(section["type"], "p")
        return f"<{tag}>{_pieces(inline(section['elements'], self._names))}</{tag}>"

    def _table(self, block: Json) -> str:
        settings = block.get("column_settings") or []
        rows = "".join(f"<tr>{''.join(self._cells(row, settings))}</tr>" for row in block["rows"])
        return f"<table>{rows}</table>"

    def _cells(self, row: Sequence[Json], settings: Sequence[Json | None]) -> list[str]:
        cells = []
        for index, cell in enumerate(row):
            own = settings[index] if index < len(settings) else None
            align = (own or {}).get("align", "left")
            rich = cell["type"] == "rich_text"
            text = self._rich_text(cell) if rich else escape(str(cell.get("text", cell.get("value", ""))))
            cells.append(f'<td style="text-align:{escape(align)}">{text}</td>')
        return cells


def _colour(user: str) -> str:
    return _COLOURS[0] if user == BOT else _COLOURS[1 + sum(map(ord, user)) % (len(_COLOURS) - 1)]


def _pieces(pieces: Sequence[Piece]) -> str:
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: Piece) -> str:
    text = _lines(piece.text)
    for style, tag in _TAGS.items():
        if style in piece.styles:
            text = f"<{tag}>{text}</{tag}>"
    if "mention" in piece.styles:
        return f'<span class="at">{text}</span>'
    if piece.url.startswith(("http://", "https://", "mailto:")):
        return f'<a href="{escape(piece.url)}">{text}</a>'
    return text


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _image(block: Json) -> str:
    # A page that needs nothing else shows what a picture is of, not the picture.
    return f'<div class="pic">{escape(block["alt_text"])}</div>'


def _element(element: Json) -> str:
    if element["type"] in {"button", "workflow_button"}:
        return (
            f'<span class="btn {escape(element.get("style", ""))}">{escape(element["text"]["text"])}</span>'
        )
    if element["type"] == "image":
        return _image(element)
    shown = (element.get("placeholder") or {}).get("text", "")
    if chosen := element.get("initial_option"):
        shown = chosen["text"]["text"]
    if element["type"] in {"checkboxes", "radio_buttons"}:
        on = {each["value"] for each in [*element.get("initial_options", ()), *([chosen] if chosen else [])]}
        return "".join(
            f"<div>{'☑' if option['value'] in on else '☐'} {escape(option['text']['text'])}</div>"
            for option in element["options"]
        )
    shown = element.get("initial_value") or element.get("initial_time") or shown
    arrow = " ▾" if "select" in element["type"] or element["type"] == "overflow" else ""
    return f'<div class="inp">{escape(str(shown))}{arrow}</div>'
