"""A process that writes numbered messages to stdout until it is killed, and is started again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.platforms.lines import LineWriter

COUNT = 2500


def lines_of(number: int) -> list[str]:
    return [f"{number}.{part} " + "x" * (number * part % 700) for part in range(number % 7 + 1)]


def main(folder: Path) -> None:
    """Write what is missing of all messages, with a dot on stderr after each."""
    writer = LineWriter(1, folder / "state")
    progress = os.open(folder / "progress", os.O_RDWR | os.O_CREAT)
    for number in range(int(os.pread(progress, 8, 0) or 0), COUNT):
        writer.write(f"message {number}", lines_of(number))
        os.pwrite(progress, b"%08d" % (number + 1), 0)
        os.write(2, b".")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
