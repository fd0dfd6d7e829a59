"""What Slack refuses in messages and views, and under which name.

Limits are Slack's own (docs.slack.dev/reference/block-kit), those of the installed slack_sdk's models, and
two found by others in practice: the whole of `blocks` (bolt-js#2509, #2867) and the text of chat.update.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.demo.slack_elements import check_element, check_rich_text, check_text, units
from bot.demo.slack_world import Json, Refused

NEW_BLOCKS = frozenset(
    {
        "container",
        "card",
        "carousel",
        "table",
        "task_card",
        "plan",
        "data_table",
        "data_visualization",
        "alert",
    }
)
_OLD_BLOCKS = frozenset(
    {"section", "divider", "image", "actions", "context", "context_actions", "input", "file", "header"}
    | {"markdown", "video", "rich_text"}
)
_CONTAINER_CHILDREN = frozenset(
    {"actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section", "table"}
    | {"video"}
)
# slack_sdk has no class for these; their fields are from Slack's reference pages.
_BY_HAND = {
    "data_table": {"rows", "caption", "page_size", "row_header_column_index"},
    "data_visualization": {"title", "chart", "x_label", "y_label"},
}
_NOT_IN_MESSAGES = frozenset({"alert"})
_NOT_IN_VIEWS = frozenset({"table", "data_table", "data_visualization", "task_card", "plan", "markdown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a message may hold, in UTF-16 units unless said otherwise."""

    blocks: int = 50
    text: int = 40_000
    # Of chat.update, in bytes of UTF-8: measured, where the reference says 4,000 characters.
    updated_text: int = 4_000
    # Of the JSON of all blocks. Slack publishes no number; markdown alone is refused from 13,298 on.
    content: int = 13_200
    markdown: int = 12_000
    table_rows: int = 100
    table_cells: int = 20
    table_text: int = 10_000
    metadata: int = 8_000


def check_message(
    text: str, blocks: Sequence[Json], limits: Limits, *, refused_types: frozenset[str] = frozenset()
) -> None:
    """Refuse what Slack refuses in a new message: raises Refused with Slack's name for it."""
    if not text.strip() and not blocks:
        raise Refused("no_text")
    if units(text) > limits.text:
        raise Refused("msg_too_long")
    if len(blocks) > limits.blocks:
        raise _invalid(f"no more than {limits.blocks} items allowed [json-pointer:/blocks]")
    _check_blocks(blocks, _NOT_IN_MESSAGES | refused_types, limits)
    tables = [block for _, block in walk(blocks) if block["type"] in {"table", "data_table"}]
    if len(tables) > 1:
        message = "[ERROR] only_one_table_allowed"
        raise Refused("invalid_attachments", response_metadata={"messages": [message]})
    if sum(block["type"] == "data_visualization" for _, block in walk(blocks)) > 2:
        raise _invalid("no more than 2 data_visualization blocks allowed [json-pointer:/blocks]")
    if (
        sum(units(block["text"]) for _, block in walk(blocks) if block["type"] == "markdown")
        > limits.markdown
    ):
        raise _invalid(f"markdown must be less than {limits.markdown + 1} characters in total")
    if units(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > limits.content:
        raise Refused("msg_blocks_too_long")


def check_metadata(metadata: object, limits: Limits) -> None:
    """Raises Refused unless metadata is absent or an event with a type and a payload."""
    if metadata is None or metadata == {}:
        return
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not metadata["event_type"]:
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata)) > limits.metadata:
        raise Refused("metadata_too_large")


def check_view(view: object, limits: Limits, *, kind: str) -> Json:
    """A view of this kind ("modal" or "home") as given; raises Refused (invalid_arguments) with reasons."""
    try:
        if not isinstance(view, dict) or view.get("type") != kind:
            raise _invalid(f"must be a {kind} [json-pointer:/view/type]")
        blocks = as_blocks(view.get("blocks"))
        extra = view.keys() - View.attributes
        if extra:
            raise _invalid(f"invalid additional property: {', '.join(sorted(extra))} [json-pointer:/view]")
        if kind == "modal" and not view.get("title"):
            raise _invalid("missing required field: title [json-pointer:/view]")
        _check_blocks(blocks, _NOT_IN_VIEWS, limits)
        if any(block["type"] == "input" for block in blocks) and kind == "modal" and not view.get("submit"):
            raise _invalid("missing required field: submit [json-pointer:/view]")
        View(**view).validate_json()
    except SlackObjectFormationError as error:
        raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] {error}"]}) from error
    except Refused as refused:
        raise Refused("invalid_arguments", **refused.fields) from refused
    return view


