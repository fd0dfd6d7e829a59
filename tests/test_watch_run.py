"""`paperboy run` as others see it: its pages, a port that is taken, and nothing secret anywhere."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.peers import slack_faults
from tests.peers import telegram as telegram_peers
from tests.peers.arxiv import Arxiv
from tests.peers.slack import Slack, furnish
from tests.peers.telegram import Telegram
from tests.test_run import PAPERBOY, WAIT, environment


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(
    folder: Path, arxiv: Arxiv, **settings: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A Paperboy and the address of its pages; at the end it is stopped."""
    folder.mkdir(exist_ok=True)
    listen = settings.setdefault("HTTP_LISTEN", f"127.0.0.1:{free_port()}")
    with (folder / "out.txt").open("wb") as out, (folder / "log.txt").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *PAPERBOY,
            "run",
            env=environment(folder, arxiv) | settings,
            cwd=folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=out,
            stderr=log,
        )
    try:
        yield process, f"http://{listen}"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), WAIT) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def get(url: str) -> tuple[int, str]:
    """Status and text of a page; 0 while nobody answers."""
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status, await answer.text()
    except aiohttp.ClientConnectionError:
        return 0, ""


async def until(url: str, status: int) -> str:
    """What a page says once it is answered with a status."""
    async with asyncio.timeout(WAIT):
        while True:
            seen, text = await get(url)
            if seen == status:
                return text
            await asyncio.sleep(0.05)


