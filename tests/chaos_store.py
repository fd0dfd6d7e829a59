"""The store held up to its bars in long runs: `python -m tests.chaos_store` (some four minutes).

Restores are killed at random moments; `paperboy run` meets a full disk and another program's lock in real
time. Disks are mounted in a name space of their own, which wants root.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from bot.backup import back_up
from digest.arxiv.calendar import announcement_day, latest_announcement_day
from storage import open_store
from tests.chaos.figures import Figure, at_least, at_most, exactly, table
from tests.peers.arxiv import Arxiv, FakeTime, new
from tests.test_run import PAPERBOY, environment
from tests.test_store_faults import locked
from tests.test_store_sqlite import batch_of

ROOT = Path(__file__).parents[1]
RESUMES = 60.0  # seconds: a tick every 20, and the pause of a unit that failed, at most 30
GIVES_UP = 120.0
STALL = 8.0  # seconds that arXiv takes for its first answer


def killed_restores(folder: Path, *, kills: int = 200, seed: int | None = None) -> Iterator[Figure]:
    """SIGKILL at random moments of restores: the database is one of the two backups, whole, each time."""
    dice = random.Random(seed)
    backups = [asyncio.run(_backup(folder / name, name)) for name in ("one", "two")]
    path = folder / "paperboy.db"
    restored, torn = 0, 0
    for _ in range(kills):
        restored += _restore_until_killed(path, backups, dice)
        torn += path.exists() and _which(path) not in ("one", "two")
    yield exactly("databases that were not one of the backups, whole", torn)
    yield at_least(f"restores that {kills} kills let be", restored, 1)


async def _backup(folder: Path, name: str) -> Path:
    folder.mkdir()
    async with open_store(f"{folder}/paperboy.db") as store:
        await store.set_meta("which", name)
        await store.save_batch(batch_of(200 if name == "one" else 500))
    return (await back_up(folder / "paperboy.db", folder, at=datetime.now(UTC))).path


def _restore_until_killed(path: Path, backups: list[Path], dice: random.Random) -> int:
    command = [sys.executable, "-m", "tests.restoring_child", str(path), *map(str, backups)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        done = len(child.stdout.read(dice.randint(1, 4)))
        time.sleep(dice.uniform(0.0, 0.05))
        child.kill()
        return done + len(child.stdout.read())


def _which(path: Path) -> str:
    """The backup that a database is; empty where it is none or is damaged."""
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as database:
        if database.execute("PRAGMA integrity_check").fetchone()[0] == "ok":
            return str(database.execute("SELECT value FROM meta WHERE key = 'which'").fetchone()[0])
    return ""


async def full_disk(folder: Path, *, seconds: float = 30.0) -> list[Figure]:
    """A running `paperboy run` finds its disk without a byte left just when there is something to store."""
    async with _arxiv() as arxiv:
        disk = folder / "disk"
        disk.mkdir()
        run = " ".join(f"'{word}'" for word in (*PAPERBOY, "run"))
        command = ["unshare", "--mount", "sh", "-c", f"mount -t tmpfs -o size=6m tmpfs {disk} && exec {run}"]
        variables = environment(folder, arxiv) | {"STORE": f"sqlite:///{disk}/paperboy.db"}

        @contextmanager
        def filled(process: int) -> Iterator[Callable[[], None]]:
            inside = ["nsenter", f"--mount=/proc/{process}/ns/mnt", "sh", "-c"]
            fill = f"dd if=/dev/zero of={disk}/ballast bs=4k 2>/dev/null; true"
            subprocess.run([*inside, fill], check=True)
            yield lambda: subprocess.run([*inside, f"rm {disk}/ballast"], check=True) and None

        return await _outage("a full disk", folder, command, variables, filled, seconds=seconds)


async def locked_store(folder: Path, *, seconds: float = 60.0) -> list[Figure]:
    """Another program locks the database of a running `paperboy run` when there is something to store."""
    async with _arxiv() as arxiv:
        variables = environment(folder, arxiv)
        return await _outage(
            "a locked store",
            folder,
            [*PAPERBOY, "run"],
            variables,
            lambda _: locked(folder / "paperboy.db"),
            seconds=seconds,
        )


async def _outage(
    name: str,
    folder: Path,
    command: list[str],
    variables: dict[str, str],
    outage: Callable[[int], AbstractContextManager[Callable[[], None]]],
    *,
    seconds: float,
) -> list[Figure]:
    screen = folder / "screen.txt"
    with screen.open("ab") as out, (folder / "log.txt").open("ab") as err:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=variables | {"BACKUP_KEEP": "0"},
            stdin=asyncio.subprocess.PIPE,
            stdout=out,
            stderr=err,
        )
    await asyncio.sleep(STALL / 2)  # the store is open, and arXiv's answer on its way
    with outage(process.pid) as end:
        await asyncio.sleep(seconds)
        assert process.stdin is not None
        process.stdin.write(b"/status\n")
        await _until(lambda: "needs attention" in screen.read_text(), 30)
        alive, said = process.returncode is None, screen.read_text()
        end()
    took = await _until(lambda: "/explain 2606.30000v1" in screen.read_text(), GIVES_UP)
    await asyncio.sleep(3)
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    code = await asyncio.wait_for(process.wait(), 20)
    replies = screen.read_text().count("/explain 2606.30000v1")
    return [
        exactly(f"{name}: alive after {seconds:.0f} s", alive, True),
        exactly(f"{name}: /status says why", "needs attention" in said, True),
        exactly(f"{name}: papers told meanwhile", said.count("/explain 2606.")),
        at_most(f"{name}: goes on by itself within", round(took, 1), RESUMES, " s"),
        exactly(f"{name}: replies of the first paper", replies, 1),
        exactly(f"{name}: exit code after SIGTERM", code),
    ]


async def _until(seen: Callable[[], bool], most: float) -> float:
    """Wait for something, at most so many seconds; how long it took."""
    begun = time.monotonic()
    while not seen() and time.monotonic() - begun < most:
        await asyncio.sleep(0.2)
    return time.monotonic() - begun


@asynccontextmanager
async def _arxiv() -> AsyncIterator[Arxiv]:
    """An arXiv whose first answer takes its time."""
    async with Arxiv(time=FakeTime(datetime.now(UTC))) as arxiv:
        day = latest_announcement_day(announcement_day(datetime.now(UTC)))
        text = "We present a model. It is better than all others. " * 40
        papers = [new(f"2606.300{n:02}", f"VLA paper {n}", day=day, abstract=text) for n in range(40)]
        arxiv.announce("cs.CV", *papers, day=day)

        async def slow(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(STALL)
            return web.Response(
                body=arxiv.render_feed("rss", "cs.CV", day), content_type="application/rss+xml"
            )

        arxiv.misbehave("/rss/cs.CV", slow, times=1)
        yield arxiv


def main() -> int:
    """Print a table for each run; 1 where a bar is missed."""
    missed = 0
    runs: list[Callable[[Path], list[Figure]]] = [
        lambda folder: list(killed_restores(folder)),
        lambda folder: asyncio.run(full_disk(folder)),
        lambda folder: asyncio.run(locked_store(folder)),
    ]
    for run in runs:
        with tempfile.TemporaryDirectory(prefix="paperboy-chaos-") as folder:
            figures = run(Path(folder))
        print(f"{table(figures)}\n", flush=True)
        missed += sum(not each.ok for each in figures)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
