"""`paperboy doctor --live`: what only a real workspace or chat can tell, tried with a few messages.

What is posted is removed again. The delivery mode that is found safe is kept in the store, and used from the
next start on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.config import Settings
from bot.doctor.delivery import MEANS
from bot.doctor.finding import Finding
from bot.platforms.proven import Proven, keep_proven
from bot.values import parse_admin_channel
from digest.clock import Sleep, sleep
from digest.errors import InvalidSetting, PaperboyError
from storage import open_store

_PAUSE = 1.1  # seconds between messages to one chat


async def examine_live(
    settings: Settings, channel: str = "", *, sleep: Sleep = sleep
) -> AsyncIterator[Finding]:
    """Try the delivery in a channel ("slack:C0123ABCD"), or in those that the settings name.

    Raises `InvalidSetting` where there is none, or it is not on a platform of PLATFORM.
    """
    for named in _channels(settings, channel):
        platform, _, name = named.partition(":")
        if platform == "slack":
            from bot.doctor.slack_live import try_slack as attempt
        else:
            from bot.doctor.telegram_live import try_telegram as attempt
        found = Proven()
        async for finding, told in attempt(settings, name, pause=lambda: sleep(_PAUSE), sleep=sleep):
            found = told
            yield finding
        if found.mode is not None:
            yield await _kept(settings, platform, found)


def _channels(settings: Settings, channel: str) -> tuple[str, ...]:
    if channel:
        named = parse_admin_channel(channel)
        platform = named.partition(":")[0]
        if platform not in settings.platforms or platform == "console":
            raise InvalidSetting(
                f"{named} is on {platform.title()}, where this Paperboy does not talk (PLATFORM="
                f"{settings.platform}); nothing can be tried there."
            )
        return (named,)
    found = []
    if "slack" in settings.platforms and settings.slack_channel:
        found.append(f"slack:{settings.slack_channel}")
    if "telegram" in settings.platforms and settings.telegram_chat:
        found.append(f"telegram:{settings.telegram_chat}")
    if not found:
        raise InvalidSetting(
            "--live posts a few messages and removes them: say where, for example paperboy doctor --live "
            "--channel slack:C0123ABCD or --channel telegram:-1001234567890."
        )
    return tuple(found)


async def _kept(settings: Settings, platform: str, found: Proven) -> Finding:
    name = f"{platform} delivery"
    try:
        async with open_store(settings.store, alone=False) as store:
            await keep_proven(store, platform, found)
    except PaperboyError as error:
        return Finding(name=name, well=False, says=str(error), advice="Mend or change STORE, and try again.")
    assert found.mode is not None
    says = f"{found.mode}, from the next start of Paperboy on: {MEANS[found.mode]}."
    return Finding(name=name, well=True, says=says)
