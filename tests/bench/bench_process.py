"""What a process costs before it does anything: --help, and a running bot at rest."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run() -> None:
    bare = _cpu([sys.executable, "-c", "pass"])
    click = _cpu([sys.executable, "-c", "import click"])
    paperboy = _cpu([str(Path(sys.executable).with_name("paperboy")), "--help"])
    print(f"{'paperboy --help':28} {paperboy * 1000:6.0f} ms CPU   (bar 150 ms)")
    print(f"{'  of which python alone':28} {bare * 1000:6.0f} ms;  python and click {click * 1000:.0f} ms")
    total = _idle_memory()
    print(f"{'paperboy run, idle':28} {total:6.0f} MB RSS   (bar 65 MB)")
    alone = _rss_of("import asyncio, time; print(flush=True); time.sleep(5)")
    print(f"{'python and asyncio alone':28} {alone:6.0f} MB RSS")


def _cpu(command: list[str], times: int = 7) -> float:
    """Least CPU seconds (user and system) of several runs."""
    best = float("inf")
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def _idle_memory() -> float:
    """RSS in MB of a run that has nothing to do: arXiv unreachable, no subscriptions."""
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            "STORE": f"sqlite:///{folder}/paperboy.db",
            "REPORT_DIR": folder,
            "ARXIV_RSS_URL": "http://127.0.0.1:9",
            "ARXIV_API_URL": "http://127.0.0.1:9",
            "ARXIV_URL": "http://127.0.0.1:9",
        }
        command = [str(Path(sys.executable).with_name("paperboy")), "run"]
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(8)
        memory = _rss(process.pid)
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    return memory


def _rss_of(code: str) -> float:
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    memory = _rss(process.pid)
    process.kill()
    process.wait()
    return memory


def _rss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
