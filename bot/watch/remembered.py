"""The troubles as the running process last found them, kept in the store for everybody who asks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bot.watch.troubles import Change, Kind, Known, Trouble
from digest.ports import Store

_KEY = "watch/troubles"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLook:
    """What was found, and what of it was told; `at` is None before the first look.

    `telling` is what was about to be told: maybe it was, and maybe the process died before.
    """

    at: datetime | None = None
    found: tuple[Trouble, ...] = ()
    told: tuple[Known, ...] = ()
    telling: tuple[Change, ...] = ()


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
        telling=tuple(map(_change, noted.get("telling", ()))),
    )


async def keep(store: Store, look: LastLook) -> None:
    """Keep what was found now."""
    assert look.at is not None
    noted = {
        "at": _iso(look.at),
        "found": [_noted(each) for each in look.found],
        "told": [
            {
                "trouble": _noted(each.trouble),
                "number": each.told_number,
                "since": _iso(each.told_since),
                "at": _iso(each.told_at),
            }
            for each in look.told
        ],
        "telling": [
            {"trouble": _noted(each.trouble), "at": _iso(each.at), "over": each.over} for each in look.telling
        ],
    }
    await store.set_meta(_KEY, json.dumps(noted, ensure_ascii=False))


def _noted(trouble: Trouble) -> dict[str, Any]:
    return {**asdict(trouble), "kind": trouble.kind.value, "since": _iso(trouble.since)}


def _trouble(noted: dict[str, Any]) -> Trouble:
    kind, since = Kind(noted["kind"]), datetime.fromisoformat(noted["since"])
    return Trouble(**{**noted, "kind": kind, "since": since})


def _known(noted: dict[str, Any]) -> Known:
    trouble, told_at = _trouble(noted["trouble"]), datetime.fromisoformat(noted["at"])
    # An earlier version did not note it; of what was given up before it told, it had told.
    told_since = datetime.fromisoformat(noted["since"]) if "since" in noted else told_at
    return Known(trouble=trouble, told_number=noted["number"], told_since=told_since, told_at=told_at)


def _change(noted: dict[str, Any]) -> Change:
    at = datetime.fromisoformat(noted["at"])
    return Change(trouble=_trouble(noted["trouble"]), at=at, over=noted["over"])


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
