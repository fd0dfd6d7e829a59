"""Lines on a terminal, pipe or file, each exactly once, even if the process is killed at any instruction.

Writing and remembering how much was written are two steps, and a kill between them repeats a line. On Linux
they are one: `sendfile` copies from a spool file to the output and stores the new offset where we point it,
and we point it into a memory-mapped state file. Both happen inside one system call, which SIGKILL does not
interrupt between the two. The page cache keeps state and spool when the process dies.

Files opened for appending refuse `sendfile`; there the position is remembered before the write and the file
itself is read back. Elsewhere (macOS) lines are written, then remembered: a kill in the microseconds between
repeats them.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import mmap
import os
import select
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import ClassVar

PAGE = 4096  # bytes; also PIPE_BUF: a pipe takes a chunk of this size whole or not at all
PIPE_BYTES = (
    1 << 20
)  # `sendfile` fills one of a pipe's slots per chunk, and a pipe has 16 until it is enlarged
_MAGIC = b"PBLINES1"
_OFFSET_AT = 32  # bytes from the beginning of a slot to its `offset`
_SLOTS = PAGE // 64 - 1  # the messages remembered, the header taking the place of one

# What `sendfile` says where the output, or the system, does not support it.
_UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})


class _Slot(ctypes.Structure):
    """One message's progress, 64 bytes of the state file. `serial` 0 says that the slot is free.

    `offset` and `end` are bytes of its spool. `tried` is the offset of the latest write to an append file,
    and `base` that file's size just before it.
    """

    key: bytes
    serial: int
    offset: int
    end: int
    tried: int
    base: int
    _fields_: ClassVar = [
        ("key", ctypes.c_char * 24),
        ("serial", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("end", ctypes.c_int64),
        ("tried", ctypes.c_int64),
        ("base", ctypes.c_int64),
    ]

    @property
    def is_done(self) -> bool:
        return self.offset >= self.end


class LineWriter:
    """Writes messages, each a few lines under a key, to a file descriptor.

    `state` is a small file for progress; spools of unfinished messages lie beside it. One process at a time
    may use it. Methods block as long as the reader of a pipe or terminal does, and raise `OSError`
    (`BrokenPipeError` when the reader is gone) with the progress kept.
    """

    def __init__(self, descriptor: int, state: Path) -> None:
        self._fd = descriptor
        self._spools = state.with_name(state.name + ".spool")
        self._spools.mkdir(parents=True, exist_ok=True)
        self._map = _mapped(state)
        self._slots = (_Slot * _SLOTS).from_buffer(self._map, 64)
        self._send = _sender(descriptor)
        _enlarge(descriptor)
        self._sweep()

    def write(self, key: str, lines: Sequence[str]) -> None:
        """Write the lines of a message, or what is missing of them if it was begun before."""
        slot = self._find(key) or self._begin(key, lines)
        self._finish(slot, lines)

    def resume(self, key: str, lines: Sequence[str]) -> bool:
        """Write what is missing of a message that was begun; False if it never was, or is long forgotten."""
        slot = self._find(key)
        if slot is None:
            return False
        self._finish(slot, lines)
        return True

    def close(self) -> None:
        """Let go of the state file; the descriptor stays open."""
        del self._slots
        self._map.close()

    def _find(self, key: str) -> _Slot | None:
        name = _name(key)
        return next((slot for slot in self._slots if slot.serial and slot.key == name), None)

    def _begin(self, key: str, lines: Sequence[str]) -> _Slot:
        slot: _Slot = min(self._slots, key=lambda each: (each.serial != 0, not each.is_done, each.serial))
        if slot.serial:
            self._spool(slot).unlink(missing_ok=True)
        slot.serial = 0
        slot.key, slot.offset, slot.tried = _name(key), 0, -1
        slot.end = self._write_spool(slot, lines)
        # The last store: killed before it, the message was never begun.
        slot.serial = max(each.serial for each in self._slots) + 1
        return slot

    def _write_spool(self, slot: _Slot, lines: Sequence[str]) -> int:
        """Lay the message out in a new file (pages of an old one may still be in a pipe); its bytes."""
        content = layout(lines)
        temporary = self._spools / "new"
        temporary.write_bytes(content)
        temporary.replace(self._spool(slot))
        return len(content)

    def _spool(self, slot: _Slot) -> Path:
        return self._spools / slot.key.decode("ascii", "replace")

    def _finish(self, slot: _Slot, lines: Sequence[str]) -> None:
        if slot.is_done:
            return
        # A power cut may have taken the spool: the same lines go on where they were, others begin again.
        if not self._has_spool(slot) and self._write_spool(slot, lines) != slot.end:
            slot.end, slot.offset = len(layout(lines)), 0
        with _opened(self._spool(slot)) as spool:
            while not slot.is_done:
                self._next_chunk(slot, spool)
        self._spool(slot).unlink(missing_ok=True)

    def _has_spool(self, slot: _Slot) -> bool:
        with suppress(FileNotFoundError):
            return self._spool(slot).stat().st_size == slot.end
        return False

    def _next_chunk(self, slot: _Slot, spool: int) -> None:
        page = slot.offset - slot.offset % PAGE
        end = page + len(os.pread(spool, PAGE, page).rstrip(b"\0"))
        if slot.offset >= end:
            slot.offset = page + PAGE
            return
        try:
            self._send(self._fd, spool, slot, end - slot.offset)
        except BlockingIOError:
            _wait_until_writable(self._fd)
        except OSError as error:
            if self._send is not _by_sendfile or error.errno not in _UNSUPPORTED:
                raise
            self._send = _by_append if _is_appended(self._fd) else _by_write

    def _sweep(self) -> None:
        """Remove spools that no unfinished message owns, left by a kill."""
        owned = {self._spool(slot) for slot in self._slots if slot.serial and not slot.is_done}
        for path in self._spools.iterdir():
            if path not in owned:
                path.unlink()


def layout(lines: Iterable[str]) -> bytes:
    """The lines as UTF-8 in pages: no line of up to 4,096 bytes crosses a page's end; NULs fill the gaps."""
    content = bytearray()
    for line in lines:
        encoded = (line.replace("\0", "") + "\n").encode("utf-8", "replace")
        room = -len(content) % PAGE
        if len(encoded) > room:
            content.extend(bytes(room))
        content.extend(encoded)
    return bytes(content)


