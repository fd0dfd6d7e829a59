"""Fuzz the parsers with atheris: `make fuzz`, or `make fuzz SECONDS=600 TARGETS="feed query"`."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.figures import Figure, at_least, exactly, table

NO_ATHERIS = (
    "atheris is not installed. It has packages for Linux on x86-64 and Python 3.11 to 3.13; `make fuzz` "
    "installs it there. The tests fuzz the same parsers with hypothesis everywhere: make test."
)
_LEAST = 1_000  # executions of a target; fewer mean that it hardly ran


def main() -> int:
    """Run each target in a process of its own and print a table; 1 where one broke, 2 without atheris."""
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], default=[])
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default 60)")
    parser.add_argument("--target", help=argparse.SUPPRESS)
    parser.add_argument("--corpus", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.target:
        return _fuzz(asked.target, asked.corpus, asked.seconds)
    try:
        import atheris  # noqa: F401
    except ImportError:
        print(NO_ATHERIS)
        return 2
    found: list[Figure] = []
    for name in asked.targets or TARGETS:
        found += _figures(name, asked.seconds)
    print(table(found))
    return int(not all(each.ok for each in found))


def _figures(name: str, seconds: int) -> list[Figure]:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="paperboy-fuzz-") as corpus:
        command = [
            sys.executable,
            "-m",
            "tests.fuzz",
            f"--target={name}",
            f"--corpus={corpus}",
            f"--seconds={seconds}",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace")
    told = done.stdout + done.stderr
    runs = re.findall(r"^(?:#|Done )(\d+)", told, flags=re.MULTILINE)
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    if done.returncode:
        print(told[-4_000:])
    return [
        at_least(f"{name}: executions", max(map(int, runs), default=0), min(_LEAST, 50 * seconds)),
        exactly(f"{name}: ways to break it", int(done.returncode != 0)),
    ]


def _fuzz(name: str, corpus: str, seconds: int) -> int:
    """This process becomes the fuzzer of one target; it ends with the first way to break it."""
    import atheris

    with atheris.instrument_imports(include=["digest", "bot"]):
        from tests.fuzz.targets import TARGETS, seeds
    for number, seed in enumerate(seeds(name)):
        (Path(corpus) / str(number)).write_bytes(seed)
    options = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1500", "-max_len=8192"]
    atheris.Setup([sys.argv[0], corpus, f"-artifact_prefix={corpus}/", *options], TARGETS[name])
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
