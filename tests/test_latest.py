"""What memory keeps when there is more than it may hold."""

from __future__ import annotations

from bot.latest import Latest


def test_what_was_set_longest_ago_is_forgotten() -> None:
    known: Latest[str, int] = Latest(2)
    known["a"], known["b"] = 1, 2
    known["a"] = 3  # set again, and so the newer one
    known["c"] = 4

    assert dict(known) == {"a": 3, "c": 4}
