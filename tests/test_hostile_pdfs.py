"""PDFs that are broken or up to something: the worker keeps its limits, and can reach nothing."""

from __future__ import annotations

import asyncio
import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from digest.reading.limits import Limits
from tests.chaos.figures import table
from tests.hostile_world import pdfs

ROOT = Path(__file__).parents[1]

# What a program would try that took over the worker.
_ATTEMPTS = {
    "connect": "socket.create_connection(('127.0.0.1', int(sys.argv[1]))).close()",
    "make a pair of sockets": "socket.socketpair()",
    "end the bot": "os.kill(os.getppid(), 0)",
    "read the bot's environment": "open(f'/proc/{os.getppid()}/environ').close()",
    "read the bot's memory": "open(f'/proc/{os.getppid()}/mem').close()",
    "read the settings": "open(ROOT + '/pyproject.toml').close()",
    "read a file of the system": "open('/etc/passwd').close()",
    "write a file": "open(sys.argv[2] + '.new', 'w')",
    "remove a file": "os.remove(sys.argv[2])",
    "run a program": "os.execv('/bin/true', ['true'])",
}
_CHILD = """
import errno, json, os, socket, sys
ROOT = {root!r}
sys.path.insert(0, ROOT)
from digest.reading import child
from digest.reading.limits import Limits
child._restrain(Limits())
if {confined}:
    child._confine()
got = []
for name, attempt in {attempts!r}.items():
    try:
        exec(attempt)
    except OSError as error:
        got += [] if error.errno in (errno.EPERM, errno.EACCES) else [name]
    else:
        got.append(name)
print(json.dumps(got))
"""


async def got(attempts: dict[str, str], *, confined: bool, port: int, file: Path) -> list[str]:
    """What of the attempts was not refused, as a worker of its own tells."""
    code = _CHILD.format(root=str(ROOT), confined=confined, attempts=attempts)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-c", code, str(port), str(file)), cwd="/", stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    found: list[str] = json.loads(told)
    return found


def _has_limits() -> bool:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from digest.reading import confinement as c; "
        "print(c.without_files(['/usr']) and c.without_network())"
    )
    shown = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    return shown.stdout.strip() == "True"


@pytest.fixture(scope="module")
def limits() -> None:
    if not _has_limits():
        pytest.skip(f"no seccomp or Landlock here: {platform.platform()}")


async def test_a_worker_that_was_taken_over_reaches_nothing(limits: None, tmp_path: Path) -> None:
    file, kept = tmp_path / "removed", tmp_path / "kept"
    file.touch()
    kept.touch()
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        harmless = {name: code for name, code in _ATTEMPTS.items() if name != "run a program"}
        free = await got(harmless, confined=False, port=port, file=file)
        confined = await got(_ATTEMPTS, confined=True, port=port, file=kept)

    assert {"connect", "end the bot", "read the bot's environment", "remove a file"} <= {*free}
    assert confined == []
    assert kept.exists()


async def test_broken_pdfs_end_in_text_or_a_clear_sentence_within_the_limits(tmp_path: Path) -> None:
    bar = Limits(seconds=1)
    found = await asyncio.to_thread(lambda: list(pdfs.run(tmp_path, number=14, whole=3, limits=bar)))
    assert all(each.ok for each in found), table(found)
