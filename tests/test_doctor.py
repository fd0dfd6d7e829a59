"""The doctor looks at every part and says, of each that fails, what to do; nothing is posted for that."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.backup import LAST, back_up
from bot.config import Settings, load
from bot.doctor import Finding
from bot.doctor.basics import _arxiv, _backups, _disk, _pages, _reports, _store
from bot.doctor.clock import clock_finding
from bot.doctor.slack import examine_slack
from bot.doctor.telegram import examine_telegram
from bot.watch.listener import Listener, Page
from bot.watch.remembered import LastLook, keep
from bot.watch.troubles import Kind, Trouble
from storage import open_store
from tests.peers.arxiv import Arxiv
from tests.peers.slack import Slack, furnish
from tests.peers.telegram import Telegram, refuse

NOW = datetime(2026, 6, 30, 13, tzinfo=UTC)


def settings(folder: Path, **more: Any) -> Settings:
    return load(_env_file=None, **{"store": f"sqlite:///{folder}/paperboy.db", **more})


async def found(check: Callable[[Settings], AsyncIterator[Finding]], given: Settings) -> dict[str, Finding]:
    """The findings by name; each that is not well says what to do."""
    findings = {each.name: each async for each in check(given)}
    for each in findings.values():
        assert each.says
        assert each.well or each.advice, each
    return findings


def wrong(findings: dict[str, Finding]) -> list[str]:
    return [name for name, each in findings.items() if not each.well]


# The clock


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (0, "within 60 s of it."),
        (60, "within 60 s of it."),
        (95, "this machine's clock is 95 s ahead of it."),
        (-7_200, "this machine's clock is 7,200 s behind it."),
    ],
)
def test_a_clock_is_judged_by_the_date_of_an_answer(seconds: int, says: str) -> None:
    finding = clock_finding("Tue, 30 Jun 2026 13:00:00 GMT", NOW + timedelta(seconds=seconds), of="arxiv.org")
    assert finding is not None
    assert finding.says == says
    assert finding.well is ("within" in says)


@pytest.mark.parametrize("date", ["", "yesterday", "30 Jun"])
def test_an_answer_without_a_date_judges_nothing(date: str) -> None:
    assert clock_finding(date, NOW, of="arxiv.org") is None


async def test_arxivs_answer_tells_the_time_too(tmp_path: Path) -> None:
    async with Arxiv() as arxiv:
        arxiv.announce("cs.AI")
        findings = await found(_arxiv, settings(tmp_path, arxiv_rss_url=arxiv.url))
    assert list(findings) == ["arXiv", "clock by arXiv"]
    assert wrong(findings) == []


# The store


async def test_the_store_and_its_disk_are_looked_at(tmp_path: Path) -> None:
    findings = await found(_store, settings(tmp_path))
    assert wrong(findings) == []
    assert "can be written" in findings["store"].says
    assert findings["running"].says == "no Paperboy runs on this store now."
    assert "MB are free" in (await found(_disk, settings(tmp_path)))["disk"].says


async def test_what_a_running_paperboy_found_is_told(tmp_path: Path) -> None:
    given, now = settings(tmp_path), datetime.now(UTC)
    trouble = Trouble(kind=Kind.DISCONNECTED, about="slack", since=now - timedelta(hours=2))
    async with open_store(given.store) as store:
        assert "has not looked after everything yet" in (await found(_store, given))["running"].says
        await keep(store, LastLook(at=now))
        findings = await found(_store, given)
        assert wrong(findings) == []
        assert f"(process {os.getpid()}) looked after everything at" in findings["running"].says
        await keep(store, LastLook(at=now, found=(trouble,)))
        findings = await found(_store, given)
        assert wrong(findings) == ["running"]
        assert findings["running"].says.startswith("Slack has not been connected since")
        await keep(store, LastLook(at=now - timedelta(hours=1)))
        findings = await found(_store, given)
        assert wrong(findings) == ["running"]
        assert "has not looked after everything since" in findings["running"].says
    assert (await found(_store, given))["running"].says == "no Paperboy runs on this store now."


async def test_pages_are_free_or_taken_while_no_paperboy_runs(tmp_path: Path) -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hangs_up, "127.0.0.1", 0)
    async with server:
        listen = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        findings = await found(_pages, settings(tmp_path, http_listen=listen))
        assert wrong(findings) == ["pages"]
        assert findings["pages"].says.startswith(
            f"HTTP_LISTEN={listen} cannot be listened at: Address already"
        )
    assert wrong(await found(_pages, settings(tmp_path, http_listen=listen))) == []
    assert await found(_pages, settings(tmp_path, http_listen="")) == {}


@pytest.mark.parametrize("listen", ["no-such-host.invalid:8080", "192.0.2.7:8080"])
async def test_pages_at_an_address_of_elsewhere_are_not_told_to_take_another_port(
    tmp_path: Path, listen: str
) -> None:
    finding = (await found(_pages, settings(tmp_path, http_listen=listen)))["pages"]
    assert not finding.well
    assert "Unknown error" not in finding.says
    assert "an address of this machine: HTTP_LISTEN=127.0.0.1:8080" in finding.advice


async def test_pages_that_another_paperboy_serves_are_not_taken_for_those_of_this_one(tmp_path: Path) -> None:
    told = {"ready": False, "process": os.getpid(), "parts": {"slack": {"ready": False, "why": "Not there."}}}

    async def ready() -> Page:
        return Page(body=json.dumps(told).encode())

    listener = Listener("127.0.0.1:0", {"/readyz": ready})
    await listener.start()
    given = settings(tmp_path, http_listen=listener.url.removeprefix("http://"))
    async with open_store(given.store):
        assert (await found(_pages, given))["pages"].says == "slack: Not there."
        told["parts"] = {"slack": {"ready": True}}
        assert wrong(await found(_pages, given)) == []
        told["process"] = 1
        assert "another program than the Paperboy of this store" in (await found(_pages, given))["pages"].says
        await listener.close()
        assert "does not answer" in (await found(_pages, given))["pages"].says


@pytest.mark.parametrize(
    ("check", "setting"), [(_backups, "BACKUP_DIR"), (_reports, "REPORT_DIR")], ids=["backups", "reports"]
)
@pytest.mark.parametrize("folder", ["/proc/paperboy", "{}/file/folder", "{}/file"])
async def test_a_folder_that_cannot_be_written_is_found_before_it_is_needed(
    tmp_path: Path, check: Callable[[Settings], AsyncIterator[Finding]], setting: str, folder: str
) -> None:
    (tmp_path / "file").touch()
    given = settings(tmp_path, **{setting.lower(): Path(folder.format(tmp_path))})
    (finding,) = (await found(check, given)).values()
    assert not finding.well
    assert f"no file can be made in {folder.format(tmp_path)}: " in finding.says
    assert f"{setting}=data/" in finding.advice


@pytest.mark.parametrize(
    ("check", "setting"), [(_backups, "backup_dir"), (_reports, "report_dir")], ids=["backups", "reports"]
)
async def test_a_folder_that_is_tried_is_left_as_it_was(
    tmp_path: Path, check: Callable[[Settings], AsyncIterator[Finding]], setting: str
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    for folder in (there, there / "to" / "be" / "made"):
        assert wrong(await found(check, settings(tmp_path, **{setting: folder}))) == []
        assert list(there.iterdir()) == []


async def test_a_backup_made_by_hand_counts(tmp_path: Path) -> None:
    given = settings(tmp_path, backup_dir=tmp_path / "backups")
    async with open_store(given.store) as store:
        await store.set_meta(LAST, json.dumps({"error": "No room.", "tried": "2026-01-01T00:00:00+00:00"}))
    assert wrong(await found(_backups, given)) == ["backups"]
    long_ago = datetime.now(UTC) - timedelta(days=3)
    await back_up(tmp_path / "paperboy.db", given.backup_dir, at=long_ago)
    assert wrong(await found(_backups, given)) == ["backups"]
    made = await back_up(tmp_path / "paperboy.db", given.backup_dir, at=datetime.now(UTC))
    findings = await found(_backups, given)
    assert wrong(findings) == []
    assert str(made.path) in findings["backups"].says


async def test_a_store_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "paperboy.db").write_text("This is no database. " * 100)
    assert wrong(await found(_store, settings(tmp_path))) == ["store"]


# Slack


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack(per_channel=None) as slack:
        furnish(slack)
        slack.add_channel("C0ROBOTS", "robots", members=("U1",))
        yield slack


def on_slack(folder: Path, slack: Slack, **more: Any) -> Settings:
    given = {
        "platform": "slack",
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_api_url": slack.url.rstrip("/"),
        "slack_channel": "C0ROBOTS",
    }
    return settings(folder, **(given | more))


async def test_a_slack_that_is_set_up_is_well_and_hears_nothing(tmp_path: Path, slack: Slack) -> None:
    findings = await found(examine_slack, on_slack(tmp_path, slack, admin_channel="slack:C0ROBOTS"))
    assert wrong(findings) == []
    assert findings["SLACK_CHANNEL"].says == "I am in #robots."
    assert {"ADMIN_CHANNEL", "clock by Slack", "slack socket", "slack scopes"} <= findings.keys()
    assert "doctor --live" in findings["slack delivery"].advice
    assert [call for call in slack.calls if call.method.startswith("chat.")] == []


@pytest.mark.parametrize(
    ("changes", "name", "says"),
    [
        ({"slack_bot_token": ""}, "slack", "SLACK_BOT_TOKEN is not set"),
        ({"slack_bot_token": "xoxb-wrong"}, "slack", "does not know the token in SLACK_BOT_TOKEN"),
        ({"slack_app_token": "xapp-wrong"}, "slack socket", "does not know the token in SLACK_APP_TOKEN"),
        ({"slack_api_url": "http://127.0.0.1:9/api"}, "slack", "Slack cannot be reached"),
        ({"slack_channel": "C0NOWHERE"}, "SLACK_CHANNEL", "C0NOWHERE: channel_not_found."),
        ({"admin_channel": "slack:C0NOBODY"}, "ADMIN_CHANNEL", "I am not in #nobody."),
    ],
)
async def test_what_is_wrong_with_slack_is_named(
    tmp_path: Path, slack: Slack, changes: dict[str, str], name: str, says: str
) -> None:
    slack.add_channel("C0NOBODY", "nobody", members=("U1",), bot=False)
    findings = await found(examine_slack, on_slack(tmp_path, slack, **changes))
    assert wrong(findings) == [name]
    assert says in findings[name].says
    for token in ("xoxb-wrong", "xapp-wrong"):
        assert token not in str(findings)


async def test_scopes_that_are_not_granted_are_named_with_what_is_lost(tmp_path: Path, slack: Slack) -> None:
    slack.api.scopes -= {"files:write", "channels:history"}
    findings = await found(examine_slack, on_slack(tmp_path, slack))
    assert wrong(findings) == ["slack scopes"]
    assert "files:write (reports and exports as files)" in findings["slack scopes"].says


async def test_a_scope_without_which_nothing_works_ends_it(tmp_path: Path, slack: Slack) -> None:
    slack.api.scopes -= {"chat:write"}
    findings = await found(examine_slack, on_slack(tmp_path, slack))
    assert wrong(findings) == ["slack"]
    assert "lacks the scope chat:write" in findings["slack"].says


# Telegram


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with Telegram() as telegram:
        yield telegram
        assert telegram.violations == []


def on_telegram(folder: Path, telegram: Telegram, **more: Any) -> Settings:
    given = {
        "platform": "telegram",
        "telegram_bot_token": telegram.token,
        "telegram_api_url": telegram.url,
    }
    return settings(folder, **(given | more))


async def test_a_telegram_that_is_set_up_is_well_and_hears_nothing(
    tmp_path: Path, telegram: Telegram
) -> None:
    group = telegram.supergroup("Reading group", telegram.person("Ada"))
    findings = await found(examine_telegram, on_telegram(tmp_path, telegram, telegram_chat=str(group.id)))
    assert wrong(findings) == []
    assert findings["telegram"].says == "I am @paperboy_bot."
    assert findings["TELEGRAM_CHAT"].says == "I am in Reading group."
    assert "privacy mode is on" in findings["telegram groups"].says
    assert "clock by Telegram" in findings
    assert telegram.from_bot(group) == ()


@pytest.mark.parametrize(
    ("changes", "name", "says"),
    [
        ({"telegram_bot_token": ""}, "telegram", "TELEGRAM_BOT_TOKEN is not set"),
        ({"telegram_bot_token": "1:x"}, "telegram", "does not accept TELEGRAM_BOT_TOKEN"),
        ({"telegram_api_url": "http://127.0.0.1:9"}, "telegram", "cannot be reached"),
        ({"telegram_chat": "-1009999999999"}, "TELEGRAM_CHAT", "Telegram knows no such chat"),
    ],
)
async def test_what_is_wrong_with_telegram_is_named(
    tmp_path: Path, telegram: Telegram, changes: dict[str, str], name: str, says: str
) -> None:
    findings = await found(examine_telegram, on_telegram(tmp_path, telegram, **changes))
    assert wrong(findings) == [name]
    assert says in findings[name].says


async def test_a_webhook_that_was_left_over_is_told(tmp_path: Path, telegram: Telegram) -> None:
    await telegram.updates.push_to("https://old.example.org/hook", secret="", allowed=None)
    polling = await found(examine_telegram, on_telegram(tmp_path, telegram))
    assert wrong(polling) == ["telegram updates"]
    assert "a webhook is left over, to old.example.org" in polling["telegram updates"].says
    hooked = on_telegram(
        tmp_path, telegram, telegram_mode="webhook", telegram_webhook_url="https://new.example.org/hook"
    )
    assert wrong(await found(examine_telegram, hooked)) == ["telegram updates"]


async def test_a_chat_where_the_bot_may_not_post_is_told(tmp_path: Path, telegram: Telegram) -> None:
    group = telegram.supergroup("Reading group", telegram.person("Ada"))
    await telegram.kicks(group)
    findings = await found(examine_telegram, on_telegram(tmp_path, telegram, telegram_chat=str(group.id)))
    assert wrong(findings) == ["TELEGRAM_CHAT"]


async def test_a_telegram_that_is_busy_is_told_as_such(tmp_path: Path, telegram: Telegram) -> None:
    telegram.misbehave(refuse(500, "Internal Server Error"), method="getMe")
    findings = await found(examine_telegram, on_telegram(tmp_path, telegram))
    assert findings["telegram"].says == "Telegram cannot be reached: Internal Server Error"
