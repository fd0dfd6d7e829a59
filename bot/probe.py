"""`python -m bot.probe`: asks the running Paperboy of this machine or container how it is; exit code 0 or 1.

For health checks. It imports little, because it is run every half minute for years.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

PATH = "/healthz"
_PATIENCE = 4.0  # seconds
_LARGEST = 64 * 1024  # bytes of a page
_DEFAULT = "127.0.0.1:8080"  # of HTTP_LISTEN, held by a test
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - listened at, asked on loopback


def main() -> int:
    """Print one line and give the exit code."""
    try:
        from bot.env_file import read_env_file

        named = {**read_env_file(Path(".env")), **os.environ}
        well, says = probe(named)
    except (ValueError, OSError) as error:  # a setting that means nothing
        well, says = False, str(error)
    print(says)  # noqa: T201 - what the health check's log shows
    return 0 if well else 1


def probe(settings: Mapping[str, str]) -> tuple[bool, str]:
    """Whether the health page at HTTP_LISTEN answers 200, and what was seen, in a line."""
    listen = settings.get("HTTP_LISTEN", _DEFAULT).strip()
    if not listen:
        return True, "HTTP_LISTEN is empty: there is no health page to ask"
    try:
        status, said = asked(listen, PATH)
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return False, f"{listen}{PATH} does not answer: {reason}"
    return status == 200, f"{status} {' '.join(said[:400].split())}".rstrip()


def asked(listen: str, path: str) -> tuple[int, str]:
    """The status and the text of a page at HTTP_LISTEN. Raises `OSError` or `HTTPException`."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    # http.client rather than urllib: a proxy in the environment must not be asked for this machine.
    connection = HTTPConnection(_ANY.get(host, host), int(port), timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(_LARGEST).decode("utf-8", "replace")
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
