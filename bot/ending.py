"""How the process ends: soon, though a thread may still compute what nobody waits for any more."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

LINGER = 1.0  # seconds
LONGEST = 15.0  # seconds from being told to end; service managers kill after 20
_NAME = "paperboy-work"


def run_to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Run the work as `asyncio.run` does, but leave its threads alone when it has ended well.

    Python would wait for the analysis of a long paper that was cancelled, longer than a service manager does.
    """
    with asyncio.Runner() as runner:
        threads = ThreadPoolExecutor(thread_name_prefix=_NAME)
        runner.get_loop().set_default_executor(threads)
        runner.run(work)
        threads.shutdown(wait=False, cancel_futures=True)
        until = time.monotonic() + LINGER
        while any(thread.name.startswith(_NAME) for thread in threading.enumerate()):
            if time.monotonic() > until:
                _leave()
            time.sleep(0.01)


def end_within(seconds: float) -> None:
    """Leave after so long, whatever still holds the process: a connection that will not close, say.

    For a process that was told to end; what is stored is safe, and what is in hand is taken up at the next
    start.
    """
    timer = threading.Timer(seconds, _give_up, [seconds])
    timer.daemon = True
    timer.start()


def _give_up(seconds: float) -> None:
    print(f"paperboy: not ended {seconds:g} s after it was told to; leaving.", file=sys.stderr)  # noqa: T201
    sys.stderr.flush()
    os._exit(1)


def _leave() -> None:
    """End without a look back: everything is stored and closed."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
