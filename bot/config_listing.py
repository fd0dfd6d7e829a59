"""Every setting with its value, its default and what it does: for `paperboy config` and `.env.example`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.config import Settings, fields
from bot.setting_words import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLine:
    """One setting as `paperboy config` shows it. Secrets are never shown."""

    name: str
    value: str
    default: str
    description: str


def describe(settings: Settings) -> Iterator[SettingLine]:
    """Every setting with its value and its default."""
    for name, field in fields().items():
        yield SettingLine(
            name=name.upper(),
            value=shown(getattr(settings, name)),
            default=shown(field.default),
            description=field.description or "",
        )


def env_example() -> str:
    """The text of `.env.example`: every setting, commented out, at its default."""
    head = (
        "# Settings of Paperboy. Copy to .env and change what you need; every line here is the default.\n"
        "# What you change later is applied at the next start; subscriptions are only ever added.\n"
    )
    lines = [
        f"\n# {line.description}\n# {line.name}={line.default}\n"
        for line in describe(Settings.model_construct())
    ]
    tail = "\n# Any setting can also be read from a file: CONTACT_FILE=/run/secrets/contact\n"
    return head + "".join(lines) + tail
