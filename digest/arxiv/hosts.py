"""Which addresses may be asked: those under the configured bases, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from digest.errors import InvalidSetting, SourceUnavailable

_PORTS = {"http": 80, "https": 443}


class Hosts:
    """The allow-list. A private address is asked only if it is itself a base; names are never guessed."""

    def __init__(self, bases: Iterable[str]) -> None:
        """Raises `InvalidSetting` for a base that is no http(s) address."""
        self._allowed: set[tuple[str, str, int]] = set()
        for base in bases:
            origin = _origin(base)
            if origin is None:
                raise InvalidSetting(
                    f"“{base}” is not a web address of arXiv or a mirror; try https://arxiv.org."
                )
            self._allowed.add(origin)
            if origin == ("http", origin[1], 80):
                self._allowed.add(("https", origin[1], 443))

    def check(self, url: str) -> None:
        """Raise `SourceUnavailable` if the address is not under a base: also called for every redirect."""
        origin = _origin(url)
        if origin in self._allowed:
            return
        shown = "".join(c if c.isprintable() else "?" for c in url)[:120]
        if origin is None:
            raise SourceUnavailable(
                f"Refused to follow arXiv to “{shown}”: that is no http or https address."
            )
        allowed = ", ".join(sorted({f"{host}:{port}" for _, host, port in self._allowed}))
        raise SourceUnavailable(
            f"Refused to follow arXiv to “{shown}”: only {allowed} may be asked (see ARXIV_URL and its kin)."
        )


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an http(s) address without user name; None for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or "\\" in url:
        return None
    return parts.scheme, parts.hostname.rstrip("."), port
