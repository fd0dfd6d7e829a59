"""What people wrote, as they meant it: Slack's escapes taken back, typographers' quotes made plain."""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST = 4_000  # characters that are kept of what somebody says

_WRITTEN = re.compile(r"<([@#!][^<>\n]+|[A-Za-z][A-Za-z0-9+.-]*:[^<>\n]+)>")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟", '"') | dict.fromkeys("‘’‚‛", "'") | {"\xa0": " "})


def meant(text: str, names: Mapping[str, str]) -> str:
    """The text as it was typed; `names` are of people by id.

    `<https://x|label>` is the label where Slack made the link, the address where a person did.
    """
    plain = _WRITTEN.sub(lambda match: _plain(match[1], names), text)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        plain = plain.replace(entity, character)
    return plain.translate(_QUOTES).strip()


def _plain(inner: str, names: Mapping[str, str]) -> str:
    """What `<inner>` stands for (https://docs.slack.dev/messaging/formatting-message-text)."""
    target, _, label = inner.partition("|")
    match target[:1]:
        case "@":
            return f"@{label or names.get(target[1:], target[1:])}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
    return label if label and target.removeprefix("mailto:").endswith(label) else target


def without_mention(text: str, user: str) -> str:
    """The text without mentions of a user, as Slack writes them."""
    return re.sub(rf"<@{re.escape(user)}(?:\|[^>]*)?>", " ", text).strip().lstrip(":,").strip()


def mentions(text: str, user: str) -> bool:
    return re.search(rf"<@{re.escape(user)}(?:\|[^>]*)?>", text) is not None
