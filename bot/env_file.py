"""The `.env` file as people write it: what it sets, and which names in it mean nothing to Paperboy."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

from digest.errors import InvalidSetting

# Names that stand in many a `.env` or environment and belong to others.
_FOREIGN = re.compile(
    r"(?:COMPOSE|DOCKER|LC|OPENAI|POSTGRES|PYTHON|SLACK|SSL_CERT|TELEGRAM|XDG)_?\w*"
    r"|(?:HTTP|HTTPS|ALL|NO)_PROXY|NO_COLOR|TZ|LANG|PATH|HOME|USER|P?[UG]ID|UMASK|TERM|DEBUG",
    re.IGNORECASE,
)
_NEAR = 0.75  # of difflib's ratio: DIGEST_TIME is near DIGEST_AT
_VERY_NEAR = 0.9  # for names that others may have set: CATEGORIE is very near CATEGORIES
_SHORTEST = 7  # letters; a shorter name of somebody else's is too easily near one of ours


def read_env_file(path: Path) -> Mapping[str, str]:
    """What the file sets, by names in capitals; nothing if there is none.

    Raises `InvalidSetting` if it cannot be read, or names the first line that is not NAME=value.
    """
    try:
        if path.is_dir():
            raise InvalidSetting(f"{path} is a folder; settings are read from a file of that name.")
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    except UnicodeDecodeError as error:
        raise InvalidSetting(
            f"{path} is not UTF-8 text; save it as UTF-8, for example from .env.example."
        ) from error
    except OSError as error:
        raise InvalidSetting(f"{path} cannot be read: {error.strerror or error}.") from error
    return dict(_settings(text, path))


def _settings(text: str, path: Path) -> Iterator[tuple[str, str]]:
    for binding in parse_stream(StringIO(text)):
        if binding.error or (binding.key is not None and binding.value is None):
            skipped = binding.original.string
            line = binding.original.line + skipped[: len(skipped) - len(skipped.lstrip())].count("\n")
            raise InvalidSetting(f"Line {line} of {path} is not NAME=value, such as DIGEST_AT=09:00.")
        if binding.key is not None:
            yield binding.key.upper(), binding.value or ""


def unknown_names(
    known: Collection[str], *, in_file: Iterable[str], in_environment: Iterable[str], path: Path
) -> Iterator[str]:
    """A sentence for each name that is likely meant for Paperboy and means nothing to it.

    `known` are the settings' names in capitals; each may also end in `_FILE`.
    """
    for name in in_file:
        near = _nearest(name, known, _NEAR)
        if _is_known(name, known) or (near is None and _is_foreign(name)):
            continue
        hint = f"did you mean {near}?" if near else "paperboy config lists those there are."
        yield f"unknown setting {name} in {path}; {hint}"
    for name in in_environment:
        if _is_known(name, known) or _is_foreign(name) or len(name) < _SHORTEST:
            continue
        near = _nearest(name, known, _VERY_NEAR)
        if near is not None:
            yield f"unknown setting {name} in the environment; did you mean {near}?"


def _is_known(name: str, known: Collection[str]) -> bool:
    return name.upper().removesuffix("_FILE") in known


def _is_foreign(name: str) -> bool:
    return _FOREIGN.fullmatch(name) is not None


def _nearest(name: str, known: Collection[str], cutoff: float) -> str | None:
    near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=cutoff)
    return near[0] if near else None
