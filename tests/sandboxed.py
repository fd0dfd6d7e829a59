"""Runs a command under the system call filter and the memory rule that a systemd unit would lay on it.

python sandboxed.py '["read", "write", ...]' COMMAND [ARGUMENT ...]

Everything not named is refused with EPERM, and so is memory that is written and executed: as systemd does it
for SystemCallFilter= and MemoryDenyWriteExecute=, by the same library (libseccomp). No root needed.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sys

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_MASKED_EQ = 7
_PROT_WRITE, _PROT_EXEC, _SHM_EXEC = 2, 4, 0o100000


class _Compare(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


def main(names: list[str], command: list[str]) -> None:
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    library.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(_Compare)
    ]  # fmt: skip
    _deny_write_execute(library)
    rules = library.seccomp_init(_REFUSE)
    for name in names:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            _must(library.seccomp_rule_add_array(rules, _ALLOW, number, 0, None), name)
    _must(library.seccomp_load(rules), "load")
    os.execv(command[0], command)


def _deny_write_execute(library: ctypes.CDLL) -> None:
    rules = library.seccomp_init(_ALLOW)
    both = _PROT_WRITE | _PROT_EXEC
    for name, argument, mask in (
        ("mmap", 2, both),
        ("mprotect", 2, _PROT_EXEC),
        ("pkey_mprotect", 2, _PROT_EXEC),
        ("shmat", 2, _SHM_EXEC),
    ):
        number = library.seccomp_syscall_resolve_name(name.encode())
        compare = _Compare(argument, _MASKED_EQ, mask, mask)
        _must(library.seccomp_rule_add_array(rules, _REFUSE, number, 1, ctypes.byref(compare)), name)
    _must(library.seccomp_load(rules), "load")


def _must(code: int, what: str) -> None:
    if code != 0:
        raise OSError(-code, f"libseccomp: {what}: {os.strerror(-code)}")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
