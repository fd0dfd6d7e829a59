"""The commands that Telegram offers while people type, by scope and language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b

import structlog
from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeDefault,
)

from bot.commands import VERBS, Verb
from bot.locale import in_language
from bot.platforms.telegram.calls import FAILURES, Api, reason
from bot.platforms.telegram.places import Me
from digest.ports import Store

# https://core.telegram.org/bots/api#botcommand and #setmycommands.
MOST = 100
_NAME = re.compile(r"[a-z0-9_]{1,32}")
_LONGEST = 256
# Languages as Telegram names them, with "" for all others, and as the interface does.
LANGUAGES = {"": "en", "zh": "zh-CN"}

Menu = tuple[tuple[str, str], ...]

log = structlog.get_logger(__name__)


def menu(verbs: Iterable[Verb], language: str) -> Menu:
    """Names and descriptions of what people can say, in the interface's language."""
    say = in_language(language)
    shown = [each for each in verbs if not each.hidden and _NAME.fullmatch(each.name)]
    return tuple((each.name, say.translated(each.summary)[:_LONGEST]) for each in shown[:MOST])


def menus() -> tuple[tuple[BotCommandScope, str, Menu], ...]:
    """Every menu with its scope and language; a group's members are not offered what is not theirs."""
    everybody = tuple(each for each in VERBS if not each.changes("words"))
    scopes = (
        (BotCommandScopeDefault(), VERBS),
        (BotCommandScopeAllGroupChats(), everybody),
        (BotCommandScopeAllChatAdministrators(), VERBS),
    )
    return tuple(
        (scope, code, menu(verbs, language))
        for scope, verbs in scopes
        for code, language in LANGUAGES.items()
    )


async def set_menus(api: Api, store: Store, me: Me) -> None:
    """Have Telegram show the menus, unless it does. What fails is logged, and tried at the next start."""
    wanted = menus()
    told = repr([(scope.type, code, shown) for scope, code, shown in wanted])
    digest = blake2b(told.encode(), digest_size=16).hexdigest()
    name = f"telegram/menus/{me.id}"
    if await store.meta(name) == digest:
        return
    try:
        for scope, code, shown in wanted:
            commands = [BotCommand(*each) for each in shown]
            await api.set_my_commands(commands, scope=scope, language_code=code or None)
    except FAILURES as error:
        log.warning("menus not set", error=reason(error))
        return
    await store.set_meta(name, digest)
