"""A channel that Paperboy hears from for the first time, made with the settings' defaults."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.config import Settings
from bot.schedule import upcoming
from bot.values import parse_days, parse_language, parse_timezone, stored_timezone
from digest.channel import Channel
from digest.clock import Clock
from digest.errors import InvalidSetting
from digest.model import AnnounceType
from digest.ports import Store

if TYPE_CHECKING:
    from bot.answering import Place


class NewChannel:
    """Makes channels; they get no digest before somebody subscribes."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    async def made(self, platform: str, place: Place, *, by: str) -> Channel:
        """The channel of a place, stored; the one that is there where somebody was faster."""
        known = await self._store.channel(place.key)
        if known is not None:
            return known
        settings = self._settings
        revised = (AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS) if settings.revisions else ()
        channel = Channel(
            key=place.key,
            platform=platform,
            title=place.title,
            private=place.private,
            created_by=by,
            timezone=self._timezone(place),
            digest_at=settings.digest_at,
            days=parse_days(settings.digest_days),
            categories=settings.categories,
            types=(AnnounceType.NEW, AnnounceType.CROSS, *revised),
            language=self._language(place),
            cap=settings.digest_cap,
        )
        channel = replace(channel, next_run_at=upcoming(channel, self._clock()))
        await self._store.save_channel(channel)
        return channel

    def _timezone(self, place: Place) -> str:
        """TIMEZONE if it is set, else the person's own as the platform tells it."""
        if "timezone" not in self._settings.model_fields_set and place.timezone:
            try:
                return stored_timezone(parse_timezone(place.timezone))
            except InvalidSetting:
                pass
        return stored_timezone(self._settings.timezone)

    def _language(self, place: Place) -> str:
        if "language" not in self._settings.model_fields_set and place.language:
            try:
                language = parse_language(place.language)
            except InvalidSetting:
                return self._settings.language
            return language if language in ("en", "zh-CN") else self._settings.language
        return self._settings.language
