"""Settings that only make sense together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.errors import InvalidSetting

if TYPE_CHECKING:
    from bot.config import Settings


def agreeing(settings: Settings) -> Settings:
    """The settings, unless one needs what another does not give. Raises `InvalidSetting` in a sentence."""
    _check_budgets(settings)
    _check_listening(settings)
    _check_admin(settings)
    return settings


def _check_budgets(settings: Settings) -> None:
    """Raise `InvalidSetting` for a budget in dollars without prices to count with."""
    budgets = {name: getattr(settings, name) for name in ("budget_day", "budget_channel", "budget_person")}
    for name, value in budgets.items():
        if value.startswith("$") and not settings.price_in and not settings.price_out:
            raise InvalidSetting(
                f"{name.upper()}={value} counts dollars, but PRICE_IN and PRICE_OUT are not set; set them, "
                f"or count tokens, for example {name.upper()}=2000000."
            )


def _check_listening(settings: Settings) -> None:
    if settings.takes_requests and not settings.http_listen:
        raise InvalidSetting(
            "HTTP_LISTEN is empty, and requests of Slack or Telegram come there: set it, for example "
            "HTTP_LISTEN=127.0.0.1:8080."
        )


def _check_admin(settings: Settings) -> None:
    platform = settings.admin_channel.partition(":")[0]
    if platform and platform not in settings.platforms:
        raise InvalidSetting(
            f"ADMIN_CHANNEL={settings.admin_channel} is on {platform.title()}, and PLATFORM is "
            f"{settings.platform}: name a channel there, or add {platform} to PLATFORM."
        )
