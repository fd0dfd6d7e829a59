"""The whole way from the outbox to the lines a person sees, under SIGKILL."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

from digest.channel import Delivery, DeliveryState
from digest.document import Document
from storage import open_store
from tests.delivery_child import CHANNEL

ROOT = Path(__file__).parents[1]
MESSAGES = 120


def lines_of(number: int) -> list[str]:
    return [f"{number}.{part} " + "x" * (number * part % 90) for part in range(number % 30 + 1)]


def outbox() -> list[Delivery]:
    """Digests of a parent and nine replies each."""
    return [
        Delivery(
            key=f"message {number}",
            channel=CHANNEL.key,
            position=number,
            document=Document((), summary="\n".join(lines_of(number))),
            parent_key=f"message {number - number % 10}" if number % 10 else None,
        )
        for number in range(MESSAGES)
    ]


def deliver_until_killed(folder: Path, stdout: int, dice: random.Random) -> bool:
    """Start the child again and kill it somewhere; whether it came to its end before."""
    command = [sys.executable, "-m", "tests.delivery_child", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        alive = child.stderr.read(dice.randint(1, MESSAGES // 4))
        child.kill()
    return not alive or child.returncode == 0


async def test_every_line_of_every_digest_is_seen_once_and_in_order_whatever_is_killed(
    tmp_path: Path,
) -> None:
    async with open_store(str(tmp_path / "paperboy.db")) as store:
        day = date(2026, 6, 30)
        await store.enqueue(CHANNEL.key, day, deliveries=outbox(), papers=(), told=(), done=True)
    read, write = os.pipe()
    seen: list[str] = []

    def watch() -> None:
        with os.fdopen(read, encoding="utf-8") as file:
            seen.extend(line.rstrip("\n") for line in file)

    reader = threading.Thread(target=watch)
    reader.start()
    dice, kills = random.Random(), 0

    while kills < 100 and not deliver_until_killed(tmp_path, write, dice):
        kills += 1

    os.close(write)
    reader.join()
    async with open_store(str(tmp_path / "paperboy.db")) as store:
        rows = await store.outbox(unsent=False)
        assert await store.integrity_check() == ()
    assert 2 <= kills < 100
    assert seen == [line for number in range(MESSAGES) for line in lines_of(number)]
    assert {row.state for row in rows} == {DeliveryState.SENT}
