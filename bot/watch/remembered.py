"""The troubles as the running process last found them, kept in the store for everybody who asks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bot.watch.troubles import Kind, Known, Trouble
from digest.ports import Store

_KEY = "watch/troubles"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLook:
    """What was found, and what of it was told; `at` is None before the first look."""

    at: datetime | None = None
    found: tuple[Trouble, ...] = ()
    told: tuple[Known, ...] = ()


async def last_look(store: Store) -> LastLook:
    """What the running process, or the last that ran, found."""
    kept = await store.meta(_KEY)
    if kept is None:
        return LastLook()
    noted = json.loads(kept)
    return LastLook(
        at=datetime.fromisoformat(noted["at"]),
        found=tuple(map(_trouble, noted["found"])),
        told=tuple(map(_known, noted["told"])),
    )


async def keep(store: Store, look: LastLook) -> None:
    """Keep what was found now."""
    assert look.at is not None
    noted = {
        "at": _iso(look.at),
        "found": [_noted(each) for each in look.found],
        "told": [
            {"trouble": _noted(each.trouble), "number": each.told_number, "at": _iso(each.told_at)}
            for each in look.told
        ],
    }
    await store.set_meta(_KEY, json.dumps(noted, ensure_ascii=False))


def _noted(trouble: Trouble) -> dict[str, Any]:
    return {**asdict(trouble), "kind": trouble.kind.value, "since": _iso(trouble.since)}


def _trouble(noted: dict[str, Any]) -> Trouble:
    kind, since = Kind(noted["kind"]), datetime.fromisoformat(noted["since"])
    return Trouble(**{**noted, "kind": kind, "since": since})


def _known(noted: dict[str, Any]) -> Known:
    return Known(
        trouble=_trouble(noted["trouble"]),
        told_number=noted["number"],
        told_at=datetime.fromisoformat(noted["at"]),
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
