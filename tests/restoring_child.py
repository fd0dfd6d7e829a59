"""A process that restores two backups in turn until it is killed; it prints a dot for each."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.backup import prepared


async def main(path: Path, backups: list[Path]) -> None:
    while True:
        for backup in backups:
            async with prepared(str(path), backup, now=datetime.now(UTC)) as ready:
                kept = ready.put_in_place()
            if kept is not None:
                kept.unlink()
            os.write(1, b".")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]]))
