"""What is SQLite's own: the file, its lock, and a disk or a process that fails."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digest.channel import DeliveryState
from digest.errors import InvalidSetting, StoreError
from digest.model import Announcement, AnnounceType, ArxivId, CategoryBatch, CategoryDay, DayState, Paper
from storage import Store, open_store, sqlite_path
from storage.sqlite import SqliteDriver

DAY = date(2026, 6, 30)
ROOT = Path(__file__).parents[1]


def batch_of(count: int) -> CategoryBatch:
    row = CategoryDay(
        category="cs.CV", day=DAY, state=DayState.COMPLETE, checked_at=datetime(2026, 6, 30, tzinfo=UTC)
    )
    papers = (
        Paper(id=ArxivId(f"2606.{number:05}"), title=f"Title {number}", abstract="words " * 200)
        for number in range(count)
    )
    announcements = tuple(Announcement(paper=each, type=AnnounceType.NEW, day=DAY) for each in papers)
    return CategoryBatch(ledger=row, announcements=announcements)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/paperboy.db", "data/paperboy.db"),
        ("sqlite:////var/lib/paperboy.db", "/var/lib/paperboy.db"),
        ("sqlite:///:memory:", ":memory:"),
        ("data/paper boy.db", "data/paper boy.db"),
        ("sqlite:///data/paper%20boy.db", "data/paper boy.db"),
        ("sqlite:///data/x.db?mode=rw", "data/x.db"),
    ],
)
def test_a_store_setting_names_a_file(url: str, path: str) -> None:
    assert sqlite_path(url) == path


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://localhost/paperboy", "scale extra"),
        ("mysql://localhost/paperboy", "sqlite:///data/paperboy.db"),
        ("sqlite:///", "names no file"),
        ("", "names no file"),
    ],
)
def test_a_store_setting_that_means_nothing_is_refused_with_an_example(url: str, says: str) -> None:
    with pytest.raises(InvalidSetting, match=says):
        sqlite_path(url)


async def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    async with open_store(f"sqlite:///{tmp_path}/new/folder/paperboy.db"):
        pass
    assert (tmp_path / "new/folder/paperboy.db").exists()


OPENED = """
    import asyncio, storage

    async def main():
        async with storage.open_store({path!r}):
            pass

    asyncio.run(main())
"""


async def test_a_second_process_is_refused_with_the_first_ones_number(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    async with open_store(str(path)):
        second = run(OPENED, path)
        async with open_store(str(path), alone=False) as looking:
            assert await looking.channels() == ()

    assert f"in use by another Paperboy (process {os.getpid()})" in second.stderr
    assert run(OPENED, path).returncode == 0


async def test_another_programs_database_is_refused_and_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photos (id)")
    other.close()
    before = path.read_bytes()

    with pytest.raises(StoreError, match=r"another program \(its tables: photos\)"):
        async with open_store(str(path)):
            pass

    assert path.read_bytes() == before


async def test_a_newer_paperboys_database_is_refused_and_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    async with open_store(str(path)):
        pass
    with sqlite3.connect(path) as newer:
        newer.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('paperboy', 'm999_x', '')"
        )
    newer.close()

    with pytest.raises(StoreError, match="newer Paperboy"):
        async with open_store(str(path)):
            pass


@pytest.mark.parametrize("content", [b"%PDF-1.7 this is no database" * 50, b"x" * 5000])
async def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "paperboy.db"
    path.write_bytes(content)

    with pytest.raises(StoreError, match="not a SQLite database"):
        async with open_store(str(path)):
            pass
    assert path.read_bytes() == content


async def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        async with open_store(str(tmp_path)):
            pass


async def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        async with open_store(f"{tmp_path}/data/paperboy.db"):
            pass


async def test_a_write_that_another_program_blocks_ends_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    driver = await SqliteDriver(str(path), patience=0.05).open()
    store = Store(driver)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="locked by another program"):
        await store.set_meta("a", "1")
    assert await store.meta("a") is None  # reading goes on

    other.close()
    await store.set_meta("a", "1")
    await store.close()


FULL_DISK = """
    import asyncio, resource, storage
    from digest.errors import StoreError
    from tests.test_store_sqlite import batch_of

    async def main():
        async with storage.open_store({path!r}) as store:
            await store.save_batch(batch_of(3))
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
            try:
                await store.save_batch(batch_of(3000))
            except StoreError as error:
                print(error)
            print(len(await store.announcements([batch_of(0).ledger.day])))
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            await store.save_batch(batch_of(3000))
            print(len(await store.announcements([batch_of(0).ledger.day])), await store.integrity_check())

    asyncio.run(main())
