"""What the reading worker can never do, whatever a PDF makes of it: reach a network, other programs or files.

Linux lets any process give up powers for good: system calls by a filter
(https://docs.kernel.org/userspace-api/seccomp_filter.html), files by Landlock
(https://docs.kernel.org/userspace-api/landlock.html).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

_SET_NO_NEW_PRIVS, _SET_SECCOMP = 38, 22  # include/uapi/linux/prctl.h
_FILTER = 2
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # include/uapi/linux/bpf_common.h
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
_ALLOW, _REFUSE, _KILL = 0x7FFF_0000, 0x0005_0000 | errno.EPERM, 0x8000_0000
_X32 = 0x4000_0000  # x86-64's second set of numbers for the same calls

# The architecture's name for the filter (include/uapi/linux/audit.h), and its numbers of: socket, socketpair,
# io_uring_setup; execve, execveat; ptrace, process_vm_readv, process_vm_writev, kill, pidfd_open.
_REFUSED = {
    "x86_64": (0xC000_003E, (41, 53, 425, 59, 322, 101, 310, 311, 62, 434)),
    "aarch64": (0xC000_00B7, (198, 199, 425, 221, 281, 117, 270, 271, 129, 434)),
}
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_BENEATH = 1
_ALL, _READ = (
    (1 << 13) - 1,
    1 << 2 | 1 << 3,
)  # of include/uapi/linux/landlock.h, as its first version has them


def without_network() -> bool:
    """Refuse this process sockets, programs and signals to others from now on.

    False where the system has no such filter: on other systems than Linux, on other processors, and in
    containers that forbid it. The other limits hold all the same.
    """
    known = _REFUSED.get(platform.machine())
    if known is None:
        return False
    filter_ = b"".join(_program(*known))
    code = ctypes.create_string_buffer(filter_, len(filter_))
    # struct sock_fprog: a count, padding, a pointer.
    program = struct.pack("@HP", len(filter_) // 8, ctypes.addressof(code))
    kernel = _kernel()
    return kernel is not None and kernel.prctl(_SET_SECCOMP, _FILTER, ctypes.c_char_p(program)) == 0


def without_files(readable: Iterable[str | Path]) -> bool:
    """Let this process read beneath these folders only, write nowhere, and look into no other process.

    So neither the bot's database nor its environment can be read. False where the kernel has no Landlock.
    """
    kernel = _kernel()
    if kernel is None:
        return False
    rules = kernel.syscall(_CREATE_RULESET, ctypes.c_char_p(struct.pack("=Q", _ALL)), 8, 0)
    if rules < 0:
        return False
    try:
        for folder in readable:
            _allow(kernel, rules, folder)
        return bool(kernel.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(kernel: ctypes.CDLL, rules: int, folder: str | Path) -> None:
    try:
        beneath = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there need not be read
    rule = struct.pack("=Qi", _READ, beneath)
    kernel.syscall(_ADD_RULE, rules, _BENEATH, ctypes.c_char_p(rule), 0)
    os.close(beneath)


def _kernel() -> ctypes.CDLL | None:
    """The C library, once this process can gain no powers any more, as both limits want it."""
    if sys.platform != "linux":
        return None
    kernel = ctypes.CDLL(None, use_errno=True)
    return kernel if kernel.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 else None


def _program(architecture: int, refused: Sequence[int]) -> list[bytes]:
    """The filter: eight bytes an instruction."""
    tests = [(_JUMP_IF_AT_LEAST, _X32), *((_JUMP_IF_EQUAL, number) for number in refused)]
    return [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_JUMP_IF_EQUAL, architecture, yes=1),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
        *(_instruction(test, value, yes=len(tests) - at) for at, (test, value) in enumerate(tests)),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _REFUSE),
    ]


def _instruction(code: int, value: int, *, yes: int = 0) -> bytes:
    """One instruction; `yes` is how many of the next ones are skipped where a test holds."""
    return struct.pack("=HBBI", code, yes, 0, value)