def figures(text: str) -> Mapping[tuple[str, str], float]:
    return {
        (sample.name, ",".join(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_the_console_alone_has_its_pages(tmp_path: Path) -> None:
    async with Arxiv() as arxiv, running(tmp_path, arxiv) as (process, url):
        assert await until(f"{url}/healthz", 200) == "ok\n"
        told = json.loads(await until(f"{url}/readyz", 200))
        assert told["ready"]
        assert told["parts"] == {"store": {"ready": True}, "scheduler": {"ready": True}}
        assert told["process"] == process.pid
        metrics = await until(f"{url}/metrics", 200)
        assert "socket_connected{" not in metrics
        assert figures(metrics)["paperboy_last_success_timestamp", "tick"] > 1e9
        assert process.returncode is None


async def test_a_taken_port_costs_one_warning_and_the_pages(tmp_path: Path) -> None:
    async with Arxiv() as arxiv, running(tmp_path / "first", arxiv) as (_, url):
        await until(f"{url}/healthz", 200)
        listen = url.removeprefix("http://")
        async with running(tmp_path / "second", arxiv, HTTP_LISTEN=listen) as (second, _):
            assert second.stdin is not None
            second.stdin.write(b"/subscriptions\n")
            async with asyncio.timeout(WAIT):
                while "#1 vla" not in (tmp_path / "second" / "out.txt").read_text():
                    await asyncio.sleep(0.05)
        warnings = [
            line for line in (tmp_path / "second" / "log.txt").read_text().splitlines() if "warning" in line
        ]
        assert len(warnings) == 1
        assert f"HTTP_LISTEN={listen}" in warnings[0]
        assert "Stop the program that has it, or take another port" in warnings[0]
        assert await get(f"{url}/healthz") == (200, "ok\n")


async def test_without_an_address_nothing_is_listened_at(tmp_path: Path) -> None:
    async with Arxiv() as arxiv, running(tmp_path, arxiv, HTTP_LISTEN="") as (process, _):
        async with asyncio.timeout(WAIT):
            while not (tmp_path / "paperboy.db").exists():
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        listening = (Path(f"/proc/{process.pid}/net/tcp")).read_text().splitlines()[1:]
        own = {
            link.readlink().name
            for link in Path(f"/proc/{process.pid}/fd").iterdir()
            if "socket" in str(link.readlink())
        }
        sockets = [line.split() for line in listening if line.split()[3] == "0A"]  # LISTEN
        assert [fields for fields in sockets if f"socket:[{fields[9]}]" in own] == []


async def test_it_is_ready_only_while_every_platform_is_connected(tmp_path: Path) -> None:
    async with Arxiv() as arxiv, Slack(per_channel=None) as slack, Telegram() as telegram:
        furnish(slack)
        slack.refuse_sockets(10**6)
        settings = slack_settings(slack) | telegram_settings(telegram) | {"PLATFORM": "slack, telegram"}
        async with running(tmp_path, arxiv, **settings) as (_, url):
            told = json.loads(await until(f"{url}/readyz", 503))
            async with asyncio.timeout(WAIT):
                while not told["parts"].get("telegram", {}).get("ready"):
                    await asyncio.sleep(0.1)
                    told = json.loads((await get(f"{url}/readyz"))[1])
            assert told["parts"]["slack"]["why"] == "It is not connected; Paperboy goes on trying."
            assert (await get(f"{url}/healthz"))[0] == 200
            before = figures((await get(f"{url}/metrics"))[1])
            assert before["paperboy_socket_connected", "slack"] == 0.0
            assert before["paperboy_socket_connected", "telegram"] == 1.0

            slack.behave()
            assert json.loads(await until(f"{url}/readyz", 200))["ready"]
            await (await slack.command("/subscribe", "vla", user="U1", channel="C1")).ack()
            after = figures((await get(f"{url}/metrics"))[1])
            assert after["paperboy_ack_seconds_count", "slack"] == 1.0


async def test_pages_and_requests_share_one_address(tmp_path: Path) -> None:
    async with Arxiv() as arxiv, Slack(per_channel=None) as slack:
        furnish(slack)
        settings = slack_settings(slack) | {
            "PLATFORM": "slack",
            "SLACK_MODE": "http",
            "SLACK_SIGNING_SECRET": slack.signing_secret,
        }
        async with running(tmp_path, arxiv, **settings) as (_, url):
            slack.wire.app_url = f"{url}/slack/events"
            await until(f"{url}/readyz", 200)
            await (await slack.command("/subscribe", "vla", user="U1", channel="C1")).ack()
            assert (await get(f"{url}/healthz")) == (200, "ok\n")
            assert (await get(f"{url}/slack/events"))[0] == 405
            assert (await get(f"{url}/nothing"))[0] == 404


def slack_settings(slack: Slack) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.url.rstrip("/"),
    }


def telegram_settings(telegram: Telegram) -> dict[str, str]:
    return {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url}


@pytest.mark.parametrize("form", ["console", "json"])
async def test_no_secret_is_written_anywhere_whatever_goes_wrong(tmp_path: Path, form: str) -> None:
    async with Arxiv() as arxiv, Slack(per_channel=None) as slack, Telegram() as telegram:
        furnish(slack)
        ada = telegram.person("Ada")
        chat = telegram.private(ada)
        settings = {
            **slack_settings(slack),
            **telegram_settings(telegram),
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "TELEGRAM_WEBHOOK_SECRET": "a-webhook-secret-of-some-length",
            "OPENAI_API_KEY": "sk-proj-0123456789abcdef",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        }
        secrets = [value for name, value in settings.items() if name.endswith(("TOKEN", "SECRET", "KEY"))]
        given = settings | {"PLATFORM": "slack, telegram", "LOG_LEVEL": "debug", "LOG_FORMAT": form}
        seen: list[bytes] = []
        async with running(tmp_path, arxiv, **given) as (process, url):
            await until(f"{url}/readyz", 200)
            seen.append(Path(f"/proc/{process.pid}/cmdline").read_bytes())
            _much_goes_wrong(slack, telegram)
            await (await slack.command("/status", "", user="U1", channel="C1")).ack()
            await telegram.says(chat, ada, "/explain 2606.30001")
            await telegram.says(chat, ada, "/status")
            await asyncio.sleep(0.5)
            slack.expire_tickets(1)
            slack.cut_sockets()
            async with asyncio.timeout(WAIT):
                while not telegram.from_bot(chat):
                    await asyncio.sleep(0.05)
            pages = [await get(f"{url}/{page}") for page in ("healthz", "readyz", "metrics")]
            seen += [text.encode() for _, text in pages]
            if form == "console":
                seen.append(await _doctor(tmp_path, environment(tmp_path, arxiv) | given))
        told = [each.text for each in telegram.from_bot(chat)]
        shown = [message.text for message in slack.ephemerals("U1")]
        assert told
        seen += [json.dumps([told, shown]).encode()]
        seen += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        log = (tmp_path / "log.txt").read_text()

    assert "warning" in log
    assert "debug" in log
    for secret in secrets:
        for spelling in (secret, quote(secret, safe="")):
            assert not [each[:80] for each in seen if spelling.encode() in each], spelling[:9]


def _much_goes_wrong(slack: Slack, telegram: Telegram) -> None:
    """Faults of every kind from now on, each once."""
    slack.misbehave("chat.postEphemeral", slack_faults.drop(processed=True), times=1)
    slack.misbehave("", slack_faults.bad_gateway(processed=False), times=1)
    for fault in (telegram_peers.drop_before(), telegram_peers.bad_gateway(), telegram_peers.conflict()):
        telegram.misbehave(fault, method="getUpdates", times=1)
    telegram.misbehave(telegram_peers.cut_after(), method="sendMessage", times=1)


async def _doctor(folder: Path, settings: dict[str, str]) -> bytes:
    """All that the doctor says of a running Paperboy."""
    doctor = await asyncio.create_subprocess_exec(
        *PAPERBOY,
        "doctor",
        env=settings,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await asyncio.wait_for(doctor.communicate(), WAIT))[0]
    assert "✓ slack socket".encode() in said
    assert "✓ running: a Paperboy (process ".encode() in said
    return said
