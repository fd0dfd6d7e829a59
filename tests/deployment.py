"""What the files in deploy/ say, read as the tools that use them read them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from bot.config import Settings
from tests.lockfiles import ROOT

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "paperboy.service"
FOLDER = "/opt/paperboy"

# The settings by their names in the environment, the secret ones, and those of them that a person gives.
NAMES = {name.upper(): field for name, field in Settings.model_fields.items()}
SECRETS = {name for name, field in NAMES.items() if "SecretStr" in str(field.annotation)}
GIVEN = SECRETS - {"TELEGRAM_WEBHOOK_SECRET"}

Instruction = tuple[str, str]


def dockerfile() -> tuple[tuple[Instruction, ...], ...]:
    """The Dockerfile's stages, each a list of instructions with their words."""
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    stages: list[list[Instruction]] = []
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if not line.strip():
            continue
        name, _, words = line.partition(" ")
        if name == "FROM":
            stages.append([])
        stages[-1].append((name, words.strip()))
    return tuple(tuple(stage) for stage in stages)


def words(stage: tuple[Instruction, ...], name: str) -> tuple[str, ...]:
    """What each instruction of one name says."""
    return tuple(said for each, said in stage if each == name)


def compose() -> dict[str, Any]:
    """The compose file."""
    said: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return said


def image_powers() -> dict[str, Any]:
    """Who runs in the container and what it may do: `seen` in words and whether that is `ok`."""
    (user,) = words(dockerfile()[-1], "USER")
    service = compose()["services"]["paperboy"]
    root = "read-only" if service.get("read_only") is True else "WRITABLE"
    locked = service.get("cap_drop") == ["ALL"] and "no-new-privileges:true" in service.get(
        "security_opt", ()
    )
    added = [name for name in ("privileged", "cap_add", "devices", "pid", "network_mode") if name in service]
    return {
        "seen": f"uid {user.split(':')[0]}, {root}, {'none' if locked and not added else added or 'SOME'}",
        "ok": user == "10001:10001" and root == "read-only" and locked and not added,
    }


def unit_settings(name: str) -> tuple[str, ...]:
    """The values that the unit gives a setting, line by line."""
    return tuple(re.findall(rf"^{name}=(.*)$", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE))


def environment_of_unit(**specifiers: str) -> dict[str, str]:
    """The variables that the unit sets, its %-specifiers replaced."""
    found = dict(pair.split("=", 1) for line in unit_settings("Environment") for pair in shlex.split(line))
    for name, value in specifiers.items():
        found = {key: each.replace(f"%{name}", value) for key, each in found.items()}
    return found


def analyse_unit(command: str, *options: str) -> subprocess.CompletedProcess[str] | None:
    """systemd-analyze's word on the unit, as if Paperboy were installed; None where there is no systemd."""
    if shutil.which("systemd-analyze") is None:
        return None
    there = shutil.which("true")
    assert there is not None
    with tempfile.TemporaryDirectory() as folder:
        unit = Path(folder) / UNIT.name
        unit.write_text(UNIT.read_text(encoding="utf-8").replace(f"{FOLDER}/bin/paperboy", there))
        return subprocess.run(
            ["systemd-analyze", command, *options, str(unit)], capture_output=True, text=True, check=False
        )


def exposure() -> float | None:
    """The unit's exposure level by `systemd-analyze security`, 0 to 10; None where there is no systemd."""
    done = analyse_unit("security", "--offline=yes", "--no-pager")
    if done is None:
        return None
    level = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert level is not None, done.stdout + done.stderr
    return float(level[1])


def allowed_calls() -> tuple[str, ...]:
    """The system calls that the unit's SystemCallFilter lines leave, applied in their order."""
    allowed = _calls("@default")  # which systemd always adds
    for line in unit_settings("SystemCallFilter"):
        named = [call for each in line.removeprefix("~").split() for call in _calls(each)]
        allowed = [call for call in allowed if call not in named] if line[0] == "~" else allowed + named
    return tuple(dict.fromkeys(allowed))


def _calls(name: str) -> list[str]:
    """The calls of a group such as @process, of its groups too; a call is itself."""
    if not name.startswith("@"):
        return [name]
    listed = subprocess.run(
        ["systemd-analyze", "--no-pager", "syscall-filter", name], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    members = [line.strip() for line in listed[1:]]
    return [call for each in members if each and not each.startswith("#") for call in _calls(each)]
