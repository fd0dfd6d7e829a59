"""Settings in words: their values, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from bot.redaction import redacted

# What is wrong with a value, by pydantic's name for it (https://docs.pydantic.dev/latest/errors/validation_errors/).
_WRONG = {
    "int_parsing": "is not a whole number",
    "int_parsing_size": "is not a whole number of a usual size",
    "int_from_float": "is not a whole number",
    "float_parsing": "is not a number",
    "finite_number": "is no finite number",
    "bool_parsing": "is neither on nor off",
    "greater_than": "is not more than {gt:g}",
    "greater_than_equal": "is less than {ge:g}",
    "less_than_equal": "is more than {le:g}",
    "literal_error": "is none of {expected}",
}


def sentence(name: str, error: Mapping[str, Any], *, default: object) -> str:
    """What is wrong with the value of a setting, in a sentence with an example that works."""
    is_number = str(error["type"]).startswith(("float", "finite", "int"))
    example = shown(default) or ("0.05" if is_number else "https://arxiv.org")
    wrong = _WRONG.get(str(error["type"]))
    if wrong is not None:
        message = f"“{str(error['input'])[:60]}” {wrong.format(**error.get('ctx', {}))}"
    else:
        message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    if "; try" in message or message.endswith("?"):
        return f"{name}: {message}" + ("" if message.endswith("?") else ".")
    return f"{name}: {message}; for example {name}={example}."


def shown(value: object) -> str:
    """A value as a person reads it; a secret only as set or not."""
    if isinstance(value, SecretStr):
        return "(set)" if value.get_secret_value() else ""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    if isinstance(value, bool):
        return "on" if value else "off"
    # An address may hold a password.
    return f"{value:g}" if isinstance(value, float) else redacted(str(value))
