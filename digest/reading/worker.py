"""`PdfReader`: reads PDFs in one warm worker process, so that no PDF can stall, bloat or crash the bot."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from digest.errors import FullTextError
from digest.fulltext import FullText
from digest.reading.jsonform import from_cache
from digest.reading.limits import RECEIVED, Limits

_LENGTH = struct.Struct(">Q")
_ROOT = Path(__file__).resolve().parents[2]
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from digest.reading.child import main; main(sys.argv[2])"
)
_ANSWER_CAP = 256 * 1024 * 1024
_CHUNK = 256 * 1024


class PdfReader:
    """Reads PDFs one at a time in a worker process that starts with the first PDF.

    The worker is replaced when it crashes, runs out of time or memory, or has served its share; the
    next PDF always finds a working one. Implements `digest.ports.Reader`.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._lock = asyncio.Lock()
        self._worker: _Worker | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process id, while there is one."""
        return self._worker.pid if self._worker else None

    async def read(self, pdf: bytes, /) -> FullText:
        """Sections, paragraphs, captions and hidden text. Raises `FullTextError` with one clear sentence."""
        if len(pdf) > self._limits.bytes:
            raise FullTextError(
                f"The PDF has {len(pdf) >> 20} MB; Paperboy reads up to {self._limits.bytes >> 20} MB."
            )
        async with self._lock:
            unwanted = threading.Event()
            reading = asyncio.ensure_future(asyncio.to_thread(self._read, pdf, unwanted))
            try:
                return await asyncio.shield(reading)
            except asyncio.CancelledError:
                unwanted.set()
                if self._worker is not None:
                    self._worker.kill()  # its end wakes the thread, which cleans up
                await asyncio.wait([reading])
                reading.exception()
                raise

    async def close(self) -> None:
        """End the worker. A later `read` starts a new one."""
        async with self._lock:
            await asyncio.to_thread(self._drop)

    def _read(self, pdf: bytes, unwanted: threading.Event) -> FullText:
        """Blocking: runs in a thread of its own, so that pipes and JSON never hold the event loop."""
        try:
            answer = self._ask(pdf, unwanted)
        except _NotDelivered:
            # The idle worker had died; it never saw this PDF.
            try:
                answer = self._ask(pdf, unwanted)
            except _NotDelivered:
                raise FullTextError("The process that reads PDFs could not be started.") from None
        if "error" in answer:
            raise FullTextError(str(answer["error"]))
        return from_cache(answer["text"])

    def _ask(self, pdf: bytes, unwanted: threading.Event) -> dict[str, Any]:
        worker = self._ready_worker()
        try:
            if unwanted.is_set():
                raise FullTextError("The reading of the PDF was called off.")
            answer = worker.ask(pdf)
        except BaseException:
            self._drop()
            raise
        if answer.get("last"):
            self._drop()
        return answer

    def _ready_worker(self) -> _Worker:
        if self._worker is None or not self._worker.alive:
            self._drop()
            self._worker = _Worker(self._limits)
        return self._worker

    def _drop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()


class _NotDelivered(Exception):
    """The worker was gone before it had the whole PDF."""


class _Worker:
    """One worker process and the pipes to it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # No environment: the worker needs none of the bot's secrets. One malloc arena keeps it small.
        kept = {key: os.environ[key] for key in ("LD_LIBRARY_PATH", "SYSTEMROOT") if key in os.environ}
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-I", "-B", "-c", _START, str(_ROOT), json.dumps(asdict(limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env=kept | {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072"},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, pdf: bytes) -> dict[str, Any]:
        """Send a PDF and wait for the answer. Raises `FullTextError` when the worker dies or is too slow."""
        deadline = time.monotonic() + self._limits.seconds
        self._send(_LENGTH.pack(len(pdf)), deadline)
        self._send(pdf, deadline)
        self._confirm(deadline)
        (length,) = _LENGTH.unpack(self._receive(_LENGTH.size, deadline))
        if length > _ANSWER_CAP:
            raise FullTextError("The PDF holds more text than can be handled.")
        answer: dict[str, Any] = json.loads(self._receive(length, deadline))
        return answer

    def kill(self) -> None:
        """Kill the process; whoever waits for its answer is woken."""
        self._process.kill()

    def end(self) -> None:
        """Kill the process and reap it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._to, select.POLLOUT, deadline)
            try:
                view = view[os.write(self._to, view[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise _NotDelivered from error

    def _confirm(self, deadline: float) -> None:
        """Wait until the worker has the whole PDF."""
        self._wait(self._from, select.POLLIN, deadline)
        if os.read(self._from, 1) != RECEIVED:
            raise _NotDelivered

    def _receive(self, count: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < count:
            self._wait(self._from, select.POLLIN, deadline)
            part = os.read(self._from, min(count - len(data), _CHUNK))
            if not part:
                raise self._died()
            data += part
        return bytes(data)

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise self._too_slow()

    def _died(self) -> FullTextError:
        code = self._process.wait()
        if -code == signal.SIGXCPU:
            return self._too_slow()
        return FullTextError("The PDF is damaged in a way that crashed the PDF library.")

    def _too_slow(self) -> FullTextError:
        return FullTextError(f"Reading the PDF took longer than {self._limits.seconds:g} seconds.")
