"""One process per database file: an advisory lock that dies with its process, however that dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from digest.errors import StoreError


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
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
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
