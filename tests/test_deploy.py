"""The files people deploy with: that they are sound, say what the code says, and give no more than needed."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot import probe
from bot.ending import LONGEST
from bot.watch.ready import WITHIN
from bot.works import GRACE
from digest.reading.limits import Limits
from tests.deployment import (
    DEPLOY,
    FOLDER,
    GIVEN,
    NAMES,
    allowed_calls,
    analyse_unit,
    compose,
    dockerfile,
    environment_of_unit,
    exposure,
    image_powers,
    unit_settings,
    words,
)
from tests.lockfiles import ROOT

BUILD, FINAL = dockerfile()

systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (Debian: systemd)"
)


# The image


def test_the_image_runs_as_nobody_in_particular_with_a_read_only_root_and_no_powers() -> None:
    assert image_powers() == {"seen": "uid 10001, read-only, none", "ok": True}


def test_the_images_come_from_a_pinned_tag_and_are_of_one_python() -> None:
    (build,), (final,) = words(BUILD, "FROM"), words(FINAL, "FROM")

    assert build == f"{final} AS build"
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", final)
    required = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert required == ">=" + final.removeprefix("python:").partition("-")[0]


def test_nothing_is_run_by_a_shell() -> None:
    said = [
        each
        for stage in (BUILD, FINAL)
        for name in ("RUN", "CMD", "ENTRYPOINT")
        for each in words(stage, name)
    ]
    said += [each.partition("CMD ")[2] for each in words(FINAL, "HEALTHCHECK")]

    assert len(said) == 5
    for each in said:
        assert all(isinstance(word, str) for word in json.loads(each)), each


def test_what_is_copied_exists_and_the_context_holds_it_and_nothing_else() -> None:
    copied = {source.rstrip("/") for each in words(BUILD, "COPY") for source in each.split()[:-1]}

    assert all((ROOT / each).exists() for each in copied)
    assert words(FINAL, "COPY") == (f"--from=build {FOLDER} {FOLDER}",)
    assert not words(BUILD, "ADD") + words(FINAL, "ADD")
    assert {each for each in copied if _in_context(each)} == copied
    for secret in (
        ".env", ".git/config", "data/paperboy.db", "deploy/.env", "deploy/secrets/slack_bot_token",
        ".venv/bin/python", "bot/.env", "storage/x.db", "bot/__pycache__/app.pyc", "tests/test_deploy.py",
    ):  # fmt: skip
        assert not _in_context(secret), secret


def _in_context(path: str) -> bool:
    """Whether .dockerignore lets a path through: the last rule that matches it or a folder above decides."""
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    kept = True
    parts = path.split("/")
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    for rule in rules:
        if rule.strip() and not rule.startswith("#"):
            pattern = rule.removeprefix("!")
            forms = {pattern, pattern.removeprefix("**/")} if pattern.startswith("**/") else {pattern}
            tails = [each.split("/")[-1] for each in above] if pattern.startswith("**/") else []
            if any(_matches(each, form) for each in above + tails for form in forms):
                kept = rule.startswith("!")
    return kept


def _matches(path: str, pattern: str) -> bool:
    """As Go's filepath.Match: a star stops at a slash."""
    return path.count("/") == pattern.count("/") and fnmatch.fnmatch(path, pattern)


def test_the_image_holds_no_secret_and_its_settings_are_ours() -> None:
    said = " ".join(words(FINAL, "ENV") + words(FINAL, "ARG") + words(BUILD, "ENV") + words(BUILD, "ARG"))
    variables = dict(pair.split("=", 1) for pair in shlex.split(" ".join(words(FINAL, "ENV"))))

    assert not re.search("token|secret|key|password", said, re.IGNORECASE)
    assert set(variables) - {"PATH", "HOME", "PYTHONDONTWRITEBYTECODE"} <= set(NAMES)
    assert variables["STORE"] == "sqlite:////data/paperboy.db"
    assert words(FINAL, "WORKDIR") == (variables["HOME"],) == ("/data",)
    assert json.loads(words(FINAL, "VOLUME")[0]) == ["/data"]


def test_the_image_names_its_licence_and_its_source() -> None:
    labels = " ".join(words(FINAL, "LABEL"))

    licence = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"]
    assert f'org.opencontainers.image.licenses="{licence}"' in labels
    assert 'org.opencontainers.image.source="${SOURCE_URL}"' in labels


def test_its_health_check_asks_the_address_that_the_settings_default_to() -> None:
    (check,) = words(FINAL, "HEALTHCHECK")

    command = json.loads(check.partition("CMD ")[2])
    assert command == [f"{FOLDER}/bin/python", "-I", "-m", "bot.probe"]
    assert NAMES["HTTP_LISTEN"].default == probe._DEFAULT


# Compose


def test_every_secret_of_the_settings_comes_to_the_container_as_a_file() -> None:
    said = compose()
    service = said["services"]["paperboy"]

    files = {name.lower(): f"secrets/{name.lower()}" for name in GIVEN}
    assert {name: each["file"] for name, each in said["secrets"].items()} == files
    assert set(service["secrets"]) == set(files)
    named = {name: value for name, value in service["environment"].items() if name.endswith("_FILE")}
    assert named == {f"{name}_FILE": f"/run/secrets/{name.lower()}" for name in GIVEN}


