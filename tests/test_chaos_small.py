"""Each loop of `make chaos` once, with small counts, so that it works when it is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.chaos import acks, faults, hostile, idle, kills, mornings, sockets, stops
from tests.chaos.__main__ import main
from tests.chaos.digests import Reading, expected, read
from tests.chaos.figures import Figure, at_least, at_most, exactly, table


def reached(figures: Iterable[Figure]) -> None:
    found = list(figures)
    assert found
    assert all(each.ok for each in found), table(found)


@pytest.mark.parametrize(
    ("platform", "unsure"), [("slack", "probe"), ("telegram", "probe"), ("telegram", "resend")]
)
def test_kill_9_at_random_points_of_a_digest_loses_and_doubles_nothing(
    tmp_path: Path, platform: str, unsure: str
) -> None:
    reached(kills.run(tmp_path, platform, kills=3, foreign=0.3, unsure=unsure))


@pytest.mark.parametrize("platform", ["slack", "telegram"])
def test_a_digest_through_faults_of_all_kinds_arrives_once_and_in_order(
    tmp_path: Path, platform: str
) -> None:
    reached(faults.run(tmp_path, platform, deliveries=50, stalls=0))


def test_a_morning_through_the_adapters_is_as_fast_as_strict_platforms_allow(tmp_path: Path) -> None:
    reached(mornings.run(tmp_path, messages=20))


def test_commands_are_acknowledged_while_papers_are_read(tmp_path: Path) -> None:
    reached(acks.run(tmp_path, commands=10, p99=acks.MOST))


def test_hostile_documents_are_quiet_whole_and_within_the_limits(tmp_path: Path) -> None:
    reached(hostile.run(tmp_path, documents=20))


def test_a_process_that_waits_weighs_little(tmp_path: Path) -> None:
    reached(idle.run(tmp_path, starts=1, idle=0.5, cpu=2 * idle.CPU))


def test_sigterm_while_people_talk_ends_quickly_and_leaves_no_command_unanswered(tmp_path: Path) -> None:
    reached(stops.run(tmp_path, stops=1))


def test_commands_work_again_after_lost_sockets(tmp_path: Path) -> None:
    reached(sockets.run(tmp_path, losses=2, bots=2, pause=0.0))


# What judges must be able to find fault.


def shown(*marks: str, thread: str = "p") -> list[dict[str, object]]:
    parent = {"id": "p", "thread": "", "text": "№0", "live": []}
    return [
        parent,
        *({"id": mark, "thread": thread, "text": f"paper {mark}", "live": []} for mark in marks),
    ]


@pytest.mark.parametrize(
    ("messages", "reading"),
    [
        (shown("№1", "№2"), Reading(messages=3)),
        (shown("№1"), Reading(messages=2, lost=1)),
        (shown("№1", "№1", "№2"), Reading(messages=4, doubled=1)),
        (shown("№2", "№1"), Reading(messages=3, disordered=2)),
        (shown("№1", "№2", thread=""), Reading(messages=3, astray=2)),
        (shown("№1", "№2", "anything"), Reading(messages=4, doubled=1)),
        ([*shown("№1", "№2")[:2], shown("№2")[1] | {"live": ["<!here>"]}], Reading(messages=3, live=1)),
    ],
)
def test_what_is_wrong_with_a_digest_is_seen(messages: list[dict[str, object]], reading: Reading) -> None:
    assert read(messages, expected(2)) == reading


def test_a_missed_bar_is_told() -> None:
    figures = [exactly("lost", 1), at_most("p99, ms", 301.26, 300), at_least("kills", 199, 200)]

    assert [each.ok for each in figures] == [False, False, False]
    assert table(figures).splitlines() == [
        "| figure  | bar    | seen   | ok |",
        "|---------|--------|--------|----|",
        "| lost    | 0      | 1      | NO |",
        "| p99, ms | <= 300 | 301.26 | NO |",
        "| kills   | >= 200 | 199    | NO |",
    ]


def test_a_part_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kill"]) == 2
    assert "There are idle, acks, kills" in capsys.readouterr().out
