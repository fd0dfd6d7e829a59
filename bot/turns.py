"""Whose turn it is: lines in which what people say waits, so that one who floods holds up nobody else."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.commands import is_slow
from digest.people import Incoming

QUICK_AT_ONCE = 1  # of a channel: its quick commands are answered in the order they were given
SLOW_AT_ONCE = 2  # of a person, out of the four that are under way for all
MOST_QUICK = 60  # of one person that wait for an answer
MOST_SLOW = 20

Start = Callable[[str, str], Awaitable[bool]]  # an id and its queue


@dataclass(slots=True)
class _Line:
    queue: str
    at_once: int
    waiting: deque[str] = field(default_factory=deque)
    running: set[str] = field(default_factory=set)


class Turns:
    """Starts what was said when its turn comes: quick commands by channel, slow ones by person.

    Nothing is lost with it: what waits is in the store, and is joined again at the next tick or start.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self._lines: dict[tuple[str, str], _Line] = {}
        self._places: dict[str, tuple[tuple[str, str], str]] = {}  # by id: its line, and who said it
        self._theirs: dict[str, dict[str, set[str]]] = {}  # by person and queue

    def is_full(self, incoming: Incoming) -> bool:
        """Whether as much of this person waits already as is kept of one."""
        theirs = self._theirs.get(incoming.person, {})
        return len(theirs.get(_queue(incoming), ())) >= most_of(incoming)

    async def join(self, incoming: Incoming, *, quick: bool = False) -> None:
        """Have it answered when its turn comes, unless it waits already; `quick` whatever it says."""
        if incoming.id in self._places:
            return
        queue = "command" if quick else _queue(incoming)
        name = (queue, incoming.person if queue == "interactive" else incoming.channel)
        at_once = SLOW_AT_ONCE if queue == "interactive" else QUICK_AT_ONCE
        line = self._lines.setdefault(name, _Line(queue, at_once))
        line.waiting.append(incoming.id)
        self._places[incoming.id] = name, incoming.person
        self._theirs.setdefault(incoming.person, {}).setdefault(queue, set()).add(incoming.id)
        await self._go_on(name)

    async def leave(self, said: str) -> None:
        """Its answer has ended, well or not: the next one's turn comes."""
        if said not in self._places:
            return
        name, _ = self._places[said]
        self._forget(said)
        await self._go_on(name)

    async def _go_on(self, name: tuple[str, str]) -> None:
        line = self._lines.get(name)
        while line is not None and line.waiting and len(line.running) < line.at_once:
            said = line.waiting.popleft()
            line.running.add(said)
            if not await self._start(said, line.queue):
                self._forget(said)  # it runs already, or failed a moment ago and is joined again later
        if line is not None and not line.waiting and not line.running:
            self._lines.pop(name, None)

    def _forget(self, said: str) -> None:
        name, person = self._places.pop(said)
        if name in self._lines:
            self._lines[name].running.discard(said)
        theirs = self._theirs[person]
        theirs[name[0]].discard(said)
        if not any(theirs.values()):
            del self._theirs[person]


def most_of(incoming: Incoming) -> int:
    """How much of one person may wait where this would."""
    return MOST_SLOW if is_slow(incoming.text) else MOST_QUICK


def _queue(incoming: Incoming) -> str:
    return "interactive" if is_slow(incoming.text) else "command"
