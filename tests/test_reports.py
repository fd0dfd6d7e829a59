"""The report of each digest as a file of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.reports import write_report
from tests.compose_samples import DIGEST

CHANNELS = (
    "console:terminal",
    "slack:T1/C1",
    "slack:T1-C1",
    "slack:T1/C1/",
    "telegram:-100",
    "telegram:100",
    "telegram:-100/7",
    "../../etc/passwd",
    "slack:" + "x" * 400,
)


def test_every_channel_has_files_of_its_own_in_the_folder(tmp_path: Path) -> None:
    for number, channel in enumerate(CHANNELS):
        digest = replace(DIGEST, channel=channel, scanned=number + 10_000)
        path = write_report(tmp_path, digest, timezone="UTC")
        assert path.parent == tmp_path
        assert len(path.name) < 130
    written = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]
    assert len(set(written)) == len(CHANNELS)


def test_the_terminals_report_has_a_plain_name_and_a_later_one_takes_its_place(tmp_path: Path) -> None:
    write_report(tmp_path, DIGEST, timezone="UTC")
    write_report(tmp_path, replace(DIGEST, scanned=77_777), timezone="UTC")
    [path] = tmp_path.iterdir()
    assert path.name == "2026-06-30_console-terminal.md"
    assert "77,777" in path.read_text(encoding="utf-8")
