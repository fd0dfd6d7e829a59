"""Analyses that somebody asked for while the model was away, and gets when it is back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from digest.ports import Store

_KEY = "awaited"
MOST = 200  # remembered at once; the oldest go first


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """One analysis that is due to somebody; `not_before` is an ISO moment."""

    channel: str
    paper: str
    language: str
    person: str
    not_before: str

    @property
    def key(self) -> str:
        return f"{self.channel} {self.paper} {self.language}"


async def awaited(store: Store) -> tuple[Awaited, ...]:
    """All that are due or will be, the oldest first."""
    return tuple(Awaited(**each) for each in json.loads(await store.meta(_KEY) or "[]"))


async def remember(store: Store, wanted: Awaited) -> None:
    """Remember one; asked for again, it is still one."""
    others = [each for each in await awaited(store) if each.key != wanted.key]
    await _save(store, [*others, wanted])


async def forget(store: Store, key: str) -> None:
    """Forget one that was delivered."""
    await _save(store, [each for each in await awaited(store) if each.key != key])


async def due(store: Store, now: datetime) -> tuple[Awaited, ...]:
    """Those whose time has come."""
    return tuple(each for each in await awaited(store) if each.not_before <= moment(now))


def moment(at: datetime) -> str:
    """A moment as it is kept."""
    return at.astimezone(UTC).isoformat()


async def _save(store: Store, wanted: list[Awaited]) -> None:
    await store.set_meta(_KEY, json.dumps([asdict(each) for each in wanted[-MOST:]]))
