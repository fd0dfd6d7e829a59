from __future__ import annotations

import os
import pty
import random
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms import lines as under_test
from bot.platforms.lines import PAGE, LineWriter, layout
from tests.lines_child import COUNT, lines_of

ROOT = Path(__file__).parents[1]
MESSAGE = ("OpenVLA: an open model", "│ 视觉-语言-动作", "", "end")


@contextmanager
def writer(descriptor: int, state: Path) -> Iterator[LineWriter]:
    opened = LineWriter(descriptor, state)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def output(path: Path, flags: int = 0) -> Iterator[int]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@pytest.fixture(params=[0, os.O_APPEND], ids=["file", "append"])
def descriptor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    with output(tmp_path / "out", request.param) as opened:
        yield opened


def text(path: Path) -> str:
    return (path / "out").read_text()


def test_lines_arrive_as_they_are(descriptor: int, tmp_path: Path) -> None:
    with writer(descriptor, tmp_path / "state") as lines:
        lines.write("one", MESSAGE)
        lines.write("two", ["x" * 10_000, "tab\tand \ud800"])
        lines.write("nothing", [])

    assert text(tmp_path) == "\n".join([*MESSAGE, "x" * 10_000, "tab\tand ?", ""])


def test_a_message_is_written_once_even_by_a_later_process(descriptor: int, tmp_path: Path) -> None:
    for _ in range(2):
        with writer(descriptor, tmp_path / "state") as lines:
            lines.write("one", MESSAGE)
            assert lines.resume("one", MESSAGE)
            assert not lines.resume("never begun", MESSAGE)

    assert text(tmp_path) == "\n".join([*MESSAGE, ""])


def test_a_reader_that_goes_away_is_an_error_and_the_next_one_gets_the_rest(tmp_path: Path) -> None:
    long = [f"{number} " + "x" * 100 for number in range(20_000)]  # more than a pipe holds
    read, write = os.pipe()

    def take_some_and_go() -> None:
        for _ in range(20):
            os.read(read, PAGE)
        os.close(read)

    reader = threading.Thread(target=take_some_and_go)
    with writer(write, tmp_path / "state") as lines:
        reader.start()
        with pytest.raises(BrokenPipeError):
            lines.write("long", long)
        reader.join()
    os.close(write)
    with output(tmp_path / "out") as file, writer(file, tmp_path / "state") as lines:
        assert lines.resume("long", long)

    rest = text(tmp_path).splitlines()
    assert 0 < len(rest) < len(long)
    assert rest == long[-len(rest) :]


def test_a_reader_that_is_slow_gets_everything_even_where_writing_does_not_block(tmp_path: Path) -> None:
    long = [f"{number} " + "x" * 3000 for number in range(1000)]
    read, write = os.pipe()
    os.set_blocking(write, False)
    got = bytearray()

    def take_all() -> None:
        while chunk := os.read(read, 65_536):
            got.extend(chunk)

    reader = threading.Thread(target=take_all)
    with writer(write, tmp_path / "state") as lines:
        reader.start()
        lines.write("long", long)
    os.close(write)
    reader.join()
    os.close(read)

    assert got.decode().splitlines() == long


