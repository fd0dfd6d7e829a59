"""The checks in their order."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.config import Settings
from bot.doctor import basics
from bot.doctor.finding import Finding


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Check the store, arXiv, the reader, the analyzer and each platform, one after the other."""
    for check in basics.CHECKS:
        async for finding in check(settings):
            yield finding
    for platform in settings.platforms:
        match platform:
            case "slack":
                from bot.doctor.slack import examine_slack

                async for finding in examine_slack(settings):
                    yield finding
            case "telegram":
                from bot.doctor.telegram import examine_telegram

                async for finding in examine_telegram(settings):
                    yield finding
