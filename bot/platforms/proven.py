"""What `paperboy doctor --live` found a platform to do, kept in the store and read at the next start."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digest.ports import Store


class Mode(StrEnum):
    """What is done about a message that may have arrived, the surest first."""

    IDEMPOTENT = "idempotent"  # sent again under the same number, the platform shows it once
    RECONCILE = "reconcile"  # looked for, and sent again where it is not found
    RESEND = "resend"  # sent again: it may be there twice, but is never lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What is known; None where it was never tried. `rich` tells whether the newer forms are taken."""

    mode: Mode | None = None
    rich: bool | None = None


async def proven(store: Store, platform: str) -> Proven:
    """What was found of a platform."""
    mode, rich = await store.meta(f"{platform}/mode"), await store.meta(f"{platform}/rich")
    return Proven(
        mode=Mode(mode) if mode in tuple(Mode) else None, rich=None if rich is None else rich == "taken"
    )


async def keep_proven(store: Store, platform: str, found: Proven) -> None:
    """Keep what was found of a platform; what was not tried stays as it was."""
    if found.mode is not None:
        await store.set_meta(f"{platform}/mode", found.mode.value)
    if found.rich is not None:
        await store.set_meta(f"{platform}/rich", "taken" if found.rich else "refused")
