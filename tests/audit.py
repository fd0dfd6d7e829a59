"""What Paperboy is made of, and whether that is well: `make audit`.

Writes build/sbom.json and ends in a table of figures, the bar beside each; exit code 1 if a bar is missed.
Where nobody can be asked about vulnerabilities, the table says so.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from tests.deployment import exposure, image_powers
from tests.lockfiles import LOCKS, ROOT, at_run_time, requirements, strangers

TOOLS = ROOT / ".venv" / "audit" / "bin"
SBOM = ROOT / "build" / "sbom.json"
LOCK = ROOT / "requirements.lock"

# What may be part of a work under AGPL-3.0-or-later: https://www.gnu.org/licenses/license-list.html
COMPATIBLE = frozenset(
    {
        "0BSD", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0",
        "GPL-3.0-or-later", "ISC", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MPL-2.0", "PSF-2.0",
        "Public domain", "Python-2.0", "Unlicense",
    }
)  # fmt: skip
# As some packages write it.
_SPELLED = {
    "Apache License, Version 2.0": "Apache-2.0",
    "Dual Licensed - GNU AFFERO GPL 3.0 or Artifex Commercial License": "AGPL-3.0-only",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: Public Domain": "Public domain",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure; `ok` is None where it could not be found out."""

    figure: str
    bar: str
    seen: str
    ok: bool | None


def main(wanted: list[str]) -> int:
    components = write_sbom()
    if wanted == ["sbom"]:
        print(f"{SBOM.relative_to(ROOT)}: {len(components)} packages, as they are installed here")
        return 0
    rows = list(_rows(components))
    counted = Counter(_licence(each) for each in components)
    print("Licences: " + ", ".join(f"{name} ({count})" for name, count in counted.most_common()) + "\n")
    print(table(rows))
    return int(any(row.ok is False for row in rows))


def _rows(components: list[dict[str, Any]]) -> Iterator[Row]:
    yield vulnerabilities(*_asked())
    locked = [(path, each) for path in LOCKS for each in requirements(path)]
    without = [f"{each.name} in {path.name}" for path, each in locked if not each.hashes]
    yield _none("requirements without a hash", without, f"of {len(locked)} in {len(LOCKS)} files")
    elsewhere = [f"{path.name}: {line}" for path in LOCKS for line in strangers(path)]
    yield _none("index addresses and links in lock files", elsewhere)
    versions = {_name(each["name"]): each["version"] for each in components}
    amiss = [
        f"{each.name} {versions.get(_name(each.name), 'missing')}, not {each.version}"
        for each in at_run_time(LOCK)
        if not each.conditional and versions.get(_name(each.name)) != each.version
    ]
    yield _none("installed otherwise than locked", amiss, f"of {len(components)} in build/sbom.json")
    foreign = [f"{each['name']} ({_licence(each)})" for each in components if not _compatible(_licence(each))]
    yield _none("licences that do not go with the AGPL", foreign, f"of {len(components)}")
    yield _none("findings of bandit's rules (ruff S) in what ships", _insecure())
    yield _exposed()
    powers = image_powers()
    yield Row(figure="container: user, root, powers", bar="uid 10001, read-only, none", **powers)