def as_blocks(blocks: object) -> list[Json]:
    """Blocks as a list of objects with a type; raises Refused (invalid_blocks_format)."""
    if blocks is None:
        return []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refused("invalid_blocks_format")
    if not all(isinstance(block.get("type"), str) for block in blocks):
        raise _invalid("missing required field: type [json-pointer:/blocks]")
    return blocks


def walk(blocks: Sequence[Json], path: str = "/blocks") -> Iterator[tuple[str, Json]]:
    """All blocks with their JSON pointers, those in containers, carousels and plans included."""
    for index, block in enumerate(blocks):
        yield f"{path}/{index}", block
        for key in ("child_blocks", "elements", "tasks"):
            if block["type"] in {"container", "carousel", "plan"} and isinstance(block.get(key), list):
                yield from walk(as_blocks(block[key]), f"{path}/{index}/{key}")


def _check_blocks(blocks: Sequence[Json], refused: frozenset[str], limits: Limits) -> None:
    for path, block in walk(blocks):
        if block["type"] in refused or block["type"] not in NEW_BLOCKS | _OLD_BLOCKS:
            raise _invalid(f"unsupported type: {block['type']} [json-pointer:{path}/type]")
        try:
            _check_block(block, limits)
        except (SlackObjectFormationError, TypeError, ValueError, KeyError, AttributeError) as error:
            raise _invalid(f"{error} [json-pointer:{path}]") from error
    _check_unique(blocks)


def _check_unique(blocks: Sequence[Json]) -> None:
    ids = Counter(block["block_id"] for _, block in walk(blocks) if block.get("block_id"))
    actions = Counter(element["action_id"] for element in interactive(blocks) if element.get("action_id"))
    for kind, counter in (("block_id", ids), ("action_id", actions)):
        for value, times in counter.items():
            if times > 1:
                raise _invalid(f"`{kind}` {value} already exists in this message")


def interactive(blocks: Sequence[Json]) -> Iterator[Json]:
    """All buttons, selects and inputs, each with the id of its block as `_block`."""
    for _, block in walk(blocks):
        inside = list(block.get("elements", ())) if block["type"] in {"actions", "context_actions"} else []
        inside += [block.get("accessory"), block.get("element"), *block.get("actions", ())]
        for element in inside:
            if isinstance(element, dict) and element.get("type") != "image":
                yield {**element, "_block": block.get("block_id", "")}


def _check_block(block: Json, limits: Limits) -> None:
    kind = block["type"]
    if kind in _BY_HAND:
        _no_more_than(block, _BY_HAND[kind])
    else:
        parsed = Block.parse(dict(block))
        assert parsed is not None
        _no_more_than(block, parsed.attributes)
        parsed.validate_json()
        # Only serialising goes through the elements' own validators.
        parsed.to_dict()
    if check := _CHECKS.get(kind):
        check(block, limits)


def _no_more_than(block: Json, known: set[str]) -> None:
    if extra := block.keys() - known - {"type", "block_id"}:
        raise ValueError(f"invalid additional property: {', '.join(sorted(extra))}")


def _section(block: Json, limits: Limits) -> None:
    if not block.get("text") and not block.get("fields"):
        raise ValueError("missing required field: text or fields")
    if block.get("text"):
        check_text(block["text"], longest=3000)
    for field in block.get("fields", ()):
        check_text(field, longest=2000)
    if block.get("accessory"):
        check_element(block["accessory"])


def _header(block: Json, limits: Limits) -> None:
    check_text(block["text"], longest=150, only="plain_text")


