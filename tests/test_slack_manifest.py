"""The Slack app's manifest holds every command, and deploy/ holds the manifest."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.manifest import manifest as command
from bot.commands import VERBS
from bot.platforms.slack.commands import TAKEN
from bot.platforms.slack.manifest import manifest, to_yaml

DEPLOY = Path(__file__).parents[1] / "deploy" / "slack-manifest.yaml"


def names(**options: str) -> list[str]:
    return [each["command"] for each in manifest(**options)["features"]["slash_commands"]]


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command, ["slack", *arguments], catch_exceptions=False)
    return done.output


def test_every_verb_that_people_see_is_a_command_unless_slack_has_one_of_that_name() -> None:
    shown = {f"/{verb.name}" for verb in VERBS if not verb.hidden}

    assert names()[0] == "/arxiv"
    assert set(names()[1:]) == shown - {f"/{name}" for name in TAKEN}
    assert "/status" not in names()
    assert "/pb-status" in names(prefix="pb-")


def test_commands_are_within_slacks_limits() -> None:
    for each in manifest(prefix="paperboybot-")["features"]["slash_commands"]:
        assert len(each["command"]) <= 32
        assert 0 < len(each["description"]) <= 2_000
        assert each["should_escape"] is False
    assert len(names()) <= 50


def test_events_have_the_scopes_they_need() -> None:
    made = manifest()
    scopes = set(made["oauth_config"]["scopes"]["bot"])
    for event in made["settings"]["event_subscriptions"]["bot_events"]:
        kind = {"message.channels": "channels:history", "message.groups": "groups:history"}
        kind |= {"message.im": "im:history", "app_mention": "app_mentions:read"}
        kind |= {"reaction_added": "reactions:read", "member_joined_channel": "channels:read"}
        read = {"channel": "channels:read", "group": "groups:read"}.get(event.partition("_")[0], "chat:write")
        assert kind.get(event, read) in scopes


@pytest.mark.parametrize("path", ["", "/", "/slack/events", "/slack/events/"])
def test_http_gives_every_part_its_address_and_turns_socket_mode_off(path: str) -> None:
    made = manifest(http=f"https://paperboy.example.org{path}")
    url = "https://paperboy.example.org/slack/events"

    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["interactivity"]["request_url"] == url
    assert made["settings"]["event_subscriptions"]["request_url"] == url
    assert {each["url"] for each in made["features"]["slash_commands"]} == {url}
    assert manifest()["settings"]["socket_mode_enabled"] is True


def test_the_deployed_manifest_is_the_one_the_command_prints() -> None:
    assert DEPLOY.read_text(encoding="utf-8") == run(), (
        "run: paperboy manifest slack > deploy/slack-manifest.yaml"
    )


def test_yaml_and_json_say_the_same() -> None:
    assert _read(run("--prefix", "pb-")) == json.loads(run("--prefix", "pb-", "--json"))
    assert _read(to_yaml({"a": ["yes", "1", "x: y", "#c", "", "-", "é"]})) == {
        "a": ["yes", "1", "x: y", "#c", "", "-", "é"]
    }


@pytest.mark.parametrize("arguments", [("--http", "http://paperboy.example.org"), ("--prefix", "Nö!")])
def test_what_cannot_be_is_refused_with_an_example(arguments: tuple[str, ...]) -> None:
    from digest.errors import InvalidSetting

    with pytest.raises(InvalidSetting, match="try"):
        run(*arguments)


def _read(text: str) -> object:
    """Just as much of YAML as the manifest is written in."""
    lines = [(len(line) - len(line.lstrip()), line.strip()) for line in text.splitlines()]
    value, rest = _block(lines)
    assert rest == []
    return value


def _block(lines: list[tuple[int, str]]) -> tuple[object, list[tuple[int, str]]]:
    indent = lines[0][0]
    is_list = lines[0][1].startswith("- ")
    found: list[object] = []
    pairs: dict[str, object] = {}
    while lines and lines[0][0] == indent and lines[0][1].startswith("- ") == is_list:
        _, line = lines[0]
        if is_list and re.match(r"- [\w_]+: ", line):
            inner, lines = _block([(indent + 2, line[2:]), *lines[1:]])
            found.append(inner)
        elif is_list:
            found.append(_scalar(line[2:]))
            lines = lines[1:]
        elif line.endswith(":"):
            pairs[line[:-1]], lines = _block(lines[1:])
        else:
            name, _, scalar = line.partition(": ")
            pairs[name] = _scalar(scalar)
            lines = lines[1:]
    return (found if is_list else pairs), lines


def _scalar(text: str) -> object:
    if text[0] == '"' or text in ("true", "false") or text.isdecimal():
        return json.loads(text)
    assert re.fullmatch(r"[A-Za-z/][\w/.-]*", text)
    assert text.lower() not in {"yes", "no", "on", "off", "null", "y", "n"}
    return text
