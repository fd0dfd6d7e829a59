"""Analyses that somebody asked for while the model was away, and gets when it is back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from digest.ports import Store

_AWAITED = "awaited/"
MOST = 200  # remembered at once; the oldest go first


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """One analysis that is due to somebody; `not_before` and `asked` are ISO moments."""

    channel: str
    paper: str
    language: str
    person: str
    not_before: str
    asked: str

    @property
    def key(self) -> str:
        return f"{self.paper.replace('/', '~')}/{self.language}/{self.channel}"  # hep-th/9901001 has a slash


async def awaited(store: Store) -> tuple[Awaited, ...]:
    """All that are due or will be, the oldest first."""
    kept = await store.metas(_AWAITED)
    found = (_read(key.removeprefix(_AWAITED), value) for key, value in kept.items())
    return tuple(sorted(found, key=lambda each: each.asked))


async def remember(store: Store, wanted: Awaited) -> None:
    """Remember one; asked for again, it is still one."""
    # A row of its own: many ask at once. The channel stands last, where the store renames it.
    await store.set_meta(f"{_AWAITED}{wanted.key}", json.dumps(asdict(wanted)))
    for each in (await awaited(store))[:-MOST]:
        await forget(store, each.key)


async def forget(store: Store, key: str) -> None:
    """Forget one that was delivered."""
    await store.drop_meta(f"{_AWAITED}{key}")


async def due(store: Store, now: datetime) -> tuple[Awaited, ...]:
    """Those whose time has come."""
    return tuple(each for each in await awaited(store) if each.not_before <= moment(now))


def moment(at: datetime) -> str:
    """A moment as it is kept."""
    return at.astimezone(UTC).isoformat()


def _read(key: str, value: str) -> Awaited:
    _, _, channel = key.split("/", 2)
    return Awaited(**{**json.loads(value), "channel": channel})