def _context(block: Json, limits: Limits) -> None:
    _some(block["elements"], 10)
    for element in block["elements"]:
        if element["type"] == "image":
            check_element(element)
        else:
            check_text(element, longest=3000)


def _actions(block: Json, limits: Limits) -> None:
    _some(block["elements"], 25)
    for element in block["elements"]:
        check_element(element)


def _input(block: Json, limits: Limits) -> None:
    check_text(block["label"], longest=2000, only="plain_text")
    if block.get("hint"):
        check_text(block["hint"], longest=2000, only="plain_text")
    check_element(block["element"])


def _image(block: Json, limits: Limits) -> None:
    check_element(block)
    if block.get("title"):
        check_text(block["title"], longest=2000, only="plain_text")


def _rich_text(block: Json, limits: Limits) -> None:
    check_rich_text(block)


def _container(block: Json, limits: Limits) -> None:
    _some(block["child_blocks"], 10)
    for child in as_blocks(block["child_blocks"]):
        if child["type"] not in _CONTAINER_CHILDREN:
            raise ValueError(f"unsupported type: {child['type']} in child_blocks")
    if block.get("title"):
        check_text(block["title"], longest=150, only="plain_text")
    if block.get("rich_text_title"):
        check_rich_text(block["rich_text_title"])
    if block.get("default_collapsed") and not block.get("is_collapsible"):
        raise ValueError("default_collapsed requires is_collapsible")


def _table(block: Json, limits: Limits) -> None:
    _rows(block["rows"], limits.table_rows, limits.table_cells)
    if sum(units(str(cell.get("text", ""))) for row in block["rows"] for cell in row) > limits.table_text:
        raise ValueError(f"cells must be less than {limits.table_text + 1} characters in total")
    settings = block.get("column_settings") or []
    if len(settings) > limits.table_cells:
        raise ValueError(f"no more than {limits.table_cells} items allowed in column_settings")
    if any(each and each.get("align", "left") not in {"left", "center", "right"} for each in settings):
        raise ValueError("align must be left, center or right")


def _data_table(block: Json, limits: Limits) -> None:
    _rows(block["rows"], 201, limits.table_cells)
    if len(block["rows"]) < 2 or len({len(row) for row in block["rows"]}) != 1:
        raise ValueError("rows must be at least 2 and of one length")
    if not block.get("caption"):
        raise ValueError("missing required field: caption")


def _rows(rows: Sequence[Sequence[Mapping[str, Any]]], most: int, cells: int) -> None:
    _some(rows, most)
    for row in rows:
        _some(row, cells)
        for cell in row:
            if cell["type"] == "rich_text":
                check_rich_text(dict(cell))
            elif cell["type"] not in {"raw_text", "raw_number"}:
                raise ValueError(f"unsupported type: {cell['type']} in a cell")
            elif cell["type"] == "raw_text" and not cell["text"]:
                raise ValueError("a cell's text must be more than 0 characters")


def _data_visualization(block: Json, limits: Limits) -> None:
    if not 1 <= len(block["title"]) <= 50:
        raise ValueError("title must be 1 to 50 characters")
    chart = block["chart"]
    if chart["type"] not in {"line", "bar", "area", "pie"}:
        raise ValueError(f"unsupported type: {chart['type']} of chart")
    parts = chart["segments"] if chart["type"] == "pie" else chart["series"]
    _some(parts, 12)
    labels = [part.get("label") or part.get("name") for part in parts]
    if not all(label and len(label) <= 20 for label in labels):
        raise ValueError("labels must be 1 to 20 characters")


def _some(items: object, most: int) -> None:
    if not isinstance(items, list | tuple) or not 1 <= len(items) <= most:
        raise ValueError(f"must be 1 to {most} items")


_CHECKS: dict[str, Callable[[Json, Limits], None]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "rich_text": _rich_text,
    "container": _container,
    "table": _table,
    "data_table": _data_table,
    "data_visualization": _data_visualization,
}


def _invalid(message: str) -> Refused:
    return Refused("invalid_blocks", errors=[message], response_metadata={"messages": [f"[ERROR] {message}"]})
