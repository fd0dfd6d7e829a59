"""Files that people name: read whole, and refused at once where that would hang or take the machine."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

from digest.errors import UserError

MIB = 2**20
STDIN = "-"


def read_file(path: Path, *, most: int, setting: str = "") -> bytes:
    """The bytes of a regular file. Raises `UserError` for anything else, and for more than `most` bytes.

    `setting` is the name of the setting that gives `most`, for the message.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise UserError(f"{path} is {_kind(found.st_mode)}, not a file that can be read whole.")
        if found.st_size > most:
            raise UserError(_too_large(str(path), most, setting))
        with path.open("rb") as file:
            return _all(file.read(most + 1), str(path), most, setting)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error


def read_stdin(*, most: int) -> bytes:
    """The bytes on standard input. Raises `UserError` if it is closed, or for more than `most` bytes."""
    if sys.stdin is None:
        raise UserError("Standard input is closed; give a file, or pipe one in.")
    try:
        return _all(sys.stdin.buffer.read(most + 1), "Standard input", most, "")
    except OSError as error:
        raise UserError(f"Standard input cannot be read: {error.strerror or error}.") from error


def _all(content: bytes, name: str, most: int, setting: str) -> bytes:
    if len(content) > most:
        raise UserError(_too_large(name, most, setting))
    return content


def _too_large(name: str, most: int, setting: str) -> str:
    limit = f", the limit that {setting} sets" if setting else ""
    return f"{name} is larger than {most // MIB} MiB{limit}."


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"
