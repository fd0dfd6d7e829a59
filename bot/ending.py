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


def _leave() -> None:
    """End without a look back: everything is stored and closed."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
