"""The drill: a team's database is lost in the middle of a morning, and brought back from its backup."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from digest.channel import Channel, Delivery, DeliveryState
from digest.document import Document, para
from storage import Store, channels, open_store, outbox
from storage.driver import Transaction
from storage.sqlite import SqliteDriver
from tests.test_backup import paperboy
from tests.test_store import NOW, TUESDAY
from tests.test_store_sqlite import batch_of

ROOT = Path(__file__).parents[1]
CHANNELS, MESSAGES = 500, 2
LONGEST = 60.0  # seconds that a restore may take


def channel_of(number: int) -> Channel:
    return Channel(
        key=f"wall:{number:03}", platform="wall", categories=("cs.CV",), next_run_at=NOW + timedelta(days=1)
    )


async def furnish(path: Path) -> None:
    """A day's papers, and 500 channels with a subscription and a digest of a parent and a reply each."""
    driver = await SqliteDriver(str(path)).open()
    await Store(driver).save_batch(batch_of(1_000))
    await driver.write(lambda tx: [_furnish(tx, channel_of(number)) for number in range(CHANNELS)])
    await driver.close()


def _furnish(tx: Transaction, channel: Channel) -> None:
    document = Document((para("A sentence of an analysis. " * 40),))
    root = f"{channel.key}/{TUESDAY}"
    digest = [
        Delivery(
            key=f"{root}/{n}",
            channel=channel.key,
            position=n,
            document=document,
            parent_key=f"{root}/0" if n else None,
        )
        for n in range(MESSAGES)
    ]
    channels.save_channel(tx, channel)
    channels.add_subscription(tx, channel.key, "vla", by="ada", at=NOW)
    outbox.claim_digest(tx, channel, TUESDAY, next_run_at=channel.next_run_at, at=NOW)
    told, papers = [("cs.CV", TUESDAY)], ["2606.00001"]
    outbox.enqueue(
        tx, channel.key, TUESDAY, deliveries=digest, papers=papers, told=told, done=True, digest=None
    )


def deliver_until(folder: Path, count: int) -> None:
    """Deliver until there are so many messages, then SIGKILL."""
    wall = folder / "wall"
    with subprocess.Popen([sys.executable, "-m", "tests.drill_child", str(folder)], cwd=ROOT) as child:
        until = time.monotonic() + LONGEST
        while time.monotonic() < until and child.poll() is None and _lines(wall) < count:
            time.sleep(0.005)
        child.kill()


def _lines(wall: Path) -> int:
    return wall.read_bytes().count(b"\n") if wall.exists() else 0


async def test_a_team_loses_its_database_and_has_it_back_within_a_minute(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    await furnish(path)
    deliver_until(tmp_path, 200)
    made = paperboy(tmp_path, "backup", "--to", "elsewhere")
    assert made.returncode == 0, made.stderr
    deliver_until(tmp_path, 500)  # sent, and not known to the backup
    for each in tmp_path.glob("paperboy.db*"):
        each.unlink()
    (backup,) = (tmp_path / "elsewhere").iterdir()

    begun = time.monotonic()
    done = paperboy(tmp_path, "restore", str(backup), "--yes")
    seconds = time.monotonic() - begun
    deliver_until(tmp_path, CHANNELS * MESSAGES + 1)

    print(f"restore of {backup.stat().st_size / 2**20:.1f} MB: {seconds:.1f} s")
    assert done.returncode == 0, done.stderr
    assert seconds < LONGEST
    assert "500 channels, 500 subscriptions" in done.stdout
    told = Counter((tmp_path / "wall").read_text().split())
    assert set(told) == {f"wall:{c:03}/{TUESDAY}/{n}" for c in range(CHANNELS) for n in range(MESSAGES)}
    assert set(told.values()) == {1}
    async with open_store(str(path)) as store:
        assert await store.channels() == tuple(map(channel_of, range(CHANNELS)))
        assert len(await store.subscriptions()) == CHANNELS
        assert len(await store.announcements([TUESDAY])) == 1_000
        assert {row.state for row in await store.outbox(unsent=False)} == {DeliveryState.SENT}
        assert await store.integrity_check() == ()
