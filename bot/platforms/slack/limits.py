"""What Slack takes in one message, and how much of it some blocks use.

Lengths are in UTF-16 units, as Slack's own validators count them. The limits of blocks and elements are those
of Slack's reference (https://docs.slack.dev/reference/block-kit) and of `slack_sdk.models.blocks`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

Element = dict[str, Any]  # a block or a part of one, ready for JSON

BLOCKS = 50
HEADER = 150
TEXT = 3_000  # one text object; also the longest text element we put into rich text
CONTEXT_ELEMENTS = 10
TITLE = 150
CHILDREN = 10
ACTIONS = 25
LABEL = 75
VALUE = 2_000
URL = 3_000
ALT = 2_000
ROWS = 100
COLUMNS = 20
CELLS = 10_000  # characters of all cells of a table
NOTIFICATION = 300

# Slack answers `msg_blocks_too_long` above about 13,200 characters of all blocks, which its reference does
# not say. Rich text was refused at 11,341 characters of bare text, so its markup counts as well
# (https://github.com/slackapi/bolt-js/issues/2867); Chinese counts a character each, not its bytes.
CONTENT = 12_000

_BLOCK_ID = 20  # '"block_id":"aB3+x",' is what Slack adds to each block


def units(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """The text, with an ellipsis for what is beyond `most` units."""
    if units(text) <= most:
        return text
    head = text[: most - 1]
    while units(head) > most - 1:
        head = head[:-1]
    return head.rstrip() + "…"


def escaped(text: str) -> str:
    """The text with the three characters that Slack's markup is made of written as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def weight(blocks: Sequence[Element]) -> int:
    """How much the blocks count towards `CONTENT`, rather too much than too little.

    Their JSON in UTF-16 units, entities and the block ids that Slack adds included.
    """
    written = json.dumps(list(blocks), ensure_ascii=False, separators=(",", ":"))
    ids = sum(1 + len(block.get("child_blocks", ())) for block in blocks)
    return units(escaped(written)) + _BLOCK_ID * ids
