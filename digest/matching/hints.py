"""What a subscriber may have meant, said when a query finds nothing."""

from __future__ import annotations

import re

from digest.errors import InvalidQuery
from digest.matching.grammar import parse_query
from digest.matching.query import Query

_OPERATOR = re.compile(r"(?<=[^\s,;，；、|])\s+(and\s+not|and|or|not)\s+(?=[^\s,;，；、|])", re.IGNORECASE)
_QUOTED = re.compile(r'("[^"]*"|“[^”]*”|„[^“]*“|«[^»]*»|「[^」]*」)')


def operator_hint(query: Query) -> str | None:
    """The query with its and, or, not as operators: “Did you mean AND in capitals? vla AND rag”.

    None where there is no such word, or where it would not be a query.
    """
    names: dict[str, None] = {}

    def raised(match: re.Match[str]) -> str:
        name = " ".join(match[1].upper().split())
        if not match[1].isupper():
            names[name] = None
        return f" {name} "

    pieces = _QUOTED.split(query.text)
    suggested = "".join(
        piece if place % 2 else _OPERATOR.sub(raised, piece) for place, piece in enumerate(pieces)
    )
    if not names:
        return None
    try:
        parse_query(suggested)
    except InvalidQuery:
        return None
    return f"Did you mean {' and '.join(names)} in capitals? {suggested}"
