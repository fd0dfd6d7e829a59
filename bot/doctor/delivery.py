"""What is known of how a platform delivers, from an earlier `paperboy doctor --live`."""

from __future__ import annotations

from bot.config import Settings
from bot.doctor.finding import Finding
from bot.platforms.proven import Mode, proven
from digest.errors import StoreError
from storage import open_store

MEANS = {
    Mode.IDEMPOTENT: "a message of unknown fate is looked for, and sent again it is still shown once",
    Mode.RECONCILE: "a message of unknown fate is looked for before it is sent again",
    Mode.RESEND: "a message of unknown fate is sent again, so that it may be there twice but is never lost",
}


async def delivery_finding(settings: Settings, platform: str) -> Finding:
    """The delivery mode that was found safe, or how to find it."""
    name = f"{platform} delivery"
    try:
        async with open_store(settings.store, alone=False) as store:
            known = await proven(store, platform)
    except StoreError as error:
        return Finding(name=name, well=False, says=str(error), advice="Mend or change STORE.")
    if known.mode is None:
        return Finding(
            name=name,
            well=True,
            says="never tried in this workspace or chat.",
            advice="Try it in a minute: paperboy doctor --live --channel "
            + ("slack:C0123ABCD" if platform == "slack" else "telegram:-1001234567890"),
        )
    return Finding(name=name, well=True, says=f"{known.mode}: {MEANS[known.mode]}.")
