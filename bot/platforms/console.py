"""The terminal as a platform: digests above, a prompt below, the same commands as in chat."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import stat
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog

from bot.platforms.lines import LineWriter
from bot.platforms.terminal import render_lines
from digest.channel import Channel
from digest.document import Document
from digest.errors import PlatformUnavailable

T = TypeVar("T")

log = structlog.get_logger(__name__)

Replies = Callable[[str, str], AsyncIterator[Document]]
NARROW, WIDE = 60, 110  # columns


class ConsolePlatform:
    """Prints digests to a file descriptor, each line exactly once, and reads commands from stdin.

    `state` is a small file that remembers how far the last message got, so that a process killed in the
    middle of a message goes on with the next line when it is started again.
    """

    name = "console"

    def __init__(self, *, state: Path, fd: int = 1) -> None:
        state.parent.mkdir(parents=True, exist_ok=True)
        self._writer = LineWriter(fd, state)
        self._store = ""
        self._step = ""
        self._tty = os.isatty(fd)
        self._prompt: Any = None  # the prompt_toolkit session, while somebody is asked

    def belong_to(self, store: str) -> None:
        """Whose messages these are: a message of another store with the same key is another message."""
        self._store = store

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        """Print a message; its id is its key."""
        lines = self._lines(document, threaded=thread is not None)
        async with self._above_the_prompt():
            await self._written(self._writer.write, f"{self._store}/{key}", lines)
        self._step = ""
        return key

    async def recover(
        self,
        channel: Channel,
        document: Document,
        /,
        *,
        thread: str | None = None,
        key: str,
        since: datetime | None = None,
    ) -> str | None:
        """Print what a message still lacks after a crash in its middle; None if it was never begun."""
        lines = self._lines(document, threaded=thread is not None)
        async with self._above_the_prompt():
            begun = await self._written(self._writer.resume, f"{self._store}/{key}", lines)
        return key if begun else None

    def parts(self, channel: Channel, document: Document, /) -> tuple[Document, ...]:
        """A terminal takes any length."""
        return (document,)

    def turn(self, channel: Channel, /) -> contextlib.AbstractAsyncContextManager[None]:
        """A terminal has no limits."""
        return contextlib.nullcontext()

    def close(self) -> None:
        """Let go of the state file."""
        self._writer.close()

    async def _written(self, write: Callable[[str, Sequence[str]], T], key: str, lines: Sequence[str]) -> T:
        """Write in a thread, since whoever reads our output may be slow."""
        try:
            return await asyncio.to_thread(write, key, lines)
        except OSError as error:
            raise PlatformUnavailable(f"The output cannot be written: {error.strerror}.") from error

    def progress(self, step: str) -> None:
        """Show what is being done: under the prompt where there is one, else in the log."""
        if self._prompt is None:
            log.info(step)
            return
        self._step = step
        self._prompt.app.invalidate()

    async def serve(self, replies: Replies) -> None:
        """Answer commands from stdin; without a terminal, until the process is stopped."""
        if sys.stdin is not None and sys.stdin.isatty() and self._tty:
            await self._converse(replies)
            return
        async for line in _stdin_lines():
            await self._answer(line, replies)
        await asyncio.Event().wait()

    async def _converse(self, replies: Replies) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import WordCompleter
        from prompt_toolkit.patch_stdout import patch_stdout

        from bot.commands import VERBS

        words = [f"/{verb.name}" for verb in VERBS] + ["/quit"]
        self._prompt = PromptSession(
            "paperboy> ",
            completer=WordCompleter(words, sentence=True),
            bottom_toolbar=lambda: self._step or None,
        )
        print("Paperboy is watching arXiv. /help tells what you can say; /quit or Ctrl-D ends it.\n")
        with patch_stdout(raw=True):  # what is logged stands above the prompt, too
            while True:
                try:
                    line = await self._prompt.prompt_async()
                except KeyboardInterrupt:  # clears the line, as in a shell
                    continue
                except EOFError:
                    return
                if line.strip().lstrip("/").lower() in ("quit", "exit", "q"):
                    return
                await self._answer(line, replies)
                self._step = ""

    async def _answer(self, line: str, replies: Replies) -> None:
        if not line.strip():
            return
        async for document in replies(line, _user()):
            async with self._above_the_prompt():
                for each in self._lines(document, threaded=False):
                    print(each, flush=True)

    def _lines(self, document: Document, *, threaded: bool) -> tuple[str, ...]:
        columns = shutil.get_terminal_size((96, 24)).columns
        return render_lines(document, width=max(NARROW, min(columns, WIDE)), color=self._tty, thread=threaded)

    @contextlib.asynccontextmanager
    async def _above_the_prompt(self) -> AsyncIterator[None]:
        if self._prompt is None or not self._prompt.app.is_running:
            yield
            return
        from prompt_toolkit.application import in_terminal
        from prompt_toolkit.application.current import set_app

        with set_app(self._prompt.app):
            async with in_terminal():
                yield


def _user() -> str:
    return os.environ.get("USER") or "you"


async def _stdin_lines() -> AsyncIterator[str]:
    """Lines of a piped stdin, without blocking the loop; nothing where stdin is closed."""
    if sys.stdin is None or sys.stdin.closed:
        return
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):  # a file or /dev/null, which no loop can watch
        for line in await asyncio.to_thread(sys.stdin.readlines):
            yield line
        return
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while raw := await reader.readline():
        yield raw.decode(errors="replace")
