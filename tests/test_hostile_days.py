"""Bad days, months and time zones in small: nothing lost, nothing doubled, and /status explains."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.chaos.figures import table
from tests.hostile_world import months
from tests.hostile_world.days import STORIES

SPRING = date(2026, 3, 27)  # two days before Berlin's clocks change

# One of each sort; `make chaos` has all.
_SOME = [name for name in STORIES if not name.startswith("arXiv gives")] + [
    f"arXiv gives {mood}"
    for mood in (
        "HTTP 403",
        "HTTP 503",
        "429 for a month",
        "noise",
        "a body that breaks off",
        "no connection",
    )
]


@pytest.mark.parametrize("name", _SOME)
async def test_nothing_is_lost_or_doubled_when(name: str, tmp_path: Path) -> None:
    story, digests = STORIES[name]
    outcome = await story(tmp_path)

    assert (outcome.lost, outcome.doubled, outcome.digests) == (0, 0, digests)
    assert outcome.explained


def test_a_bot_grows_no_heavier_and_every_zone_has_a_digest_a_day(tmp_path: Path) -> None:
    found = list(months.run(tmp_path, days=6, papers=40, zone_days=4, zones_from=SPRING))
    assert all(each.ok for each in found), table(found)
