"""How every command begins: its settings, and its logs on stderr."""

from __future__ import annotations

from typing import Any

from bot.config import Settings, load
from bot.logs import configure


def start(**overrides: Any) -> Settings:
    """The settings, with logging set up by them. Raises `InvalidSetting`."""
    settings = load(**overrides)
    configure(settings.log_level, settings.log_format)
    return settings
