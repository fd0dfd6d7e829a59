"""What a person typed into a search, as an FTS5 query that cannot be malformed."""

from __future__ import annotations

import re

_PART = re.compile(r'"([^"]*)"?|([^\s"]+)')


def find_query(text: str) -> str:
    """Words become terms that must all occur, "quoted words" a phrase, and `word*` a prefix.

    Empty when the text has no letter or digit.
    """
    parts = (quoted or word for quoted, word in _PART.findall(text))
    return " ".join(_term(part) for part in parts if any(map(str.isalnum, part)))


def _term(part: str) -> str:
    prefix = "*" if part.endswith("*") else ""
    return '"' + part.replace('"', "").replace("\0", "") + '"' + prefix
