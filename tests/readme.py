"""Put what `paperboy demo` prints into the README: `python -m tests.readme`."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
_MARKED = re.compile(r"(?<=<!-- demo: begin -->\n).*?(?=<!-- demo: end -->)", re.DOTALL)


def transcript(printed: str) -> str:
    """The digest's first papers, then one thread without its middle."""
    lines = printed.splitlines()
    begin = _first(lines, r"arXiv digest")
    fifth = _first(lines, r" 5\. ")
    thread = _first(lines, r"│ 2\. S2ORC")
    end = _first(lines, r"│ 3\. ", after=thread) - 1
    cut = _first(lines, r"│   4\. Method", after=thread)
    shown = [*lines[begin:fifth], "[...]", "", *lines[thread:cut], "[...]", *lines[end - 5 : end]]
    return "\n".join(line.rstrip() for line in shown)


def _first(lines: list[str], pattern: str, *, after: int = 0) -> int:
    return next(n for n, line in enumerate(lines[after:], after) if re.match(pattern, line))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from bot.cli import main; main()", "demo", "--out", folder]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text = README.read_text(encoding="utf-8")
    block = f"```text\n{transcript(printed)}\n```\n"
    README.write_text(_MARKED.sub(lambda _: block, text), encoding="utf-8")


if __name__ == "__main__":
    main()
