"""The end of the process, where a thread goes on and on."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from bot.ending import LINGER

_WORK = """
import asyncio, time
from bot.ending import run_to_the_end

async def work():
    asyncio.get_running_loop().run_in_executor(None, time.sleep, {seconds})
    await asyncio.sleep({then})
    print("stored", end="")

run_to_the_end(work())
print(" and more", end="")
"""


def _run(*, seconds: float, then: float) -> tuple[subprocess.CompletedProcess[str], float]:
    began = time.monotonic()
    code = _WORK.format(seconds=seconds, then=then)
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    return ended, time.monotonic() - began


def test_a_thread_that_computes_for_long_does_not_hold_up_the_end() -> None:
    ended, seconds = _run(seconds=30, then=0.05)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "stored", "")
    assert LINGER < seconds < 10


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_without_such_a_thread_the_process_goes_on_as_usual(seconds: float) -> None:
    ended, _ = _run(seconds=seconds, then=0.05)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "stored and more", "")


def test_what_never_ends_is_left_after_a_while_with_a_word() -> None:
    code = "import time; from bot.ending import end_within; end_within(0.2); time.sleep(30)"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=False
    )

    assert (ended.returncode, ended.stderr.strip()) == (
        1,
        "paperboy: not ended 0.2 s after it was told to; leaving.",
    )
