"""How every command begins: its settings, and its logs on stderr."""

from __future__ import annotations

from typing import Any

import click

from bot.config import Settings, load, unknown_settings
from bot.logs import configure
from bot.redaction import secrets_of


def start(**overrides: Any) -> Settings:
    """The settings, with logging set up by them; tells names that are none. Raises `InvalidSetting`."""
    settings = load(**overrides)
    for sentence in unknown_settings():
        warn(sentence)
    configure(settings.log_level, settings.log_format, secrets_of(settings))
    return settings


def warn(sentence: str) -> None:
    """Tell a person something beside the command's own output, on stderr."""
    click.echo(f"paperboy: {sentence}", err=True)
