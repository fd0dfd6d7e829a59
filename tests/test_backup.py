"""Backups by the running process and by hand, and what is refused as one."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from bot.backup import LastBackup, back_up, back_up_if_due, last_backup, prepared, prune
from digest.errors import InvalidDatabase, StoreError
from storage import open_store
from storage.migrations import migrations
from tests.bot_under_test import BotUnderTest
from tests.chaos.figures import table
from tests.chaos_store import killed_restores
from tests.peers.arxiv import new
from tests.test_store import CHANNEL
from tests.test_store_sqlite import batch_of

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
PAPERBOY = [sys.executable, "-c", "from bot.cli import main; main()"]


def paperboy(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, on the database of the folder."""
    environment = {"PATH": os.environ["PATH"], "STORE": f"sqlite:///{folder}/paperboy.db"}
    return subprocess.run(
        [*PAPERBOY, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a database, by table."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(database.execute(f"SELECT * FROM {name}"), key=repr) for name in sorted(names)}


async def database(folder: Path, *papers: int) -> Path:
    """A small database of a channel and some papers."""
    async with open_store(f"{folder}/paperboy.db") as store:
        await store.save_channel(CHANNEL)
        await store.add_subscription(CHANNEL.key, "vla", by="ada", at=NOW)
        for count in papers or (3,):
            await store.save_batch(batch_of(count))
    return folder / "paperboy.db"


# By the running process


async def test_a_running_paperboy_backs_up_once_a_day(tmp_path: Path) -> None:
    async with BotUnderTest(tmp_path, backup_dir=tmp_path / "backups") as bot:
        store, settings = bot.parts.store, bot.parts.settings
        for hours in (0, 1, 22, 1, 23, 1):
            bot.time.now += timedelta(hours=hours)
            await back_up_if_due(store, settings, bot.time.now)

        made = sorted(each.name for each in (tmp_path / "backups").iterdir())
        last = await last_backup(store)

    assert made == [f"paperboy-2026-{day}T1300Z.db" for day in ("06-30", "07-01", "07-02")]
    assert last == LastBackup(
        at="2026-07-02T13:00:00.000000+00:00", path=str(tmp_path / "backups" / made[-1])
    )


async def test_a_backup_is_one_private_file_with_all_that_was_stored(tmp_path: Path) -> None:
    path = await database(tmp_path, 300)
    async with open_store(str(path)) as store:  # as in a running process: much of it is in the log
        await store.set_meta("late", "yes")
        made = await back_up(path, tmp_path / "backups", at=NOW)

        assert tables(made.path) == tables(path)
    assert made.path.name == "paperboy-2026-11-27T0300Z.db"
    assert [each.name for each in made.path.parent.iterdir()] == [made.path.name]
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert made.size == made.path.stat().st_size
    assert made.path.read_bytes()[18:20] == b"\1\1"  # no log: https://www.sqlite.org/fileformat2.html


async def test_a_backup_made_while_others_write_is_one_moment_of_the_store(tmp_path: Path) -> None:
    path = await database(tmp_path, 1_000)
    async with open_store(str(path)) as store:

        async def write() -> None:
            for number in range(10**6):
                await store.set_meta("a", str(number))
                await store.set_meta("b", str(number))

        writing = asyncio.create_task(write())
        while await store.meta("b") is None:
            await asyncio.sleep(0)
        copies = [await back_up(path, tmp_path / "backups", at=NOW + timedelta(minutes=n)) for n in range(5)]
        writing.cancel()
        reached = int(await store.meta("b") or 0)

    seen = [{key: int(value) for key, value in tables(made.path)["meta"]} for made in copies]
    assert all(each["a"] - each["b"] in (0, 1) for each in seen)
    assert seen[0]["b"] < seen[-1]["b"] <= reached


async def test_the_oldest_backups_go_and_other_files_stay(tmp_path: Path) -> None:
    mine = ["notes.txt", "paperboy.db", "paperboy-latest.db", "paperboy-2026-11-27T0300Z.db.gz"]
    days = [f"paperboy-2026-11-{day:02}T0300Z.db" for day in range(1, 21)]
    by_hand = "paperboy-2026-11-20T030059Z.db"
    left, under_way = ".paperboy-2026-11-19T0300Z.db.1.part", ".paperboy-2026-11-20T0301Z.db.2.part"
    for name in (*mine, *days, by_hand, left, under_way):
        (tmp_path / name).touch()
    os.utime(tmp_path / left, (0, 0))

    prune(tmp_path, keep=14)

    assert {each.name for each in tmp_path.iterdir()} == {*mine, *days[7:], by_hand, under_way}


async def test_a_backup_that_cannot_be_removed_does_not_have_the_next_made_or_keep_others(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "backups"
    stuck = folder / "paperboy-2020-01-01T0300Z.db"
    stuck.mkdir(parents=True)  # no unlink removes a folder
    for day in (2, 3):
        (folder / f"paperboy-2020-01-{day:02}T0300Z.db").touch()
    async with BotUnderTest(tmp_path, backup_dir=folder, backup_keep=1) as bot:
        for _ in range(4):
            await back_up_if_due(bot.parts.store, bot.parts.settings, bot.time.now)
            bot.time.now += timedelta(minutes=10)
        last = await last_backup(bot.parts.store)

    assert sorted(each.name for each in folder.iterdir()) == [stuck.name, "paperboy-2026-06-30T1300Z.db"]
    assert (last.made, last.error) == (datetime(2026, 6, 30, 13, tzinfo=UTC), "")


async def test_nothing_is_backed_up_where_nobody_wants_it(tmp_path: Path) -> None:
    async with BotUnderTest(tmp_path, backup_dir=tmp_path / "backups", backup_keep=0) as bot:
        await back_up_if_due(bot.parts.store, bot.parts.settings, NOW)
        assert not (tmp_path / "backups").exists()


async def test_a_failed_backup_is_told_and_tried_again_after_an_hour(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.write_text("a file where the folder should be")
    async with BotUnderTest(tmp_path, backup_dir=folder) as bot:
        store, settings = bot.parts.store, bot.parts.settings
        await back_up_if_due(store, settings, bot.time.now)
        told, health = await bot.says("/status"), await bot.says("/health")

        folder.unlink()
        bot.time.now += timedelta(minutes=59)
        await back_up_if_due(store, settings, bot.time.now)
        assert not folder.exists()
        bot.time.now += timedelta(minutes=1)
        await back_up_if_due(store, settings, bot.time.now)

        assert len(list(folder.iterdir())) == 1
        assert "The last backup failed: The backup cannot be written" in told.replace("\n", " ")
        assert "attention" in health
        assert "backup" not in await bot.says("/status")
        assert "The last backup is of Tuesday 30 June" in await bot.says("/health")


async def test_status_tells_of_a_backup_that_is_long_ago(tmp_path: Path) -> None:
    async with BotUnderTest(tmp_path, backup_dir=tmp_path / "backups") as bot:
        await back_up_if_due(bot.parts.store, bot.parts.settings, bot.time.now)
        bot.time.now += timedelta(hours=49)
        assert "The last backup is of Tuesday 30 June" in await bot.says("/status")


def test_a_clock_that_was_set_back_does_not_put_backups_off() -> None:
    last = LastBackup(at="2030-01-01T00:00:00+00:00")
    assert last.is_due(NOW)
    assert not replace(last, at=(NOW - timedelta(hours=1)).isoformat()).is_due(NOW)


async def test_a_damaged_database_is_not_taken_for_a_backup(tmp_path: Path) -> None:
    path = await database(tmp_path, 300)
    damage(path)

    with pytest.raises(StoreError, match="damaged"):
        await back_up(path, tmp_path / "backups", at=NOW)

    assert list((tmp_path / "backups").iterdir()) == []


def damage(path: Path) -> None:
    """Overwrite pages in the middle, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(os.urandom(4096) * 8)


# From the command line


async def test_a_backup_by_hand_is_made_while_paperboy_runs(tmp_path: Path) -> None:
    path = await database(tmp_path)
    async with open_store(str(path)):
        made = await asyncio.to_thread(paperboy, tmp_path, "backup", "--to", "elsewhere")

    (copy,) = (tmp_path / "elsewhere").iterdir()
    assert made.returncode == 0, made.stderr
    assert f"paperboy restore elsewhere/{copy.name}" in made.stdout
    assert tables(copy)["subscriptions"] == tables(path)["subscriptions"]


async def test_an_older_paperboys_database_is_backed_up_in_its_own_form(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    older(path)
    before = tables(path)

    made = paperboy(tmp_path, "backup")

    assert made.returncode == 0, made.stderr
    (copy,) = (tmp_path / "data/backups").iterdir()
    assert tables(copy) == before


async def test_a_restore_is_refused_while_paperboy_runs(tmp_path: Path) -> None:
    path = await database(tmp_path)
    made = await back_up(path, tmp_path / "backups", at=NOW)
    async with open_store(str(path)) as store:
        await store.set_meta("since", "then")
        refused = await asyncio.to_thread(paperboy, tmp_path, "restore", str(made.path), "--yes")

        assert await store.meta("since") == "then"
    assert refused.returncode == 1
    assert f"process {os.getpid()}" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


async def test_a_restore_brings_back_the_backup_and_keeps_what_was_there(tmp_path: Path) -> None:
    path = await database(tmp_path)
    made = await back_up(path, tmp_path / "backups", at=NOW)
    async with open_store(str(path)) as store:
        await store.remove_subscription(CHANNEL.key, 1)
    lost = tables(path)

    done = paperboy(tmp_path, "restore", str(made.path), "--yes")

    (kept,) = tmp_path.glob("paperboy.db.before-restore-*")
    assert done.returncode == 0, done.stderr
    assert "1 channel, 1 subscription" in done.stdout
    assert str(kept) in done.stdout
    assert tables(kept) == lost
    async with open_store(str(path)) as store:
        assert [each.query for each in await store.subscriptions()] == ["vla"]
        assert await store.integrity_check() == ()
    assert not list(tmp_path.glob("*.restoring*"))


def test_a_restore_of_what_is_no_backup_is_wrong_input(tmp_path: Path) -> None:
    refused = paperboy(tmp_path, "restore", str(tmp_path / "none.db"), "--yes")
    assert (refused.returncode, "is not there" in refused.stderr) == (2, True)


async def test_a_restore_without_a_terminal_wants_to_be_told_that_it_is_meant(tmp_path: Path) -> None:
    path = await database(tmp_path)
    made = await back_up(path, tmp_path / "backups", at=NOW)
    before = tables(path)

    refused = paperboy(tmp_path, "restore", str(made.path))

    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert tables(path) == before
    assert not list(tmp_path.glob("*before-restore*"))


KILLED = """
import asyncio, os, signal, storage

async def main():
    async with storage.open_store({path!r}) as store:
        await store.set_meta("in the log", "only")
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def write_and_die(path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED.format(path=str(path))], cwd=ROOT, check=False)


async def restore(path: Path, file: Path) -> None:
    async with prepared(str(path), file, now=NOW) as ready:
        ready.put_in_place()


async def test_the_log_of_a_killed_process_goes_with_its_database(tmp_path: Path) -> None:
    path = await database(tmp_path)
    made = await back_up(path, tmp_path / "backups", at=NOW)
    await asyncio.to_thread(write_and_die, path)
    assert (tmp_path / "paperboy.db-wal").stat().st_size > 0

    await restore(path, made.path)

    (kept,) = tmp_path.glob("paperboy.db.before-restore-*")
    assert ("in the log", "only") in tables(kept)["meta"]
    assert "in the log" not in dict(tables(path)["meta"])


async def test_a_log_without_its_database_is_not_played_into_the_restored_one(tmp_path: Path) -> None:
    path = await database(tmp_path)
    made = await back_up(path, tmp_path / "backups", at=NOW)
    await asyncio.to_thread(write_and_die, path)
    path.unlink()

    await restore(path, made.path)

    assert tables(path) == tables(made.path) | {"meta": tables(path)["meta"]}
    assert "in the log" not in dict(tables(path)["meta"])


async def test_a_damaged_database_is_put_aside_with_its_log(tmp_path: Path) -> None:
    path = await database(tmp_path)
    made = await back_up(path, tmp_path / "backups", at=NOW)
    path.write_bytes(b"no database any more " * 1_000)
    (tmp_path / "paperboy.db-wal").write_bytes(b"its log")

    await restore(path, made.path)

    kept = sorted(tmp_path.glob("paperboy.db.before-restore-*"))
    assert [each.read_bytes()[:7] for each in kept] == [b"no data", b"its log"]
    async with open_store(str(path)) as store:
        assert await store.integrity_check() == ()


async def test_the_copied_files_of_a_process_that_was_killed_can_be_restored(tmp_path: Path) -> None:
    path = await database(tmp_path)
    await asyncio.to_thread(write_and_die, path)
    (tmp_path / "copy").mkdir()
    for each in tmp_path.glob("paperboy.db*"):
        shutil.copy(each, tmp_path / "copy")
    for each in tmp_path.glob("paperboy.db*"):
        each.unlink()

    await restore(path, tmp_path / "copy" / "paperboy.db")

    assert ("in the log", "only") in tables(path)["meta"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
async def test_a_restore_by_root_gives_the_database_to_whom_it_belonged(tmp_path: Path) -> None:
    path = await database(tmp_path)
    made = await back_up(path, tmp_path / "backups", at=NOW)
    os.chown(path, 10_001, 10_001)
    os.chown(tmp_path / "paperboy.db.lock", 0, 0)

    await restore(path, made.path)

    owners = {(each.stat().st_uid, each.stat().st_gid) for each in (path, tmp_path / "paperboy.db.lock")}
    assert owners == {(10_001, 10_001)}


def test_a_restore_that_is_killed_at_any_moment_leaves_a_whole_database(tmp_path: Path) -> None:
    figures = list(killed_restores(tmp_path, kills=5))
    assert all(figure.ok for figure in figures), table(figures)


async def test_a_restored_file_is_as_readable_as_the_old_one(tmp_path: Path) -> None:
    path = await database(tmp_path)
    made = await back_up(path, tmp_path / "backups", at=NOW)
    path.chmod(0o640)
    await restore(path, made.path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


async def test_an_older_paperboys_backup_is_brought_to_todays_form(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    older(old)
    before = old.read_bytes()

    await restore(tmp_path / "paperboy.db", old)

    assert old.read_bytes() == before
    async with open_store(f"{tmp_path}/paperboy.db") as store:
        assert await store.saved_papers() == ()


def older(path: Path) -> None:
    """A database as the version before people's messages made it."""
    from sqlite_utils import Database

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA application_id=0x50424F59")
        migrations.apply(Database(connection), stop_before="m006_people")


def newer(path: Path) -> None:
    older(path)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('paperboy', 'm999_x', '')"
        )
    connection.close()


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photos (id)")
    connection.close()


def cut_short(path: Path) -> None:
    older(path)
    path.write_bytes(path.read_bytes()[:-20_000])


def damaged(path: Path) -> None:
    older(path)
    with sqlite3.connect(path) as connection:
        connection.executemany("INSERT INTO meta VALUES (?, ?)", ((str(n), "x" * 900) for n in range(200)))
    connection.close()
    damage(path)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (foreign, r"another program \(its tables: photos\)"),
        (newer, "newer Paperboy .* install that version"),
        (cut_short, "take another copy"),
        (damaged, "take another copy"),
        (lambda path: path.write_bytes(b"%PDF-1.7 " * 5_000), "is not a SQLite database"),
        (lambda path: path.touch(), "is empty"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: None, "is not there"),
    ],
    ids=["foreign", "newer", "cut short", "damaged", "no database", "empty", "folder", "absent"],
)
async def test_what_is_no_sound_backup_is_refused_and_changes_nothing(
    tmp_path: Path, make: object, says: str
) -> None:
    path = await database(tmp_path)
    before = tables(path)
    file = tmp_path / "given.db"
    make(file)  # type: ignore[operator]

    with pytest.raises(InvalidDatabase, match=says) as refused:
        async with prepared(str(path), file, now=NOW):
            pass

    assert "\n" not in str(refused.value)
    assert tables(path) == before
    assert not list(tmp_path.glob("*restor*"))


def test_the_sample_for_litestream_names_one_database_and_one_place() -> None:
    sample = yaml.safe_load((ROOT / "deploy" / "litestream.yml").read_text())
    (database,) = sample["dbs"]
    assert database == {
        "path": "${PAPERBOY_DB}",
        "replica": {"url": "${LITESTREAM_REPLICA}", "sync-interval": "1s"},
    }
    assert sample["snapshot"] == {"interval": "24h", "retention": "336h"}


async def test_the_database_itself_is_no_backup_of_itself(tmp_path: Path) -> None:
    path = await database(tmp_path)
    refused = paperboy(tmp_path, "restore", str(path), "--yes")
    assert (refused.returncode, "the database itself" in refused.stderr) == (2, True)


async def test_a_backup_of_papers_finds_them_again(tmp_path: Path) -> None:
    async with BotUnderTest(tmp_path, backup_dir=tmp_path / "backups") as bot:
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
        bot.arxiv.announce("cs.RO")
        await bot.morning()
        await back_up_if_due(bot.parts.store, bot.parts.settings, bot.time.now)
    (copy,) = (tmp_path / "backups").iterdir()

    async with open_store(str(copy), alone=False) as store:
        assert [each.title for each in await store.search("event")] == ["Event-VLA"]
