"""What must be right before Slack can be used: the tokens and what they may do."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

import structlog

from bot.config import Settings
from bot.platforms.slack.calls import Calls, Refused, Token
from bot.platforms.slack.scopes import NEEDED, WANTED
from digest.errors import InvalidSetting, PaperboyError, RefusedSetting

_PAGE = "https://api.slack.com/apps"
_BOT_TOKEN = f"the Bot User OAuth Token (xoxb-…) on the app's page OAuth & Permissions, {_PAGE}"
_APP_TOKEN = f"an App-Level Token (xapp-…) with connections:write, Basic Information at {_PAGE}"
_HOUR = 60  # minutes
_QUOTES = tuple("\"'“”‘’")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the bot is in its workspace."""

    team: str
    user: str
    bot: str
    name: str  # as in /invite @paperboy


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    bot: str
    app: str
    signing_secret: str


def tokens(settings: Settings) -> Tokens:
    """The tokens of the settings. Raises `InvalidSetting` for what lacks or stands in another's place."""
    bot = settings.slack_bot_token.get_secret_value().strip()
    app = settings.slack_app_token.get_secret_value().strip()
    secret = settings.slack_signing_secret.get_secret_value().strip()
    for name, value in (
        ("SLACK_BOT_TOKEN", bot),
        ("SLACK_APP_TOKEN", app),
        ("SLACK_SIGNING_SECRET", secret),
    ):
        if value[:1] in _QUOTES or value[-1:] in _QUOTES:
            raise InvalidSetting(
                f"{name} holds quotation marks, which are no part of it: write {name}=… without."
            )
        if len(value.split()) > 1:
            raise InvalidSetting(f"{name} holds a space or a line break; it is one word: write {name}=…")
    if bot.startswith("xapp-") and app.startswith("xoxb-"):
        raise InvalidSetting(
            "SLACK_BOT_TOKEN and SLACK_APP_TOKEN hold each other's token: exchange them, so that "
            "SLACK_BOT_TOKEN=xoxb-… and SLACK_APP_TOKEN=xapp-…"
        )
    if not bot or bot.startswith(("xapp-", "xoxp-")):
        wrong = "is not set" if not bot else f"holds a token that begins with {bot[:5]}"
        raise InvalidSetting(
            f"SLACK_BOT_TOKEN {wrong}; it takes {_BOT_TOKEN}. Example: SLACK_BOT_TOKEN=xoxb-…"
        )
    if settings.slack_mode == "http":
        if not secret:
            raise InvalidSetting(
                "SLACK_SIGNING_SECRET is not set, and SLACK_MODE=http needs it; it stands under Basic "
                f"Information, App Credentials, at {_PAGE}. Example: SLACK_SIGNING_SECRET=8f742231b10e…"
            )
    elif not app or app.startswith("xox"):
        wrong = "is not set" if not app else f"holds a token that begins with {app[:5]}"
        raise InvalidSetting(
            f"SLACK_APP_TOKEN {wrong}; it takes {_APP_TOKEN}. Example: SLACK_APP_TOKEN=xapp-…"
        )
    return Tokens(bot=bot, app=app, signing_secret=secret)


async def introduced(calls: Calls) -> Identity:
    """Who we are. Raises `RefusedSetting` in a sentence for a token that will never do, and as calls do."""
    try:
        said = await calls.introduce()
    except Refused as refused:
        raise token_error(refused, "SLACK_BOT_TOKEN") from refused
    _check_scopes(calls.scopes)
    return Identity(
        team=str(said.get("team_id") or ""),
        user=str(said.get("user_id") or ""),
        bot=str(said.get("bot_id") or ""),
        name=str(said.get("user") or "paperboy"),
    )


def _check_scopes(granted: frozenset[str] | None) -> None:
    """Raise `RefusedSetting` for a scope that nothing works without; warn of others."""
    if granted is None:
        return
    for scope, what in NEEDED.items():
        if scope not in granted:
            raise RefusedSetting(
                f"The Slack app lacks the scope {scope}, which {what} needs: add it to the bot's scopes on "
                f"the app's page OAuth & Permissions ({_PAGE}), and install the app again."
            )
    lost = {scope: what for scope, what in WANTED.items() if scope not in granted}
    if lost:
        log.warning(
            "slack scopes missing", **{scope: f"without it: no {what}" for scope, what in lost.items()}
        )


async def keep_asking(calls: Calls, *, minute: float) -> None:
    """Ask once an hour whether Slack takes our token, each minute while it does not; until cancelled."""
    for passed in count(1):
        await asyncio.sleep(minute)
        if calls.void or passed % _HOUR == 0:
            with suppress(PaperboyError):
                await calls.introduce()


def refusal_of(calls: Calls) -> str:
    """Why Slack takes nothing from us, with what to do; empty where it does."""
    named: tuple[Token, ...] = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")
    return next((str(token_error(calls.void[each], each)) for each in named if each in calls.void), "")


def token_error(refused: Refused, setting: Token) -> RefusedSetting:
    """A refusal of a token, as a sentence with what to do."""
    right = _BOT_TOKEN if setting == "SLACK_BOT_TOKEN" else _APP_TOKEN
    match refused.error:
        case "invalid_auth" | "not_authed":
            return RefusedSetting(f"Slack does not know the token in {setting}: copy it again, {right}.")
        case "token_revoked" | "token_expired":
            return RefusedSetting(f"The token in {setting} is revoked or expired: make a new one, {right}.")
        case "account_inactive":
            return RefusedSetting(
                f"The Slack app of {setting} is uninstalled, or its workspace is gone: install it again and "
                f"copy the new token, {right}."
            )
        case "not_allowed_token_type":
            return RefusedSetting(f"{setting} holds a token of another kind: it takes {right}.")
        case "missing_scope":
            scope = refused.needed or "connections:write"
            return RefusedSetting(f"The token in {setting} lacks the scope {scope}: it takes {right}.")
        case "link_disabled" | "socket_mode_disabled" | "forbidden_team":
            return RefusedSetting(f"Socket Mode is off for the app: turn it on at {_PAGE}, Socket Mode.")
    return RefusedSetting(f"Slack refused the token in {setting} ({refused.error}); it takes {right}.")
