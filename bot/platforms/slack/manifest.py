"""The Slack app's manifest: made from the table of commands, so that it never lacks one.

Its form is https://docs.slack.dev/reference/app-manifest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.commands import VERBS
from bot.platforms.slack.commands import UMBRELLA, is_bare
from bot.platforms.slack.limits import cut
from bot.platforms.slack.scopes import NEEDED, WANTED

PATH = "/slack/events"
_DESCRIPTION = 2_000
_HINT = 1_000
_COMMANDS = 50  # of one app

EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_id_changed",
    "channel_left",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "tokens_revoked",
)

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def manifest(*, prefix: str = "", http: str = "") -> Mapping[str, Any]:
    """The manifest for Socket Mode, or for HTTP requests to `http`, the public address of this Paperboy.

    That may be its base or the whole address of the requests.
    """
    url = f"{http.rstrip('/').removesuffix(PATH)}{PATH}" if http else ""
    at = {"request_url": url} if url else {}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Paperboy",
            "description": "Reads arXiv for a team: daily digests of whole papers, every claim anchored.",
            "background_color": "#8c1515",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Paperboy", "always_online": True},
            "slash_commands": [_command(url, *each) for each in _commands(prefix)],
        },
        "oauth_config": {"scopes": {"bot": sorted({**NEEDED, **WANTED})}},
        "settings": {
            "event_subscriptions": {**at, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **at},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def _commands(prefix: str) -> Iterator[tuple[str, str, str]]:
    """Name, description and hint of each slash command: the umbrella, then the bare verbs."""
    yield f"{prefix}{UMBRELLA}", f"Everything Paperboy does; /{prefix}{UMBRELLA} help tells what.", "help"
    bare = [verb for verb in VERBS if not verb.hidden and is_bare(verb.name, prefix)]
    for verb in bare[: _COMMANDS - 1]:
        yield f"{prefix}{verb.name}", verb.summary, verb.usage


def _command(url: str, name: str, description: str, hint: str) -> Mapping[str, Any]:
    command = {"command": f"/{name}", "description": cut(description, _DESCRIPTION), "should_escape": False}
    return command | ({"usage_hint": cut(hint, _HINT)} if hint else {}) | ({"url": url} if url else {})


def to_yaml(value: Mapping[str, Any]) -> str:
    """The manifest as YAML: mappings and lists in blocks, words that YAML would read otherwise in quotes."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: object, indent: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if isinstance(inner, Mapping | list):
                yield f"{indent}{name}:"
                yield from _lines(inner, f"{indent}  ")
            else:
                yield f"{indent}{name}: {_scalar(inner)}"
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, Mapping):
                first, *rest = _lines(inner, f"{indent}  ")
                yield f"{indent}- {first.lstrip()}"
                yield from rest
            else:
                yield f"{indent}- {_scalar(inner)}"


def _scalar(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)  # JSON's scalars are YAML's