def _name(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24].encode()


def _mapped(path: Path) -> mmap.mmap:
    """The state file in memory; one that is not ours, or cut short, begins anew."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        if file.read(len(_MAGIC)) != _MAGIC or os.fstat(file.fileno()).st_size != PAGE:
            file.truncate(0)
            file.truncate(PAGE)
            os.pwrite(file.fileno(), _MAGIC, 0)
        return mmap.mmap(file.fileno(), PAGE)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


Send = Callable[[int, int, _Slot, int], None]  # output, spool, slot, bytes


def _sender(descriptor: int) -> Send:
    if sys.platform == "linux" and ctypes.sizeof(ctypes.c_long) == 8:
        return _by_sendfile
    return _by_append if _is_appended(descriptor) else _by_write


def _is_appended(descriptor: int) -> bool:
    regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    return regular and bool(fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND)


def _by_sendfile(output: int, spool: int, slot: _Slot, count: int) -> None:
    # A store of our own first, so that the kernel finds the page writable.
    slot.offset = slot.offset
    sent = _libc().sendfile(output, spool, ctypes.byref(slot, _OFFSET_AT), count)
    code = errno.EIO if sent == 0 else ctypes.get_errno()
    if sent <= 0 and code != errno.EINTR:
        raise OSError(code, os.strerror(code))


@cache
def _libc() -> ctypes.CDLL:
    """The C library: `os.sendfile` gives no say in where the offset is stored."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sendfile.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
    libc.sendfile.restype = ctypes.c_ssize_t
    return libc


def _by_append(output: int, spool: int, slot: _Slot, count: int) -> None:
    chunk = os.pread(spool, count, slot.offset)
    if slot.tried == slot.offset:
        done = _found(chunk, _tail(output, slot.base))
        if done:
            slot.offset += done
            return
    slot.base = os.fstat(output).st_size
    slot.tried = slot.offset
    slot.offset += os.write(output, chunk)


def _by_write(output: int, spool: int, slot: _Slot, count: int) -> None:
    slot.offset += os.write(output, os.pread(spool, count, slot.offset))


def _found(chunk: bytes, tail: bytes) -> int:
    """How many bytes of the chunk are in the file's tail, where others may have appended lines too."""
    if tail.startswith(chunk) or b"\n" + chunk in tail:
        return len(chunk)
    return len(tail) if chunk.startswith(tail) else 0


def _tail(descriptor: int, base: int) -> bytes:
    """What a file holds from a position on, up to 1 MiB; nothing where it cannot be read back."""
    with suppress(OSError), _opened(Path(f"/proc/self/fd/{descriptor}")) as readable:
        return os.pread(readable, PIPE_BYTES, base)
    return b""


def _wait_until_writable(descriptor: int) -> None:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLOUT)
    waiting.poll()


def _enlarge(descriptor: int) -> None:
    if sys.platform == "linux" and stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        with suppress(OSError):  # refused where this user has many pipes: it works with 16 slots, too
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
