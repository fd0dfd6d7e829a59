"""Databases of earlier versions: brought to today's form once, with nothing lost; newer ones are refused."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from digest.channel import DeliveryState
from digest.conversation import Answer, AnswerKind
from digest.errors import StoreError
from digest.fulltext import FullText
from digest.model import (
    Analysis,
    Basis,
    Depth,
    Digest,
    Usage,
)
from digest.people import Incoming, Opinion, Saved
from storage import Store, open_store
from storage.migrations import migrations
from storage.recognition import APPLICATION_ID
from tests.test_store import CHANNEL, NOW, TUESDAY, announced, batch, message, paper

ROOT = Path(__file__).parents[1]
STEPS = [step.name for step in migrations.pending(Database(memory=True))]
PAPER = paper("30001", "Event-VLA", abstract="A model for robots.")
ANALYSIS = Analysis(
    paper=PAPER.id,
    title=PAPER.title,
    language="en",
    depth=Depth.BRIEF,
    claims=(),
    missing=(),
    basis=Basis(kind="full text", pages=9, pages_read=9),
    analyzer="extractive",
    prompt_version="1",
    created_at=NOW,
)
DIGEST = Digest(
    channel=CHANNEL.key,
    local_date=TUESDAY,
    categories=("cs.CV",),
    queries=("vla",),
    language="en",
    days=(TUESDAY,),
    scanned=1,
    ledger=(),
)
ANSWER = Answer(
    paper=PAPER.id,
    question="Which data?",
    kind=AnswerKind.NOT_SAID,
    language="en",
    analyzer="extractive",
    created_at=NOW,
)

Rows = dict[str, list[tuple[object, ...]]]


async def fill(store: Store) -> None:
    """Put something into every table."""
    await store.save_batch(batch("cs.CV", announced(PAPER)))
    await store.save_channel(CHANNEL)
    await store.add_subscription(CHANNEL.key, "vla", by="ada", at=NOW)
    await store.save_text(PAPER.id, FullText(sections=(), pages=1, pages_read=1), at=NOW)
    await store.save_analysis(ANALYSIS, language="en")
    assert await store.claim_digest(CHANNEL, TUESDAY, next_run_at=NOW, at=NOW)
    await store.enqueue(
        CHANNEL.key,
        TUESDAY,
        deliveries=[message(0), message(1, parent=0)],
        papers=[PAPER.id.id],
        told=[("cs.CV", TUESDAY)],
        done=False,
        digest=DIGEST,
    )
    await store.begin_delivery(message(0).key, at=NOW)
    await store.finish_delivery(message(0).key, "17.1")
    await store.set_meta("identity", "abc")
    await store.add_answer("thread", ANSWER)
    await store.record_usage(Usage(prompt_tokens=5), day=TUESDAY)
    await store.accept(
        Incoming(id="1", channel=CHANNEL.key, person="ada", name="Ada", text="/help", received_at=NOW)
    )
    await store.note_message(CHANNEL.key, "17.1", paper=PAPER.id.id, at=NOW)
    await store.save_paper(Saved(channel=CHANNEL.key, person="ada", paper=PAPER.id.id, saved_at=NOW))
    await store.judge_paper(Opinion(channel=CHANNEL.key, person="ada", paper=PAPER.id.id, liked=True))
    await store.remember_command("token", "explain 2606.30001")


def contents(connection: sqlite3.Connection) -> Rows:
    """The rows of every table of ours."""
    return {
        name: sorted(connection.execute(f"SELECT {', '.join(columns)} FROM {name}"), key=repr)
        for name, columns in forms(connection).items()
    }


def forms(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The columns of every table that is ours."""
    names = [row[0] for row in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
    return {
        name: [row[1] for row in connection.execute(f"PRAGMA main.table_info({name})")]
        for name in names
        if not name.startswith(("sqlite_", "_sqlite", "papers_fts"))
    }


def of_an_earlier_version(step: str, today: Path, path: Path) -> Rows:
    """A database in the form before a step, with today's rows as far as it had places for them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode=WAL")
        migrations.apply(Database(connection), stop_before=step)
        connection.execute("ATTACH ? AS today", (str(today),))
        for name, columns in forms(connection).items():
            listed = ", ".join(columns)
            connection.execute(f"INSERT INTO main.{name} ({listed}) SELECT {listed} FROM today.{name}")
        connection.execute("INSERT INTO papers_fts (papers_fts) VALUES ('rebuild')")
        connection.execute("DETACH today")
        return contents(connection)


@pytest.fixture
async def today(tmp_path: Path) -> Path:
    path = tmp_path / "today.db"
    async with open_store(str(path)) as store:
        await fill(store)
    with closing(sqlite3.connect(path)) as connection:
        empty = [name for name, rows in contents(connection).items() if not rows]
        assert empty == []  # a new table wants a row in `fill`
    return path


@pytest.mark.parametrize("step", STEPS[1:])
async def test_a_database_of_any_earlier_version_is_migrated_with_nothing_lost(
    tmp_path: Path, today: Path, step: str
) -> None:
    path = tmp_path / "paperboy.db"
    before = of_an_earlier_version(step, today, path)
    assert all(before.values())

    async with open_store(str(path)) as store:
        assert [each.title for each in await store.search("event")] == ["Event-VLA"]
        assert await store.integrity_check() == ()

    with closing(sqlite3.connect(path)) as connection:
        columns = forms(connection)
        for name, rows in before.items():
            kept = ", ".join(columns[name][: len(rows[0])])
            assert sorted(connection.execute(f"SELECT {kept} FROM {name}"), key=repr) == rows
        assert [row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")] == STEPS


async def test_the_previous_versions_digests_and_channels_go_on(tmp_path: Path, today: Path) -> None:
    path = tmp_path / "paperboy.db"
    of_an_earlier_version("m006_people", today, path)

    async with open_store(str(path)) as store:
        assert await store.channels() == (CHANNEL,)
        assert [each.query for each in await store.subscriptions()] == ["vla"]
        sent, waiting = await store.outbox(unsent=False)
        assert (sent.state, sent.message_id, waiting.state) == (
            DeliveryState.SENT,
            "17.1",
            DeliveryState.PENDING,
        )
        assert await store.begin_delivery(waiting.key, at=NOW)
        assert await store.delivered_papers(CHANNEL.key) == {PAPER.id.id}
        known = await store.analysis(
            PAPER.id, language="en", depth=Depth.BRIEF, analyzer="extractive", prompt_version="1"
        )
        assert known == ANALYSIS
        assert await store.digest(CHANNEL.key, TUESDAY) == DIGEST
        assert await store.conversation("thread", limit=1) == (ANSWER,)


async def test_what_an_earlier_version_gave_up_was_given_up_when_it_was_tried(
    tmp_path: Path, today: Path
) -> None:
    path = tmp_path / "paperboy.db"
    of_an_earlier_version("m008_buried_at", today, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE outbox SET state = 'dead'")

    async with open_store(str(path)) as store:
        assert [(each.key, each.buried_at) for each in await store.buried(since=NOW)] == [
            (message(0).key, NOW)
        ]


OPENED = """
import asyncio, storage, storage.sqlite, sys, time

async def main():
    print("ready", flush=True)
    moment = float(sys.stdin.readline())
    while time.time() < moment:
        pass
    async with storage.open_store({path!r}, alone=False) as store:
        await store.set_meta(str({number}), "was here")

asyncio.run(main())
"""


def started(path: Path, number: int) -> subprocess.Popen[str]:
    code = OPENED.format(path=str(path), number=number)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, text=True, **pipes)  # type: ignore[call-overload]


async def test_processes_that_start_at_once_migrate_once(tmp_path: Path, today: Path) -> None:
    path = tmp_path / "paperboy.db"
    of_an_earlier_version(STEPS[1], today, path)
    children = [started(path, number) for number in range(4)]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"

    moment = time.time() + 0.2
    for child in children:
        assert child.stdin is not None
        child.stdin.write(f"{moment}\n")
        child.stdin.flush()
    said = [child.communicate(timeout=30)[1] for child in children]

    assert said == [""] * 4
    with closing(sqlite3.connect(path)) as connection:
        assert [row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")] == STEPS
        assert {row[0] for row in connection.execute("SELECT key FROM meta")} == {"0", "1", "2", "3"}


async def test_a_step_that_is_interrupted_is_made_anew(tmp_path: Path, today: Path) -> None:
    path = tmp_path / "paperboy.db"
    before = of_an_earlier_version("m006_people", today, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Something in the way of the step's third statement: the first two must not stay.
        connection.execute("CREATE TABLE inbox (id TEXT)")

    with pytest.raises(StoreError, match="inbox"):
        async with open_store(str(path)):
            pass

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE inbox")
        assert contents(connection) == before
    async with open_store(str(path)) as store:
        assert await store.integrity_check() == ()