"""
READ_ONLY = """
    import asyncio, storage
    from digest.errors import StoreError

    async def main():
        try:
            async with storage.open_store({path!r}) as store:
                await store.set_meta("a", "1")
        except StoreError as error:
            print(error)

    asyncio.run(main())
"""


def run(script: str, path: Path, *wrapper: str) -> subprocess.CompletedProcess[str]:
    code = textwrap.dedent(script).format(path=str(path))
    command = [*wrapper, sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_a_full_disk_stores_nothing_of_a_batch_and_work_goes_on_when_there_is_room(tmp_path: Path) -> None:
    ran = run(FULL_DISK, tmp_path / "paperboy.db")

    error, before, after = ran.stdout.splitlines()

    assert "full" in error or "could not be read or written" in error
    assert (before, after) == ("3", "3000 ()")


def test_a_read_only_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "data" / "paperboy.db"
    assert run(READ_ONLY, path).stdout == ""
    path.chmod(0o444)
    # Root may write anything; an immutable view of the folder refuses it, too.
    made = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this system lets nobody mount a read-only view of a folder")
    folder = f'"{path.parent}"'
    mount = f'mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && exec "$@"'
    ran = run(READ_ONLY, path, "unshare", "--mount", "sh", "-c", mount, "sh")

    assert "cannot be written" in ran.stdout, ran.stderr


WRITER = """
    import asyncio, itertools, storage
    from dataclasses import replace
    from digest.channel import Channel
    from digest.ports import Store
    from tests.test_store import CHANNEL, NOW, TUESDAY, message
    from tests.test_store_sqlite import batch_of

    async def main():
        async with storage.open_store({path!r}) as store:
            for round in itertools.count(len(await store.outbox(unsent=False))):
                await store.save_batch(batch_of(round % 60))
                await store.enqueue(CHANNEL.key, TUESDAY, deliveries=[message(round)],
                                    papers=[f"2606.{{round:05}}"], told=(), done=False)
                assert await store.begin_delivery(message(round).key, at=NOW)
                await store.finish_delivery(message(round).key, "id")
                print(round, flush=True)

    asyncio.run(main())
"""


def write_until_killed(code: str, after: int) -> int:
    """The last message that the process reported finished."""
    finished = -1
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for _ in range(after):
            finished = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
    return finished


async def test_a_process_killed_while_writing_leaves_a_sound_database(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    code = textwrap.dedent(WRITER).format(path=str(path))
    finished = max(write_until_killed(code, random.Random(seed).randint(1, 60)) for seed in range(4))

    async with open_store(str(path)) as store:
        rows = await store.outbox(unsent=False)
        papers = await store.delivered_papers(rows[0].channel)
        assert await store.integrity_check() == ()

    # Each message is in the outbox with its paper, or neither is; what was reported finished is sent.
    assert papers == {f"2606.{row.position:05}" for row in rows}
    unsent = [row.position for row in rows if row.state is not DeliveryState.SENT]
    assert len(unsent) <= 4
    assert finished not in unsent


async def test_a_new_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    async with open_store(str(path)) as store:
        await store.set_meta("a", "b")
        files = [path, Path(f"{path}-wal"), Path(f"{path}-shm")]
        assert [oct(each.stat().st_mode & 0o777) for each in files] == ["0o600"] * 3
