"""Slack, looked at without posting anything: tokens, scopes, the socket, the channels of the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from bot.config import Settings
from bot.doctor.clock import clock_finding
from bot.doctor.delivery import delivery_finding
from bot.doctor.finding import Finding
from bot.platforms.slack.calls import Calls, Refused
from bot.platforms.slack.scopes import WANTED
from bot.platforms.slack.start import Identity, introduced, token_error, tokens
from digest.errors import DeliveryUnknown, InvalidSetting, PlatformError, PlatformUnavailable

_AGAIN = "Then run paperboy doctor again."
_NETWORK = "Check the network and SLACK_API_URL; Paperboy goes on trying."


async def examine_slack(settings: Settings) -> AsyncIterator[Finding]:
    """Check the tokens, and with them all that Slack tells."""
    try:
        given = tokens(settings)
    except InvalidSetting as error:
        yield Finding(name="slack", well=False, says=str(error), advice=_AGAIN)
        return
    async with Calls(settings.slack_api_url, bot_token=given.bot, app_token=given.app) as calls:
        try:
            me = await introduced(calls)
        except (PlatformUnavailable, DeliveryUnknown) as error:
            yield Finding(name="slack", well=False, says=str(error), advice=_NETWORK)
            return
        except PlatformError as error:
            yield Finding(name="slack", well=False, says=str(error), advice=_AGAIN)
            return
        yield Finding(name="slack", well=True, says=f"I am @{me.name} in the workspace {me.team}.")
        yield _scopes(calls.scopes)
        yield await _listening(settings, calls)
        for name in ("SLACK_CHANNEL", "ADMIN_CHANNEL"):
            channel = _channel(settings, name)
            if channel:
                yield await _member(calls, me, name, channel)
        clock = clock_finding(calls.date, datetime.now(UTC), of="Slack")
        if clock is not None:
            yield clock
    yield await delivery_finding(settings, "slack")


def _scopes(granted: frozenset[str] | None) -> Finding:
    if granted is None:
        return Finding(name="slack scopes", well=True, says="Slack does not tell them.")
    lost = [f"{scope} ({what})" for scope, what in WANTED.items() if scope not in granted]
    if not lost:
        return Finding(name="slack scopes", well=True, says="all that Paperboy asks for are granted.")
    return Finding(
        name="slack scopes",
        well=False,
        says=f"not granted, so these are lost: {'; '.join(lost)}.",
        advice="Add them on the app's page OAuth & Permissions, and install the app again; or make the app "
        "anew from paperboy manifest slack.",
    )


async def _listening(settings: Settings, calls: Calls) -> Finding:
    if settings.slack_mode == "http":
        return Finding(
            name="slack requests",
            well=True,
            says=f"they are taken at {settings.http_listen}/slack/events and must be signed.",
            advice="That Slack reaches this address, it tells on the app's page Event Subscriptions.",
        )
    try:
        await calls.socket_url()
    except Refused as refused:
        says = str(token_error(refused, "SLACK_APP_TOKEN"))
        return Finding(name="slack socket", well=False, says=says, advice=_AGAIN)
    except (PlatformUnavailable, DeliveryUnknown) as error:
        return Finding(name="slack socket", well=False, says=str(error), advice=_NETWORK)
    return Finding(name="slack socket", well=True, says="Slack gives an address for Socket Mode.")


def _channel(settings: Settings, name: str) -> str:
    """The id of the Slack channel that a setting names; empty where it names none."""
    named = settings.slack_channel if name == "SLACK_CHANNEL" else settings.admin_channel
    if name == "ADMIN_CHANNEL" and not named.startswith("slack:"):
        return ""
    return named.rpartition(":")[2].rpartition("/")[2]


async def _member(calls: Calls, me: Identity, name: str, channel: str) -> Finding:
    """Whether we are in a channel."""
    advice = f"Write /invite @{me.name} in the channel, or name another in {name}."
    try:
        told = (await calls.ask("conversations.info", channel=channel)).get("channel") or {}
    except Refused as refused:
        if refused.error == "missing_scope":
            says = f"{channel} cannot be looked at without the scope {refused.needed}."
            return Finding(name=name, well=True, says=says)
        return Finding(name=name, well=False, says=f"{channel}: {refused.error}.", advice=advice)
    except (PlatformUnavailable, DeliveryUnknown) as error:
        return Finding(name=name, well=False, says=str(error), advice=_NETWORK)
    title = f"#{told['name']}" if told.get("name") else channel
    if told.get("is_archived"):
        return Finding(name=name, well=False, says=f"{title} is archived.", advice=advice)
    if told.get("is_member") or told.get("is_im"):
        return Finding(name=name, well=True, says=f"I am in {title}.")
    return Finding(name=name, well=False, says=f"I am not in {title}.", advice=advice)
