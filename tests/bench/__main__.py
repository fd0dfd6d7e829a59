"""Run every benchmark, or those named: `python -m tests.bench matching reading`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(wanted: list[str]) -> int:
    names = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = set(wanted) - set(names)
    if unknown:
        print(f"No such benchmark: {', '.join(sorted(unknown))}. There are {', '.join(names)}.")
        return 2
    failed = 0
    for name in wanted or names:
        print(f"\n== {name}", flush=True)
        # A process each, so that one benchmark's memory and caches are not another's.
        code = f"from tests.bench.bench_{name} import run; run()"
        failed |= subprocess.run([sys.executable, "-c", code], cwd=HERE.parents[1], check=False).returncode
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
