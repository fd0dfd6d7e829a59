"""What is left out at a start, and that all else is there."""

from __future__ import annotations

import subprocess
import sys

_START = """
import sys
from bot.lean import import_lean

import_lean()
import httpx
import structlog

assert not {"pygments", "rich.console", "rich"} & {name for name, module in sys.modules.items() if module}
httpx.Client().close()
structlog.dev.ConsoleRenderer()(None, "info", {"event": "told"})

from rich.console import Console

Console().print("[b]rich[/b] is there", end="")
"""


def test_a_start_leaves_out_rich_which_is_there_when_it_is_wanted() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _START], capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "rich is there", "")


def test_where_all_is_loaded_nothing_changes() -> None:
    code = (
        "import rich, httpx, structlog\nfrom bot.lean import import_lean\n"
        "import_lean()\nassert structlog.dev.rich is rich"
    )

    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