def test_the_container_may_take_what_a_pdf_needs_and_no_more() -> None:
    service = compose()["services"]["paperboy"]

    assert _mebibytes(service["mem_limit"]) > Limits().memory >> 20
    assert 16 <= service["pids_limit"] <= 128
    assert service["tmpfs"] == ["/tmp:size=64m,mode=1777,noexec,nosuid,nodev"]
    assert service["volumes"] == ["data:/data"]
    assert "ports" not in service
    assert int(service["stop_grace_period"].removesuffix("s")) > GRACE


def test_a_process_that_cannot_end_says_so_before_it_is_killed() -> None:
    allowed = (compose()["services"]["paperboy"]["stop_grace_period"], *unit_settings("TimeoutStopSec"))

    assert GRACE < LONGEST
    assert all(float(each.removesuffix("s")) >= LONGEST + 3 for each in allowed)


def test_the_unit_waits_until_it_is_told_that_a_platform_lacks() -> None:
    (allowed,) = unit_settings("TimeoutStartSec")

    assert float(allowed.removesuffix("min")) * 60 > 2 * WITHIN


def test_compose_builds_the_dockerfile_from_the_root() -> None:
    build = compose()["services"]["paperboy"]["build"]

    assert (DEPLOY / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).samefile(DEPLOY / "Dockerfile")


def test_only_one_container_uses_the_volume() -> None:
    assert list(compose()["services"]) == ["paperboy"]
    assert "deploy" not in compose()["services"]["paperboy"]


def _mebibytes(text: str) -> int:
    return int(text.lower().removesuffix("m"))


# The unit


@systemd
def test_systemd_finds_nothing_wrong_with_the_unit() -> None:
    done = analyse_unit("verify", "--man=no")

    assert done is not None
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@systemd
def test_systemd_rates_the_units_exposure_at_most_1_5() -> None:
    level = exposure()

    assert level is not None
    assert level <= 1.5


def test_every_secret_of_the_settings_is_a_credential_of_the_unit() -> None:
    loaded = dict(each.split(":", 1) for each in unit_settings("LoadCredential"))
    variables = environment_of_unit(d="/run/credentials/paperboy.service", S="/var/lib")

    assert loaded == {name.lower(): f"/etc/paperboy/{name.lower()}" for name in GIVEN}
    assert {name: value for name, value in variables.items() if name.endswith("_FILE")} == {
        f"{name}_FILE": f"/run/credentials/paperboy.service/{name.lower()}" for name in GIVEN
    }
    assert variables["STORE"] == "sqlite:////var/lib/paperboy/paperboy.db"
    assert variables["REPORT_DIR"] == "/var/lib/paperboy/reports"


def test_the_unit_waits_longer_than_work_in_hand_may_take_and_watches() -> None:
    assert unit_settings("Type") == ("notify",)
    assert unit_settings("WatchdogSec") == ("2min",)
    assert float(unit_settings("TimeoutStopSec")[0]) > GRACE
    assert unit_settings("ExecStart") == (f"{FOLDER}/bin/paperboy run",)


@pytest.fixture(scope="module")
def calls() -> str:
    return json.dumps(allowed_calls())


def _sandboxed(calls: str, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    sandbox = [sys.executable, str(ROOT / "tests" / "sandboxed.py"), calls]
    return subprocess.run(
        [*sandbox, *command], cwd=cwd, capture_output=True, text=True, check=False, timeout=90
    )


_TRIES = """
import ctypes, mmap, os
def tried(what):
    try: what()
    except OSError as error: return error.strerror
    return "done"
libc = ctypes.CDLL(None, use_errno=True)
def mount():
    if libc.mount(b"none", b"/mnt", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
print(tried(mount))
print(tried(lambda: os.setpriority(os.PRIO_PROCESS, 0, 5)))
print(tried(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)))
print(tried(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE)))
"""


@systemd
def test_the_filter_that_the_unit_asks_for_bites(calls: str, tmp_path: Path) -> None:
    done = _sandboxed(calls, sys.executable, "-c", _TRIES, cwd=tmp_path)

    assert done.stdout.splitlines() == ["Operation not permitted"] * 3 + ["done"], done.stderr


_LIMITED = f"""
import asyncio, pathlib, re, sys
sys.path.insert(0, {str(ROOT)!r})
from bot.doctor import SAMPLE
from digest.reading.worker import PdfReader
async def main():
    reader = PdfReader()
    text = await reader.read(SAMPLE.read_bytes())
    print(text.pages)
    for line in pathlib.Path(f"/proc/{{reader.pid}}/limits").read_text().splitlines():
        found = re.match(r"Max (address space|file size|open files|core file size) +(\\d+)", line)
        if found: print(found[1], found[2])
    await reader.close()
asyncio.run(main())
"""


@systemd
def test_pdfs_are_read_under_the_units_filter_and_the_worker_can_limit_itself(
    calls: str, tmp_path: Path
) -> None:
    done = _sandboxed(calls, sys.executable, "-c", _LIMITED, cwd=tmp_path)

    pages, *limits = done.stdout.splitlines() or [done.stderr]
    assert pages == "15"
    assert sorted(limits) == [
        f"address space {Limits().memory}",
        "core file size 0",
        "file size 0",
        "open files 32",
    ]


@systemd
def test_a_whole_day_runs_under_the_units_filter(calls: str, tmp_path: Path) -> None:
    paperboy = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom bot.cli import main; main()",
    ]

    done = _sandboxed(calls, *paperboy, "demo", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "15 of 15 pages read" in done.stdout
