"""Takes secrets out of whatever is about to be written: logs, errors, answers of the doctor.

Two nets, since either alone has holes: the values of this process's own secrets in every spelling in which a
library may print them, and the forms that tokens and signed addresses have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from bot.config import Settings

MARK = "(secret)"
_LONG = 8  # characters from which a value is looked for inside of words too
_SHORT = 4  # below, it would be found everywhere

# Group `kept`, where there is one, is what may be read.
_FORMS = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[\w-]{6,}"  # https://docs.slack.dev/authentication/tokens
    r"|xapp-[\w-]{6,}"
    r"|(?<!\d)\d{5,}(?::|%3[aA])[\w-]{30,}"  # https://core.telegram.org/bots/api#authorizing-your-bot
    r"|(?P<kept>"
    r"\b[Aa]uthorization['\"]?\s*[:=,]\s*['\"]?(?:(?:Bearer|Basic|Token)\s+)?"
    r"|\b[Bb]earer\s+"
    r"|[?&](?:ticket|token|secret|signature|api[_-]?key|key)="
    r"|\bresponse_url['\"]?\s*[:=]\s*['\"]?"
    r"|\bhooks\.slack\.com/"
    r"|://[^/\s:@'\"]*:(?=[^/\s@'\"]+@)"  # a password in an address
    r")(?!\(secret\))[^\s'\"&@,;)}\]]+"
)


class Redactor:
    """Replaces secrets in a text by `MARK`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spelt = {spelling for secret in secrets for spelling in _spellings(secret.strip())}
        # The longest first, or a part of one would leave its rest.
        patterns = [_pattern(each) for each in sorted(spelt, key=len, reverse=True)]
        self._values = re.compile("|".join(patterns)) if patterns else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._values is not None:
            text = self._values.sub(MARK, text)
        return _FORMS.sub(_marked, text)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """The values of all secret settings that are set."""
    from pydantic import SecretStr

    values = (getattr(settings, name) for name in type(settings).model_fields)
    return tuple(
        each.get_secret_value() for each in values if isinstance(each, SecretStr) and each.get_secret_value()
    )


def know(secrets: Iterable[str]) -> None:
    """Take these values out of all that this process writes from now on."""
    global _redactor
    _redactor = Redactor(secrets)


def redacted(text: str) -> str:
    """The text without this process's secrets."""
    return _redactor(text)


_redactor = Redactor()


def _marked(found: re.Match[str]) -> str:
    return f"{found['kept'] or ''}{MARK}"


def _spellings(secret: str) -> set[str]:
    """A secret as it stands in addresses, in JSON and in what Python shows of a text."""
    if len(secret) < _SHORT:
        return set()
    lower = (
        {quote(secret, safe="").lower(), quote_plus(secret).lower()} if "%" in quote(secret, "") else set()
    )
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        *lower,
    }


def _pattern(spelling: str) -> str:
    escaped = re.escape(spelling)
    return escaped if len(spelling) >= _LONG else rf"(?<!\w){escaped}(?!\w)"
