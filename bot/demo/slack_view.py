"""What people see in the small Slack, as lines for a terminal; slack_page makes a web page of the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from bot.demo.slack_markup import (
    Names,
    Piece,
    hidden_links,
    inline,
    live_mentions,
    markdown,
    mrkdwn,
)
from bot.demo.slack_page import page, view_page
from bot.demo.slack_world import BOT, SLACKBOT, Json, Message, View
from bot.platforms.wrap import Run, wrapped

__all__ = ["hidden_links", "lines", "live_mentions", "page", "view_lines", "view_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    names: Names
    width: int
    urls: bool
    unfolded: bool


def lines(
    messages: Sequence[Message],
    names: Names,
    *,
    tz: str = "UTC",
    width: int = 100,
    urls: bool = False,
    unfolded: bool = True,
) -> list[str]:
    """A conversation as a person reads it: replies under their messages, and buttons in brackets.

    `messages` of one channel, with those for one person where they were shown; `names` for ids, as
    `World.names` has them; with `urls` the address of each link follows it; containers are folded
    unless `unfolded`.
    """
    sheet = _Sheet(names=names, width=width, urls=urls, unfolded=unfolded)
    shown = sorted((m for m in messages if not m.deleted), key=lambda m: m.ts)
    tops = {message.ts for message in shown}
    found: list[str] = []
    for message in shown:
        if message.thread_ts in {"", message.ts} or message.broadcast or message.thread_ts not in tops:
            replies = [m for m in shown if m.thread_ts == message.ts and m.ts != message.ts]
            found += [*_message(message, sheet, tz), *_replies(replies, sheet, tz), ""]
    return found[:-1]


def _replies(replies: Sequence[Message], sheet: _Sheet, tz: str) -> list[str]:
    if not replies:
        return []
    counted = sum(not reply.only_for for reply in replies)
    found = [f"  └ {counted} {'reply' if counted == 1 else 'replies'}"] if counted else []
    narrow = _Sheet(names=sheet.names, width=sheet.width - 4, urls=sheet.urls, unfolded=sheet.unfolded)
    for reply in replies:
        found += ["", *(f"    {line}".rstrip() for line in _message(reply, narrow, tz))]
    return found


def _message(message: Message, sheet: _Sheet, tz: str) -> list[str]:
    app = "  APP" if message.user == BOT else ""
    name = "Slackbot" if message.user == SLACKBOT else sheet.names.get(message.user, message.user)
    found = [f"{name}{app}  {_clock(message.at, tz)}"]
    if message.only_for:
        found.append(f"  (only visible to {sheet.names.get(message.only_for, message.only_for)})")
    body = blocks_lines(message.blocks, sheet) if message.blocks else []
    if not message.blocks and message.text:
        body = _wrapped(mrkdwn(message.text, sheet.names), sheet)
    body += [f"📄 {file.title} ({len(file.content):,} bytes)" for file in message.files]
    if message.edited:
        body.append("(edited)")
    if message.reactions:
        body.append("  ".join(f":{name}:" for name, _ in message.reactions))
    return found + [f"  {line}".rstrip() for line in body]


def _clock(at: datetime, tz: str) -> str:
    return f"{at.astimezone(ZoneInfo(tz)):%H:%M}"


def view_lines(view: View, names: Names, *, width: int = 100) -> list[str]:
    """A modal or a Home tab as a person reads it; inputs as [      ]."""
    sheet = _Sheet(names=names, width=width, urls=False, unfolded=True)
    title = view.payload.get("title", {}).get("text", "Home")
    found = [f"┌ {title}", *(f"│ {line}".rstrip() for line in blocks_lines(view.payload["blocks"], sheet))]
    found += [f"│ ! {error}" for error in view.errors.values()]
    ends = [view.payload[key]["text"] for key in ("close", "submit") if view.payload.get(key)]
    return [*found, "└ " + "  ".join(f"[{end}]" for end in ends)]


def blocks_lines(blocks: Sequence[Json], sheet: _Sheet) -> list[str]:
    """Blocks in order."""
    found: list[str] = []
    for block in blocks:
        found += _BLOCKS.get(block["type"], _unknown)(block, sheet)
    return found


def _text(text: Json, sheet: _Sheet) -> list[Piece]:
    return mrkdwn(text["text"], sheet.names) if text["type"] == "mrkdwn" else [Piece(text=text["text"])]


def _written(pieces: Sequence[Piece], sheet: _Sheet) -> str:
    return "".join(
        f"{piece.text} ({piece.url})" if sheet.urls and piece.url and piece.url != piece.text else piece.text
        for piece in pieces
    )


def _wrapped(pieces: Sequence[Piece], sheet: _Sheet, first: str = "", then: str | None = None) -> list[str]:
    hang = " " * len(first) if then is None else then
    rows = wrapped([Run(_written(pieces, sheet).rstrip("\n"))], max(20, sheet.width - len(first) - 2))
    shown = ["".join(run.text for run in row) for row in rows]
    return [f"{hang if index else first}{line}" for index, line in enumerate(shown)]


def _header(block: Json, sheet: _Sheet) -> list[str]:
    return _wrapped([Piece(text=block["text"]["text"])], sheet)


def _section(block: Json, sheet: _Sheet) -> list[str]:
    texts = [block["text"]] if block.get("text") else []
    found = [
        line for text in [*texts, *block.get("fields", ())] for line in _wrapped(_text(text, sheet), sheet)
    ]
    accessory = block.get("accessory")
    return found + ([_element(accessory)] if accessory and accessory["type"] != "image" else [])


def _context(block: Json, sheet: _Sheet) -> list[str]:
    texts = [_written(_text(each, sheet), sheet) for each in block["elements"] if each["type"] != "image"]
    return _wrapped([Piece(text="  ".join(texts))], sheet)


def _divider(block: Json, sheet: _Sheet) -> list[str]:
    return ["─" * min(40, sheet.width)]


def _actions(block: Json, sheet: _Sheet) -> list[str]:
    return _wrapped([Piece(text=" ".join(_element(each) for each in block["elements"]))], sheet)


def _element(element: Json) -> str:
    if element["type"] in {"button", "workflow_button"}:
        return f"[{element['text']['text']}]"
    label = (element.get("placeholder") or {}).get("text", "")
    if chosen := element.get("initial_option"):
        label = chosen["text"]["text"]
    if initial := element.get("initial_value"):
        label = str(initial)
    options = [option["text"]["text"] for option in element.get("options", ())]
    if element["type"] in {"checkboxes", "radio_buttons"}:
        on = {each["value"] for each in element.get("initial_options", ())}
        on |= {chosen["value"]} if chosen else set()
        marks = ["x" if option["value"] in on else " " for option in element.get("options", ())]
        return "  ".join(f"[{mark}] {option}" for mark, option in zip(marks, options, strict=True))
    return (
        f"[{label} ▾]" if "select" in element["type"] or element["type"] == "overflow" else f"[{label:<30}]"
    )


def _input(block: Json, sheet: _Sheet) -> list[str]:
    hint = [f"  {block['hint']['text']}"] if block.get("hint") else []
    return [f"{block['label']['text']}:", f"  {_element(block['element'])}", *hint]


def _image(block: Json, sheet: _Sheet) -> list[str]:
    return _wrapped([Piece(text=f"🖼 {block['alt_text']}")], sheet)


def _markdown(block: Json, sheet: _Sheet) -> list[str]:
    return [
        line
        for row in block["text"].split("\n")
        for line in _wrapped(markdown(row.lstrip("# "), sheet.names), sheet) or [""]
    ]


def _container(block: Json, sheet: _Sheet) -> list[str]:
    title = block.get("title", {}).get("text") or "".join(
        piece.text
        for section in block.get("rich_text_title", {}).get("elements", ())
        for piece in inline(section["elements"], sheet.names)
    )
    folded = block.get("is_collapsible") and block.get("default_collapsed") and not sheet.unfolded
    mark = "▸" if folded else "▾"
    if folded:
        return [f"{mark} {title}"]
    inside = blocks_lines(block["child_blocks"], sheet)
    return [f"{mark} {title}", *(f"  {line}".rstrip() for line in inside)]


def _rich_text(block: Json, sheet: _Sheet) -> list[str]:
    found: list[str] = []
    for section in block["elements"]:
        if section["type"] == "rich_text_list":
            found += _list(section, sheet)
            continue
        marks = {"rich_text_quote": "▎ ", "rich_text_preformatted": "    "}
        mark = marks.get(section["type"], "")
        found += _wrapped(inline(section["elements"], sheet.names), sheet, mark, mark)
    return found


def _list(section: Json, sheet: _Sheet) -> list[str]:
    indent = section.get("indent", 0)
    number = section.get("offset", 0)
    found: list[str] = []
    for item in section["elements"]:
        number += 1
        mark = f"{number}. " if section["style"] == "ordered" else "• "
        found += _wrapped(inline(item["elements"], sheet.names), sheet, "   " * indent + mark)
    return found


def _table(block: Json, sheet: _Sheet) -> list[str]:
    rows = [[_cell(cell, sheet) for cell in row] for row in block["rows"]]
    columns = range(max(map(len, rows)))
    widths = [max(cell_len(row[i]) if i < len(row) else 0 for row in rows) for i in columns]
    padded = [[cell + " " * (widths[i] - cell_len(cell)) for i, cell in enumerate(row)] for row in rows]
    return [" │ ".join(row).rstrip() for row in padded]


def _cell(cell: Json, sheet: _Sheet) -> str:
    if cell["type"] == "rich_text":
        return " ".join("".join(p.text for p in inline(s["elements"], sheet.names)) for s in cell["elements"])
    return str(cell.get("text", cell.get("value", "")))


def _unknown(block: Json, sheet: _Sheet) -> list[str]:
    return [f"[{block['type'].replace('_', ' ')}]"]


_BLOCKS: dict[str, Callable[[Json, _Sheet], list[str]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
    "container": _container,
    "rich_text": _rich_text,
    "table": _table,
    "data_table": _table,
}
