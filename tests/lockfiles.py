"""What a requirements file of `uv pip compile --generate-hashes` says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = tuple(sorted(ROOT.glob("requirements*.lock")))
RUN = "paperboy-bot (pyproject.toml)"  # who asks for what is needed at run time

_REQUIREMENT = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?P<rest>.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL
)
_ELSEWHERE = re.compile(
    r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)\b|://", re.MULTILINE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One locked package, and which others asked for it."""

    name: str
    version: str
    hashes: int
    via: frozenset[str]
    conditional: bool  # only on some systems


def requirements(path: Path) -> tuple[Requirement, ...]:
    """Every requirement of a lock file."""
    return tuple(_requirement(match) for match in _REQUIREMENT.finditer(path.read_text(encoding="utf-8")))


def _requirement(match: re.Match[str]) -> Requirement:
    rest = match["rest"]
    said = "\n".join(line.strip().lstrip("# ") for line in rest.splitlines() if "#" in line)
    return Requirement(
        name=match["name"],
        version=match["version"],
        hashes=rest.count("--hash=sha256:"),
        via=frozenset(said.removeprefix("via").strip().splitlines()),
        conditional=rest.lstrip().startswith(";"),
    )


def strangers(path: Path) -> tuple[str, ...]:
    """Lines that are no locked requirement, and addresses: a lock names neither indexes nor links."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(
        line
        for line in lines
        if _ELSEWHERE.search(line) or not re.match(r"[\w.-]+==|    --hash=|    #|#|\s*$", line)
    )


def at_run_time(path: Path) -> tuple[Requirement, ...]:
    """What Paperboy needs when it runs, without what only its building needs."""
    known = {each.name: each for each in requirements(path)}
    wanted: set[str] = set()
    found = {name for name, each in known.items() if RUN in each.via}
    while found - wanted:
        wanted |= found
        found = {name for name, each in known.items() if each.via & wanted}
    return tuple(known[name] for name in sorted(wanted))
