"""What a process imports before it needs it: nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("bot.app", ("openai", "pymupdf", "feedparser", "prompt_toolkit", "aiohttp", "pylatexenc")),
        ("digest.reading.child", ("bot", "storage", "httpx", "pydantic")),
        ("digest.daily", ("openai", "pymupdf", "feedparser", "httpx", "sqlite_utils")),
    ],
)
def test_importing_a_module_loads_nothing_heavy(module: str, absent: tuple[str, ...]) -> None:
    code = f"import {module}, sys; print([name for name in {absent} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
