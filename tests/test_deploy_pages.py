"""What surrounds the deployment: sample settings, the installing script, locked requirements, the pages."""

from __future__ import annotations

import re
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.platforms.slack.scopes import NEEDED, WANTED
from tests.audit import vulnerabilities
from tests.deployment import DEPLOY, GIVEN, NAMES, SECRETS
from tests.lockfiles import LOCKS, ROOT, at_run_time, requirements, strangers


def test_the_sample_settings_are_settings() -> None:
    sample = (DEPLOY / "sample.env").read_text(encoding="utf-8")
    names = re.findall(r"^#?([A-Z_]+)=", sample, flags=re.MULTILINE)

    assert "PLATFORM" in names
    assert set(names) <= set(NAMES)
    assert not set(names) & SECRETS


def test_secrets_beside_compose_are_ignored_by_git() -> None:
    ignored = (DEPLOY / "secrets" / ".gitignore").read_text().split("\n", 1)[1].split()

    assert ignored == ["*", "!.gitignore"]


def test_the_install_script_can_be_run_and_is_plain_shell() -> None:
    script = DEPLOY / "install.sh"

    assert script.stat().st_mode & stat.S_IXOTH
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert "--require-hashes" in script.read_text()


@pytest.mark.parametrize(
    ("arguments", "says"), [(["--help"], "usage: "), (["{taken}"], "holds something else")]
)
def test_the_install_script_refuses_what_it_cannot_do(
    tmp_path: Path, arguments: list[str], says: str
) -> None:
    (tmp_path / "letter.txt").write_text("dear me")
    script = [DEPLOY / "install.sh", *(each.format(taken=tmp_path) for each in arguments)]

    done = subprocess.run(script, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert says in done.stderr
    assert (tmp_path / "letter.txt").exists()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_requirement_is_locked_by_hash_and_from_no_named_place(lock: Path) -> None:
    assert not strangers(lock)
    assert len(requirements(lock)) > 0
    assert [each.name for each in requirements(lock) if not each.hashes] == []


def test_what_is_needed_at_run_time_leaves_out_what_builds() -> None:
    names = {each.name for each in at_run_time(ROOT / "requirements.lock")}

    assert {"pymupdf", "slack-sdk", "pydantic-core"} <= names
    assert not {"hatchling", "trove-classifiers"} & names


def test_what_installing_removes_is_what_only_building_needs() -> None:
    removed = re.search(r"uninstall --yes (.*)", (DEPLOY / "install.sh").read_text())
    locked = {each.name for each in requirements(ROOT / "requirements.lock") if not each.conditional}
    needed = {each.name for each in at_run_time(ROOT / "requirements.lock")}

    assert removed is not None
    assert set(removed[1].split()) == (locked - needed) | {"setuptools"}


@pytest.mark.parametrize(
    ("answer", "ok", "says"),
    [
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', True, "0 in 1 packages"),
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}]}',
            False,
            "1: a PYSEC-1",
        ),
        (
            '{"dependencies": [{"name": "a", "skip_reason": "not found"}]}',
            None,
            "could not be asked: the service knows 0",
        ),
        ("", None, "could not be asked: api.osv.dev is not reached"),
    ],
)
def test_a_package_that_nobody_looked_at_is_not_called_safe(answer: str, ok: bool | None, says: str) -> None:
    row = vulnerabilities(
        answer, "ConnectionError: HTTPSConnectionPool(host='api.osv.dev', port=443): Max retries"
    )

    assert row.ok is ok
    assert says in row.seen


# What the pages say


PAGES = ("install-plain", "install-docker", "install-systemd", "upgrade", "security")


@pytest.mark.parametrize("page", PAGES)
def test_each_page_links_to_what_exists_and_ends_with_how_to_see(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")

    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    # docs/reliability.md is written by the runs it tells of.
    assert [each for each in links if not (ROOT / "docs" / each).exists() and each != "reliability.md"] == []
    last = re.findall(r"^## (.*)$", text, flags=re.MULTILINE)[-1]
    assert last.startswith("See "), last


def test_the_security_page_gives_every_scope_its_reason() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_]+:[a-z_]+|commands)` \| (.*) \|$", text, flags=re.MULTILINE))

    assert set(rows) == {*NEEDED, *WANTED}
    assert {scope: rows[scope] for scope in WANTED} == WANTED


def test_the_security_page_names_every_address_that_is_asked() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    hosts = {urlsplit(str(field.default)).hostname for name, field in NAMES.items() if name.endswith("_URL")}

    assert {host for host in hosts - {None, "api.openai.com"} if f"`{host}`" not in text} == set()


def test_the_pages_name_the_files_that_the_services_read() -> None:
    systemd_page = (ROOT / "docs" / "install-systemd.md").read_text(encoding="utf-8")
    docker_page = (ROOT / "docs" / "install-docker.md").read_text(encoding="utf-8")
    command = (DEPLOY / "paperboy-cli").read_text(encoding="utf-8")

    for name in map(str.lower, GIVEN):
        assert f" {name}" in systemd_page
        assert f"secrets/{name}" in docker_page
        assert f" {name}" in command