def table(rows: Iterable[Row]) -> str:
    """The rows in Markdown, columns in line."""
    cells = [("figure", "bar", "seen", "ok")]
    cells += [(r.figure, r.bar, r.seen, {True: "yes", False: "NO", None: "?"}[r.ok]) for r in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _asked() -> tuple[str, str]:
    """What pip-audit says of the lock, as JSON, and on stderr."""
    done = subprocess.run(
        [
            TOOLS / "pip-audit", "--requirement", LOCK, "--require-hashes", "--disable-pip",
            "--format", "json", "--progress-spinner", "off", "--timeout", "10",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout, done.stderr


def vulnerabilities(answer: str, errors: str) -> Row:
    """The row of pip-audit's answer. A package that its service does not know was not looked at."""
    figure = "known vulnerabilities (pip-audit)"
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        reason = (errors.strip().splitlines() or ["no answer"])[-1]
        host = re.search(r"host='([^']+)'", reason)
        reason = f"{host[1]} is not reached" if host else reason[:80]
        return Row(figure=figure, bar="0", seen=f"could not be asked: {reason}", ok=None)
    found = [f"{each['name']} {vuln['id']}" for each in packages for vuln in each.get("vulns", ())]
    skipped = sum("skip_reason" in each for each in packages)
    if found:
        return Row(figure=figure, bar="0", seen=f"{len(found)}: {', '.join(found)}", ok=False)
    if skipped:
        seen = f"could not be asked: the service knows {len(packages) - skipped} of {len(packages)} packages"
        return Row(figure=figure, bar="0", seen=seen, ok=None)
    return Row(figure=figure, bar="0", seen=f"0 in {len(packages)} packages", ok=True)


def write_sbom() -> list[dict[str, Any]]:
    """Write build/sbom.json, CycloneDX of what is installed for run time; its components."""
    SBOM.parent.mkdir(exist_ok=True)
    subprocess.run(
        [
            TOOLS / "cyclonedx-py", "environment", "--pyproject", ROOT / "pyproject.toml",
            "--output-reproducible", "--output-format", "JSON", "--output-file", SBOM, sys.executable,
        ],
        check=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    bill = json.loads(SBOM.read_text(encoding="utf-8"))
    # The environment also holds what tests need; cyclonedx-py follows optional dependencies into it.
    wanted = {_name(each.name) for each in at_run_time(LOCK)}
    bill["components"] = [_licensed(each) for each in bill["components"] if _name(each["name"]) in wanted]
    kept = {each["bom-ref"] for each in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    bill["dependencies"] = [
        each | {"dependsOn": [ref for ref in each.get("dependsOn", ()) if ref in kept]}
        for each in bill["dependencies"]
        if each["ref"] in kept
    ]
    SBOM.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    components: list[dict[str, Any]] = bill["components"]
    return components


def _licensed(component: dict[str, Any]) -> dict[str, Any]:
    """The component with a licence, where its maker wrote one that cyclonedx-py does not take."""
    written = metadata.metadata(component["name"]).get("License")
    if component.get("licenses") or not written:
        return component
    spdx = _SPELLED.get(written.strip(), written.strip()[:80])
    return component | {"licenses": [{"expression": spdx}]}


def _licence(component: Mapping[str, Any]) -> str:
    """The first licence that the component names, by SPDX."""
    for each in component.get("licenses", ()):
        licence = each.get("license", {})
        name = each.get("expression") or licence.get("id") or licence.get("name", "")
        return _SPELLED.get(name, name)
    return "none named"


def _compatible(expression: str) -> bool:
    return any(
        all(part.strip(" ()") in COMPATIBLE for part in choice.split(" AND "))
        for choice in expression.split(" OR ")
    )


def _insecure() -> list[str]:
    """Findings of bandit's rules, but for those of assertions and jitter, as pyproject.toml has it."""
    done = subprocess.run(
        [
            sys.executable, "-m", "ruff", "check", "--select", "S", "--ignore", "S101,S311",
            "--output-format", "concise", "--quiet", "bot", "digest", "storage",
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.splitlines()


def _exposed() -> Row:
    seen = exposure()
    figure = "systemd-analyze security of the unit"
    if seen is None:
        return Row(figure=figure, bar="<= 1.5", seen="systemd-analyze is not installed", ok=None)
    return Row(figure=figure, bar="<= 1.5", seen=f"{seen}", ok=seen <= 1.5)


def _none(figure: str, found: list[str], of: str = "") -> Row:
    seen = f"{len(found)} {of}".strip()
    return Row(
        figure=figure, bar="0", seen=f"{seen}: {'; '.join(found[:5])}" if found else seen, ok=not found
    )


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