def test_a_pipe_that_nobody_reads_yet_takes_a_whole_digest(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    with writer(write, tmp_path / "state") as lines:
        for number in range(100):
            lines.write(f"message {number}", [f"{number} " + "x" * 500] * 4)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as reader:
        assert len(reader.readlines()) == 400


def test_lines_reach_a_terminal(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    with writer(slave, tmp_path / "state") as lines:
        lines.write("one", MESSAGE)
        lines.write("one", MESSAGE)
    shown = os.read(master, 4096).decode()
    os.close(master)
    os.close(slave)

    assert shown == "\n".join([*MESSAGE, ""])


def test_an_append_file_with_other_writers_gets_each_line_once(tmp_path: Path) -> None:
    with output(tmp_path / "out", os.O_APPEND) as file, writer(file, tmp_path / "state") as lines:
        lines.write("one", ["first"])
        os.write(file, b"a log line\n")
        lines.write("two", ["second"])

    assert text(tmp_path) == "first\na log line\nsecond\n"


def test_progress_of_unfinished_messages_is_bounded(descriptor: int, tmp_path: Path) -> None:
    with writer(descriptor, tmp_path / "state") as lines:
        for number in range(1000):
            lines.write(f"message {number}", [str(number)])
        assert lines.resume("message 999", ["999"])
        assert not lines.resume("message 1", ["1"])

    assert text(tmp_path).splitlines() == [str(number) for number in range(1000)]
    assert (tmp_path / "state").stat().st_size == PAGE
    assert list((tmp_path / "state.spool").iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"not ours", b"x" * PAGE])
def test_a_damaged_state_file_begins_anew(descriptor: int, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "state").write_bytes(damage)
    with writer(descriptor, tmp_path / "state") as lines:
        lines.write("one", MESSAGE)

    assert text(tmp_path) == "\n".join([*MESSAGE, ""])


def test_a_full_disk_is_an_error_and_the_message_goes_on_when_there_is_room(
    descriptor: int, tmp_path: Path
) -> None:
    script = """
import resource, sys
from pathlib import Path
from bot.platforms.lines import LineWriter
long = [f"{number} " + "x" * 300 for number in range(50)]
writer = LineWriter(1, Path(sys.argv[1]))
writer.write("first", long[:10])
resource.setrlimit(resource.RLIMIT_FSIZE, (17_000, resource.RLIM_INFINITY))
try:
    writer.write("long", long)
except OSError as error:
    print(error, file=sys.stderr)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
writer.write("long", long)
"""
    command = [sys.executable, "-c", script, str(tmp_path / "state")]
    ran = subprocess.run(command, cwd=ROOT, stdout=descriptor, stderr=subprocess.PIPE, text=True)

    assert "File too large" in ran.stderr
    long = [f"{number} " + "x" * 300 for number in range(50)]
    assert text(tmp_path).splitlines() == long[:10] + long


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=80), st.integers(0, 9000).map(lambda n: "é" * n)), max_size=30))
def test_no_line_crosses_a_page_unless_it_is_longer_than_one(lines: list[str]) -> None:
    content = layout(lines)

    assert content.replace(b"\0", b"").decode() == "".join(line.replace("\0", "") + "\n" for line in lines)
    for start in range(0, len(content), PAGE):
        page = content[start : start + PAGE].rstrip(b"\0")
        whole = page.endswith(b"\n")
        assert whole or len(page) == PAGE


def run_until_killed(folder: Path, stdout: int, dice: random.Random) -> bool:
    """Start the child again and kill it somewhere; whether it came to its end before."""
    command = [sys.executable, "-m", "tests.lines_child", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        alive = child.stderr.read(dice.randint(1, COUNT // 5))
        child.kill()
    return not alive or child.returncode == 0


@pytest.mark.parametrize("kind", ["pipe", "file", "append"])
def test_a_process_killed_again_and_again_writes_each_line_exactly_once(tmp_path: Path, kind: str) -> None:
    dice = random.Random()
    got = bytearray()
    if kind == "pipe":
        read, write = os.pipe()
        reader = threading.Thread(target=lambda: got.extend(_everything(read)))
        reader.start()
    else:
        flags = os.O_APPEND if kind == "append" else 0
        write = os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT | flags)

    kills = 0
    while not run_until_killed(tmp_path, write, dice):
        kills += 1

    os.close(write)
    if kind == "pipe":
        reader.join()
    else:
        got.extend((tmp_path / "out").read_bytes())
    assert kills >= 2
    assert got.decode().splitlines() == [line for number in range(COUNT) for line in lines_of(number)]


def _everything(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def test_where_the_kernel_cannot_help_lines_still_arrive(tmp_path: Path) -> None:
    with output(tmp_path / "out") as file, writer(file, tmp_path / "state") as lines:
        lines._send = under_test._by_write
        lines.write("one", MESSAGE)
        lines.write("one", MESSAGE)

    assert text(tmp_path) == "\n".join([*MESSAGE, ""])
