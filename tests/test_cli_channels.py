"""`paperboy status` and `subscriptions` beside a Paperboy on Slack or Telegram: looking makes no channel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.channel import report, status, subscribe, subscriptions, unsubscribe
from bot.config import load
from bot.parts import Parts
from digest.channel import Channel

_ROBOTS = Channel(
    key="slack:T1/C1",
    platform="slack",
    title="#robotics",
    categories=("cs.RO",),
    paused=True,
    paused_because="Slack: the channel is archived.",
)
_VISION = Channel(
    key="slack:T1/C2",
    platform="slack",
    title="#vision",
    categories=("cs.CV",),
    next_run_at=datetime(2100, 7, 1, 9, tzinfo=UTC),
)


@pytest.fixture(autouse=True)
def _on_slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("PLATFORM", "slack"),
        ("SLACK_BOT_TOKEN", "xoxb-1"),
        ("SLACK_APP_TOKEN", "xapp-1"),
        ("KEYWORDS", "vla"),
    ):
        monkeypatch.setenv(name, value)


def _kept(*channels: Channel) -> tuple[Channel, ...]:
    """The store's channels, after those given were put there."""

    async def keep() -> tuple[Channel, ...]:
        async with Parts(load()) as parts:
            for each in channels:
                await parts.store.save_channel(each)
                await parts.store.add_subscription(each.key, f"query {each.title}", by="a", at=parts.clock())
            return await parts.store.channels()

    return asyncio.run(keep())


def _run(command: object, *words: str) -> Result:
    from click import Command

    assert isinstance(command, Command)
    return CliRunner().invoke(command, _list(words))


def _list(words: Sequence[str]) -> list[str]:
    return list(words)


@pytest.mark.parametrize("command", [status, subscriptions])
def test_looking_makes_no_channel_for_a_terminal_that_is_not_a_platform(command: object) -> None:
    done = _run(command)
    assert done.exit_code == 0, done.output
    assert "No channel yet." in done.output
    assert _kept() == ()


@pytest.mark.parametrize("command", [status, subscriptions])
def test_every_channel_is_told_of_with_its_pause_and_its_next_digest(command: object) -> None:
    _kept(_ROBOTS, _VISION)
    told = " ".join(_run(command).output.split())
    for each in ("slack:T1/C1 · #robotics", "slack:T1/C2 · #vision"):
        assert each in told
    assert "The digest is paused; /digest resume starts it again." in told
    assert "Slack: the channel is archived." in told
    assert ("1 subscription in cs.RO." if command is status else "#1 query #robotics") in told
    assert "Next digest: Thursday 1 July, 09:00 UTC." in told
    assert "console:terminal" not in told


def test_one_channel_is_looked_at_by_its_key_or_its_title() -> None:
    _kept(_ROBOTS, _VISION)
    for named in ("slack:T1/C2", "#vision", "vision"):
        told = _run(status, "--channel", named).output
        assert "1 subscription in cs.CV." in told
        assert "cs.RO" not in told


def test_a_channel_that_is_not_there_is_refused_with_those_that_are() -> None:
    _kept(_ROBOTS)
    done = _run(subscriptions, "--channel", "nowhere")
    assert done.exit_code != 0
    assert "There is no channel “nowhere”; there are: slack:T1/C1." in str(done.exception)


def test_another_channel_is_subscribed_beside_a_running_paperboy() -> None:
    _kept(_ROBOTS, _VISION)

    async def subscribe_while_it_runs() -> Result:
        async with Parts(load()):
            return await asyncio.to_thread(_run, subscribe, "vla", "--channel", "#vision")

    assert asyncio.run(subscribe_while_it_runs()).exit_code == 0
    assert "#2 vla" in _run(subscriptions, "--channel", "vision").output
    assert "vla" not in _run(subscriptions, "--channel", "robotics").output
    assert _run(unsubscribe, "2", "--channel", _VISION.key).exit_code == 0
    assert "vla" not in _run(subscriptions, "--channel", "vision").output


def test_a_title_of_two_channels_is_not_taken_for_one_of_them() -> None:
    _kept(_VISION, replace(_ROBOTS, title="#vision"))
    done = _run(subscribe, "vla", "--channel", "vision")
    assert "#vision is the title of slack:T1/C1, slack:T1/C2; take one of these keys." in str(done.exception)


def test_the_report_of_another_channel_is_looked_for_there() -> None:
    _kept(_VISION)
    done = _run(report, "2026-06-30", "--channel", "vision")
    assert "There was no digest on 2026-06-30" in str(done.exception)
    assert [each.key for each in _kept()] == [_VISION.key]


def test_looking_works_beside_a_running_paperboy() -> None:
    _kept(_ROBOTS)

    async def look_while_it_runs() -> Result:
        async with Parts(load()):
            return await asyncio.to_thread(_run, status)

    seen = asyncio.run(look_while_it_runs())

    assert seen.exit_code == 0, seen.output
    assert "#robotics" in seen.output
