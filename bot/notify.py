"""Tells systemd how the service fares: when it is ready, that it is alive, that it ends.

The protocol is that of sd_notify(3): one datagram of NAME=value lines to the socket in NOTIFY_SOCKET.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import structlog

_PATIENCE = 1.0  # seconds for the datagram to be taken, should systemd's queue be full

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceManager:
    """The systemd that started this process; where none did, nothing is sent to nobody.

    `watchdog` is the number of seconds after which it restarts a process that has not said `alive`.
    """

    address: str = ""
    watchdog: float | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str], *, process: int) -> Self:
        """The service manager that the environment names, for the process with this id."""
        address = environment.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")):
            return cls()
        wanted = environment.get("WATCHDOG_USEC", "")
        meant = environment.get("WATCHDOG_PID", str(process)) == str(process)
        watched = meant and wanted.isascii() and wanted.isdigit() and int(wanted) > 0
        return cls(address=address, watchdog=int(wanted) / 1e6 if watched else None)

    def ready(self, status: str) -> None:
        """Say that the service is up; `status` is what `systemctl status` shows."""
        self._send("READY=1", f"STATUS={status}")

    def alive(self) -> None:
        """Say that the process still does its work."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the process is about to end."""
        self._send("STOPPING=1", "STATUS=Finishing what is in hand")

    def _send(self, *lines: str) -> None:
        if not self.address:
            return
        # A name that begins with @ is in Linux's abstract name space, written there with a zero byte.
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        message = "\n".join(" ".join(line.split()) for line in lines)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.settimeout(_PATIENCE)
                out.connect(address)
                out.send(message.encode())
        except OSError as error:  # the service goes on, whoever listens
            log.warning("systemd not told", what=lines[0], error=error.strerror or str(error))


class Heartbeat:
    """Says `alive` while work goes on: the event loop turns, and a tick has ended within `late` seconds."""

    def __init__(
        self, manager: ServiceManager, *, late: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._manager = manager
        self._late = late
        self._clock = clock
        self._ticked = clock()

    @property
    def every(self) -> float | None:
        """Seconds between beats, half of what systemd allows; None if it watches nothing."""
        return self._manager.watchdog and self._manager.watchdog / 2

    def ticked(self) -> None:
        """A tick has ended, well or in an error that was logged: a full disk is no reason to be killed."""
        self._ticked = self._clock()

    async def beat(self) -> None:
        """Say `alive`, unless ticks have stopped ending."""
        if self._clock() - self._ticked <= self._late:
            self._manager.alive()
