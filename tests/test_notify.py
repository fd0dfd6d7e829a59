"""What systemd is told: ready when connected, alive while ticks end, stopping at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.notify import Heartbeat, ServiceManager
from tests.peers.arxiv import Arxiv
from tests.peers.slack import Slack
from tests.test_run import PAPERBOY, WAIT, environment

ME = os.getpid()


class Manager:
    """The socket of a service manager, and what it is told."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)

    def told(self) -> list[str]:
        """The datagrams since the last time."""
        found = []
        while True:
            try:
                found.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return found

    async def until_told(self, text: str) -> None:
        async with asyncio.timeout(WAIT):
            while not any(text in each for each in self.told()):
                await asyncio.sleep(0.02)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@paperboy-test-{ME}"
    manager = Manager(address)
    yield manager
    manager.close()


def test_each_word_is_one_datagram_to_a_path_or_an_abstract_name(manager: Manager) -> None:
    service = ServiceManager.of({"NOTIFY_SOCKET": manager.address}, process=ME)

    service.ready("Connected to slack\nREADY=0")
    service.alive()
    service.stopping()

    assert manager.told() == [
        "READY=1\nSTATUS=Connected to slack READY=0",
        "WATCHDOG=1",
        "STOPPING=1\nSTATUS=Finishing what is in hand",
    ]


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "relative/path"])
def test_without_a_socket_that_we_know_nothing_is_sent(address: str) -> None:
    service = ServiceManager.of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "5000000"}, process=ME)

    assert service == ServiceManager()
    service.ready("nobody hears it")


def test_a_manager_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    ServiceManager.of({"NOTIFY_SOCKET": str(tmp_path / "gone")}, process=ME).ready("nobody hears it")


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({"WATCHDOG_USEC": "120000000"}, 120.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(ME)}, 120.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(ME + 1)}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_for_the_process_that_systemd_means(
    told: dict[str, str], seconds: float | None
) -> None:
    assert ServiceManager.of({"NOTIFY_SOCKET": "/run/x"} | told, process=ME).watchdog == seconds


async def test_it_is_alive_only_while_ticks_go_on_ending(manager: Manager) -> None:
    now = 0.0
    service = ServiceManager.of({"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "120000000"}, process=ME)
    heart = Heartbeat(service, late=60, clock=lambda: now)
    assert heart.every == 60

    now = 60.0
    await heart.beat()
    assert manager.told() == ["WATCHDOG=1"]

    now = 61.0
    await heart.beat()
    assert manager.told() == []

    heart.ticked()
    await heart.beat()
    assert manager.told() == ["WATCHDOG=1"]


async def test_a_process_is_ready_when_connected_then_alive_then_stopping(tmp_path: Path) -> None:
    manager = Manager(str(tmp_path / "notify"))
    async with Slack(per_channel=None) as absent:
        port = int(absent.url.rsplit(":", 1)[1].split("/")[0])
        address = absent.url
    async with Arxiv() as arxiv:
        variables = environment(tmp_path, arxiv) | {
            "PLATFORM": "slack",
            "SLACK_BOT_TOKEN": absent.bot_token,
            "SLACK_APP_TOKEN": absent.app_token,
            "SLACK_API_URL": address,
            "NOTIFY_SOCKET": manager.address,
            "WATCHDOG_USEC": "200000",
        }
        process = await asyncio.create_subprocess_exec(
            *PAPERBOY, "run", env=variables, cwd=tmp_path, stderr=asyncio.subprocess.PIPE
        )
        await manager.until_told("WATCHDOG=1")  # it works, but Slack is not there
        await asyncio.sleep(0.5)
        assert not any("READY" in each for each in manager.told())

        async with Slack(per_channel=None, port=port):
            await manager.until_told("READY=1\nSTATUS=Connected to slack")
            await manager.until_told("WATCHDOG=1")
            process.send_signal(signal.SIGTERM)
            _, errors = await asyncio.wait_for(process.communicate(), WAIT)

    assert process.returncode == 0, errors
    told = manager.told()
    assert told[-1].startswith("STOPPING=1")
    manager.close()


async def test_a_stopped_process_falls_silent(tmp_path: Path) -> None:
    manager = Manager(str(tmp_path / "notify"))
    async with Arxiv() as arxiv:
        variables = environment(tmp_path, arxiv) | {
            "NOTIFY_SOCKET": manager.address,
            "WATCHDOG_USEC": "100000",
        }
        process = await asyncio.create_subprocess_exec(
            *PAPERBOY,
            "run",
            env=variables,
            cwd=tmp_path,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await manager.until_told("READY=1")
        await manager.until_told("WATCHDOG=1")
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(0.2)
        manager.told()
        await asyncio.sleep(0.5)
        silent = manager.told()
        process.kill()
        await process.wait()
    assert silent == []
    manager.close()
