"""One process per database file: an advisory lock that dies with its process, however that dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from digest.errors import StoreError

_A_LOOK = 0.05  # seconds, far more than it takes


class FileLock:
    """An exclusive `flock` on a file that names the holder's process id."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path, *, of: str) -> Self:
        """Lock `path` for this process. Raises `StoreError` naming the process that has it."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(
                f"{path} cannot be written ({error.strerror}): give this user write access to its folder."
            ) from error
        try:
            _locked(descriptor)
        except BlockingIOError as error:
            holder = _named_in(descriptor)
            os.close(descriptor)
            raise StoreError(
                f"{of} is in use by another Paperboy (process {holder}): stop that one first, "
                "or give this one its own STORE."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

    def stands_at(self, path: Path) -> bool:
        """Whether the locked file is still the one under that name."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), path.stat())
        except OSError:
            return False

    def release(self) -> None:
        # The file stays: removing it would let two processes lock two files of one name.
        os.close(self._descriptor)


def lock_file(path: str | Path) -> Path:
    """The lock of a database: one whatever link it is opened by."""
    return Path(f"{os.path.realpath(path)}.lock")


def holder_of(path: Path) -> str:
    """The process that holds the lock file at `path` ("4711", or "unknown"); empty where none does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        # Shared, so that two who look do not see each other.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _named_in(descriptor)
    finally:
        os.close(descriptor)
    return ""


def _locked(descriptor: int) -> None:
    """Take the lock, past somebody who only looks whether it is held. Raises `BlockingIOError`."""
    until = time.monotonic() + _A_LOOK
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise
            time.sleep(_A_LOOK / 5)
        else:
            return


def _named_in(descriptor: int) -> str:
    return os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
