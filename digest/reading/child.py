"""The reading worker: a process of its own that alone holds the PDF library.

It reads frames (8 bytes of length, then a PDF) from standard input, confirms each with `RECEIVED` and answers
with a frame of JSON: `{"text": ..., "last": bool}` or `{"error": sentence, "last": bool}`. After a `last`
answer it ends; it also ends when its parent does.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import resource
import struct
import sys
import time
from pathlib import Path
from typing import Any

from digest.errors import FullTextError
from digest.reading.confinement import without_files, without_network
from digest.reading.jsonform import to_cache
from digest.reading.limits import RECEIVED, Limits
from digest.reading.pdf import read_pdf

_LENGTH = struct.Struct(">Q")
_REQUESTS = 0
_ROOT = Path(__file__).resolve().parents[2]


def main(settings: str) -> None:
    """Serve until the parent closes the pipe. `settings` is a JSON object of `Limits`."""
    limits = Limits(**json.loads(settings))
    # Answers get a private descriptor: whatever a C library prints goes to nowhere.
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    _restrain(limits)
    _confine()
    served = 0
    while (pdf := _next_request()) is not None:
        served += 1
        os.write(answers, RECEIVED)
        _allow_time(limits.seconds)
        _end_with_parent(True)
        answer = _answer(pdf, limits)
        answer["last"] = answer.get("last", False) or served >= limits.pdfs or _resident() > limits.rss
        body = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
        _end_with_parent(False)
        _send(answers, body)
        if answer["last"]:
            return


def _answer(pdf: bytes, limits: Limits) -> dict[str, Any]:
    try:
        return {"text": to_cache(read_pdf(pdf, limits))}
    except FullTextError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": f"Reading the PDF needs more than {limits.memory >> 20} MB of memory.", "last": True}
    except Exception as error:  # noqa: BLE001 - the process boundary: whatever a hostile PDF provokes ends here
        kind = type(error).__name__
        return {"error": f"The PDF is damaged and could not be read ({kind}).", "last": True}


def _restrain(limits: Limits) -> None:
    for kind, limit in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (allowed, allowed))


def _confine() -> None:
    """Give up what no PDF needs, where the system knows how."""
    code = {Path(folder).resolve() for folder in sys.path}
    # Installed, we are among the libraries; in a clone, the root holds people's files too.
    if not _ROOT.name.endswith("-packages"):
        code = code - {_ROOT} | {_ROOT / "digest"}
    without_files([*code, "/usr/lib", "/lib", "/lib64", "/usr/share", "/proc/self"])
    without_network()


def _allow_time(seconds: float) -> None:
    """Let the kernel end this process when the next PDF takes too much CPU."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    until = math.ceil(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def _end_with_parent(end: bool) -> None:
    """Be killed by SIGIO when the parent's end of the pipe closes, even in the midst of C code.

    The parent sends nothing while it waits for an answer, so a signal means that it is gone.
    """
    fcntl.fcntl(_REQUESTS, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(_REQUESTS, fcntl.F_GETFL)
    fcntl.fcntl(_REQUESTS, fcntl.F_SETFL, flags | os.O_ASYNC if end else flags & ~os.O_ASYNC)


def _next_request() -> bytes | None:
    head = _receive(_LENGTH.size)
    return None if head is None else _receive(_LENGTH.unpack(head)[0])


def _receive(count: int) -> bytes | None:
    data = bytearray(count)
    view, have = memoryview(data), 0
    while have < count:
        got = os.readv(_REQUESTS, [view[have:]])
        if not got:
            return None
        have += got
    return bytes(data)


def _send(descriptor: int, body: bytes) -> None:
    view = memoryview(_LENGTH.pack(len(body)) + body)
    while view:
        view = view[os.write(descriptor, view) :]


def _resident() -> int:
    """Resident memory in bytes; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


if __name__ == "__main__":
    main(sys.argv[1])
