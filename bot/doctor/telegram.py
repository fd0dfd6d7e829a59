"""Telegram, looked at without posting anything: the token, privacy, a webhook left over, the chats."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from telegram import User
from telegram.error import InvalidToken

from bot.config import Settings
from bot.doctor.clock import clock_finding
from bot.doctor.delivery import delivery_finding
from bot.doctor.finding import Finding
from bot.platforms.telegram.calls import FAILURES, Api, meaning, quiet_logs, reason
from bot.platforms.telegram.connection import NOT_ACCEPTED
from bot.platforms.telegram.places import PLATFORM, Spot
from bot.platforms.telegram.platform import check
from digest.errors import InvalidSetting

_AGAIN = "Then run paperboy doctor again."
_NETWORK = "Check the network and TELEGRAM_API_URL; Paperboy goes on trying."
_PATIENCE = 10.0  # seconds


async def examine_telegram(settings: Settings) -> AsyncIterator[Finding]:
    """Check the token, and with it all that Telegram tells."""
    try:
        check(settings)
    except InvalidSetting as error:
        yield Finding(name="telegram", well=False, says=str(error), advice=_AGAIN)
        return
    quiet_logs()
    api = Api(settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url)
    try:
        async for finding in _examined(settings, api):
            yield finding
    finally:
        await api.close_requests()


async def _examined(settings: Settings, api: Api) -> AsyncIterator[Finding]:
    try:
        me = await api.get_me()
    except InvalidToken:
        yield Finding(name="telegram", well=False, says=NOT_ACCEPTED, advice=_AGAIN)
        return
    except FAILURES as error:
        says = f"Telegram cannot be reached: {reason(error)}"
        yield Finding(name="telegram", well=False, says=says, advice=_NETWORK)
        return
    yield Finding(name="telegram", well=True, says=f"I am @{me.username}.")
    yield _groups(me)
    yield await _webhook(settings, api)
    for name in ("TELEGRAM_CHAT", "ADMIN_CHANNEL"):
        spot = _spot(settings, name)
        if spot is not None:
            yield await _member(api, me, name, spot)
    clock = await _clock(settings.telegram_api_url)
    if clock is not None:
        yield clock
    yield await delivery_finding(settings, PLATFORM)


def _groups(me: User) -> Finding:
    name = "telegram groups"
    if me.can_join_groups is False:
        return Finding(
            name=name,
            well=False,
            says="this bot cannot be added to groups.",
            advice="Write /setjoingroups to @BotFather, choose the bot, then Enable.",
        )
    if me.can_read_all_group_messages:
        says = "privacy mode is off: Paperboy is sent all that is said in its groups, and needs little of it."
        advice = "Write /setprivacy to @BotFather, choose the bot, then Enable."
        return Finding(name=name, well=True, says=says, advice=advice)
    says = (
        "privacy mode is on: in groups Paperboy hears commands, mentions and replies to it, which is enough."
    )
    return Finding(name=name, well=True, says=says)


async def _webhook(settings: Settings, api: Api) -> Finding:
    name = "telegram updates"
    try:
        told = await api.get_webhook_info()
    except FAILURES as error:
        return Finding(name=name, well=False, says=reason(error), advice=_NETWORK)
    if settings.telegram_mode == "polling":
        if told.url:
            host = urlsplit(told.url).hostname
            says = f"a webhook is left over, to {host}; while it is set, nothing comes by polling."
            advice = (
                "Paperboy deletes it when it starts with TELEGRAM_MODE=polling. Does another program use it?"
            )
            return Finding(name=name, well=False, says=says, advice=advice)
        says = f"they are asked for; {told.pending_update_count} are waiting."
        return Finding(name=name, well=True, says=says)
    if told.url and told.url != settings.telegram_webhook_url:
        says = f"they are sent to {urlsplit(told.url).hostname}, which TELEGRAM_WEBHOOK_URL is not."
        return Finding(name=name, well=False, says=says, advice="Paperboy sets its own when it starts.")
    if told.last_error_message:
        says = f"Telegram could not bring the last one: {told.last_error_message}."
        advice = "Check that TELEGRAM_WEBHOOK_URL leads to HTTP_LISTEN, by https with a valid certificate."
        return Finding(name=name, well=False, says=says, advice=advice)
    says = f"they are brought to {settings.telegram_webhook_url}; {told.pending_update_count} are waiting."
    return Finding(name=name, well=True, says=says)


def _spot(settings: Settings, name: str) -> Spot | None:
    if name == "TELEGRAM_CHAT":
        return Spot.of(f"{PLATFORM}:{settings.telegram_chat}") if settings.telegram_chat else None
    return Spot.of(settings.admin_channel) if settings.admin_channel.startswith(f"{PLATFORM}:") else None


async def _member(api: Api, me: User, name: str, spot: Spot) -> Finding:
    """Whether we are in a chat, and may write there as far as Telegram tells."""
    advice = (
        f"Add @{me.username} to the chat (in a channel as an administrator who may post), or change {name}."
    )
    try:
        chat = await api.get_chat(spot.chat)
        member = None if spot.private else await api.get_chat_member(spot.chat, me.id)
    except FAILURES as error:
        return Finding(name=name, well=False, says=str(meaning(error, spot)), advice=advice)
    title = chat.title or chat.full_name or str(spot.chat)
    if member is not None and (
        member.status in (member.LEFT, member.BANNED) or getattr(member, "can_post_messages", True) is False
    ):
        return Finding(name=name, well=False, says=f"I cannot write in {title}.", advice=advice)
    return Finding(name=name, well=True, says=f"I am in {title}.")


async def _clock(url: str) -> Finding | None:
    """By whatever Telegram answers without a token."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE) as client:
            answer = await client.head(url)
    except httpx.HTTPError:
        return None  # it was reached a moment ago; that it is there was told
    return clock_finding(answer.headers.get("Date", ""), datetime.now(UTC), of="Telegram")
