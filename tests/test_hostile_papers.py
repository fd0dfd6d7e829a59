"""What authors plant in papers, on both platforms, with a model that obeys them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.chaos.figures import table
from tests.hostile_world import planted


async def test_nothing_planted_calls_anybody_or_leads_elsewhere(tmp_path: Path) -> None:
    found = await asyncio.to_thread(lambda: list(planted.run(tmp_path, papers=1)))
    assert all(each.ok for each in found), table(found)
