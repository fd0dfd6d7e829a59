"""Whether a file can be made in a folder, found out by making one; nothing of it stays."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile


def unwritable(folder: Path) -> str:
    """Why no file can be made in a folder, in the system's words; "" where one can.

    A folder that is not there is made, and removed again with those above it that were made for it.
    """
    made: list[Path] = []
    try:
        for each in (*reversed(folder.parents), folder):
            if not each.exists():
                each.mkdir()
                made.append(each)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return error.strerror or str(error)
    finally:
        for each in reversed(made):
            with suppress(OSError):  # somebody has put something there meanwhile
                each.rmdir()
    return ""
