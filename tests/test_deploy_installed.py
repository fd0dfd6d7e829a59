"""What deploy/install.sh makes, run as the image and the unit run it: by another user, on a read-only tree.

It takes a minute or two, root, and the package index, so it runs where CI=true or DEPLOY=1 asks for it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deployment import DEPLOY, FOLDER, UNIT, dockerfile, unit_settings, words
from tests.lockfiles import ROOT, at_run_time, requirements
from tests.peers.telegram import Telegram

asked = os.environ.get("CI") == "true" or os.environ.get("DEPLOY") == "1"
pytestmark = [
    pytest.mark.skipif(not asked, reason="takes minutes: DEPLOY=1 make test"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be another user and to mount"),
    pytest.mark.skipif(
        shutil.which("setpriv") is None, reason="setpriv is not installed (Debian: util-linux)"
    ),
]

USER = 10001
# Not in a home folder, which the user of a service may not enter.
PYTHON = next(
    (each for each in ("/usr/bin/python3", "/usr/local/bin/python3") if Path(each).exists()), sys.executable
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An installation, a data folder that only `USER` may use, and how to run the one on the other."""

    folder: Path
    data: Path

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the installation as `USER`; nothing but the data folder can be written."""
        where = shlex.quote(str(self.data))
        alone = (
            f"mount --bind {where} {where} && mount -o remount,ro,bind / && cd {where} && "
            f"exec setpriv --reuid={USER} --regid={USER} --clear-groups --bounding-set=-all --inh-caps=-all "
            f'--no-new-privs -- "$@"'
        )
        paths = {"STORE": f"sqlite:///{self.data}/paperboy.db", "REPORT_DIR": f"{self.data}/reports"}
        return subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", alone, "sh", *command],
            env=_variables() | {"HOME": str(self.data)} | paths | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def paperboy(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run(f"{self.folder}/bin/paperboy", *arguments, **more)


def _variables() -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in shlex.split(" ".join(words(dockerfile()[-1], "ENV"))))


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    with tempfile.TemporaryDirectory(prefix="paperboy-test-", dir="/opt") as base:
        Path(base).chmod(0o755)
        data = Path(base) / "data"
        data.mkdir(mode=0o700)
        os.chown(data, USER, USER)
        folder = Path(base) / "paperboy"
        done = subprocess.run(
            [DEPLOY / "install.sh", folder],
            env=dict(os.environ) | {"PYTHON": PYTHON},
            capture_output=True,
            text=True,
            check=False,
        )
        said = [line for line in done.stderr.splitlines() if not line.startswith("WARNING")]
        assert done.returncode == 0, "\n".join(said)
        assert done.stdout.startswith(f"Installed in {folder}: paperboy")
        yield Installed(folder=folder, data=data)


def test_what_is_installed_is_what_is_locked_and_no_more(installed: Installed) -> None:
    code = (
        "from importlib.metadata import distributions\n"
        "print(*sorted(f'{each.name}=={each.version}' for each in distributions()))"
    )
    done = installed.run(f"{installed.folder}/bin/python", "-I", "-c", code)

    locked = {_spelled(each.name): each.version for each in at_run_time(ROOT / "requirements.lock")}
    conditional = {each.name for each in requirements(ROOT / "requirements.lock") if each.conditional}
    seen = {_spelled(name): version for name, version in (each.split("==") for each in done.stdout.split())}
    assert seen.pop("paperboy-bot")
    assert seen == {
        name: version for name, version in locked.items() if name in seen or name not in conditional
    }


def _spelled(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def test_another_user_runs_the_whole_demo_on_a_read_only_tree(installed: Installed) -> None:
    done = installed.paperboy("demo")

    assert done.returncode == 0, done.stderr
    assert "15 of 15 pages read" in done.stdout
    assert list((installed.data / "data" / "demo").glob("report_*.md"))


def test_the_tree_is_read_only_and_the_user_has_no_powers(installed: Installed) -> None:
    touched = installed.run("touch", f"{installed.folder}/x", "/tmp/x", "/x")
    status = installed.run("cat", "/proc/self/status").stdout

    assert touched.stderr.count("Read-only file system") == 3
    powers = dict(
        line.split(":\t") for line in status.splitlines() if line.startswith(("Cap", "Uid", "NoNew"))
    )
    assert powers["Uid"].split() == [str(USER)] * 4
    assert {value for name, value in powers.items() if name.startswith("Cap")} == {"0" * 16}
    assert powers["NoNewPrivs"] == "1"


def test_settings_and_secrets_are_read_there(installed: Installed) -> None:
    token = installed.data / "token"
    token.write_text("xoxb-secret\n")
    os.chown(token, USER, USER)

    done = installed.paperboy("config", SLACK_BOT_TOKEN_FILE=str(token), PLATFORM="slack")

    assert done.returncode == 0, done.stderr
    assert "PLATFORM=slack   (changed)" in done.stdout
    assert "xoxb-secret" not in done.stdout + done.stderr


def test_the_doctor_finds_the_store_and_the_reading_well_there(installed: Installed) -> None:
    nowhere = dict.fromkeys(("ARXIV_URL", "ARXIV_RSS_URL", "ARXIV_API_URL"), "http://127.0.0.1:9")
    done = installed.paperboy("doctor", "--json", ARXIV_TRIES="1", **nowhere)

    found = {each["name"]: each for each in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1, done.stderr
    assert found["store"]["well"], found
    assert found["reading"]["well"], found
    assert not found["arXiv"]["well"], found


def test_the_health_check_says_no_where_nothing_runs(installed: Installed) -> None:
    done = installed.run(f"{installed.folder}/bin/python", "-I", "-m", "bot.probe", HTTP_LISTEN="127.0.0.1:9")

    assert (done.returncode, done.stdout) == (1, "127.0.0.1:9/healthz does not answer: Connection refused\n")


_NSPAWN = """
set -eu
mount -t tmpfs tmpfs "$1"; mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/up,workdir=$1/work" "$1/root"
cd "$1/root"
rm -rf etc/machine-id etc/systemd/system/*.wants
mkdir -p -m 700 etc/paperboy
mkdir -p mnt/spare && chmod 777 mnt/spare
cp -r "$2/units/." etc/systemd/system/
for name in $3; do install -m 600 /dev/null "etc/paperboy/$name"; done
printf %s "$4" > etc/paperboy/telegram_bot_token
printf 'PLATFORM=telegram\\nTELEGRAM_API_URL=%s\\n' "$5" > etc/paperboy/paperboy.env
exec systemd-nspawn --quiet --register=no --keep-unit -D "$1/root" --bind="$2/seen" --console=pipe \\
    /lib/systemd/systemd --unit=drill.target --show-status=0 --log-level=notice --log-target=console
"""
_TARGET = "[Unit]\nRequires=sysinit.target dbus.socket\nWants=paperboy.service drill.service\n"
_SERVICE = """[Unit]
After=paperboy.service dbus.socket
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
ExecStart=/bin/sh {seen}/drill.sh
StandardOutput=file:{seen}/told
"""
_DRILL = """
systemctl show paperboy -p ActiveState,StatusText,NRestarts
systemctl kill --signal=STOP --kill-who=main paperboy
tries=120
state() { systemctl show paperboy -P NRestarts,ActiveState | sort | tr '\\n' ' '; }
until [ "$(state)" = "1 active " ] || [ $tries = 0 ]; do
    tries=$((tries - 1))
    sleep 0.5
done
systemctl show paperboy -p ActiveState,StatusText,NRestarts
sh {cli} backup > {seen}/backup 2>&1
sh {cli} config > {seen}/config 2>&1
sh {cli} backup --to /mnt/spare > {seen}/spare 2>&1
systemctl stop paperboy
systemctl show paperboy -p ActiveState,ExecMainStatus,Result
cd /root
cp /mnt/spare/paperboy-*.db "fetched copy.db"
chmod 600 "fetched copy.db"
sh {cli} restore --yes "fetched copy.db" > {seen}/restored 2>&1
sh {cli} restore nothing.db --yes > {seen}/refused 2>&1
echo "code $?" >> {seen}/refused
ls /var/lib/paperboy > {seen}/left
"""


@pytest.mark.skipif(
    shutil.which("systemd-nspawn") is None,
    reason="systemd-nspawn is not installed (Debian: systemd-container)",
)
async def test_a_booted_systemd_runs_the_unit_and_starts_a_hanging_one_anew(installed: Installed) -> None:
    base = installed.folder.parent
    drop_in, seen, root = base / "units" / "paperboy.service.d", base / "seen", base / "root"
    for each in (drop_in, seen, root):
        each.mkdir(parents=True)
    unit = UNIT.read_text().replace(FOLDER, str(installed.folder))
    (base / "units" / UNIT.name).write_text(unit)
    # The day's demo runs first, in the sandbox of the service; then the service is watched, but closely.
    (drop_in / "drill.conf").write_text(
        f"[Service]\nExecStartPre={installed.folder}/bin/paperboy demo\nWatchdogSec=4\nRestartSec=1\n"
        f"StandardOutput=append:{seen}/out\nStandardError=append:{seen}/errors\nReadWritePaths=/mnt/spare\n"
    )
    (base / "units" / "drill.target").write_text(_TARGET)
    (base / "units" / "drill.service").write_text(_SERVICE.format(seen=seen))
    command = (DEPLOY / "paperboy-cli").read_text().replace(FOLDER, str(installed.folder))
    (seen / "paperboy-cli").write_text(command)
    (seen / "drill.sh").write_text(
        _DRILL.replace("{cli}", f"{seen}/paperboy-cli").replace("{seen}", str(seen))
    )
    names = " ".join(each.split(":")[0] for each in unit_settings("LoadCredential"))

    async with Telegram() as telegram:
        boot = await asyncio.create_subprocess_exec(
            # Killing it ends all that was begun in it.
            *("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"),
            *("--mount-proc", "sh", "-c", _NSPAWN, "sh"),
            *(root, base, names, telegram.token, telegram.url),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await asyncio.wait_for(boot.communicate(), 120)
        finally:
            if boot.returncode is None:
                boot.kill()
                await boot.wait()

    told = (seen / "told").read_text() if (seen / "told").exists() else said.decode()
    assert "15 of 15 pages read" in (seen / "out").read_text(), told
    begun, again, ended = _states(told)
    assert begun == {
        "ActiveState": "active",
        "NRestarts": "0",
        "StatusText": "Connected to telegram",
    }
    assert again == {
        "ActiveState": "active",
        "NRestarts": "1",
        "StatusText": "Connected to telegram",
    }
    assert ended == {"ActiveState": "inactive", "ExecMainStatus": "0", "Result": "success"}
    backup = (seen / "backup").read_text()
    assert "/var/lib/paperboy/backups/" in backup.partition(" is a sound copy of ")[0], backup
    assert "/mnt/spare/paperboy-" in (seen / "spare").read_text()
    restored = (seen / "restored").read_text()
    assert "fetched copy.db is sound." in restored, restored
    assert "/var/lib/paperboy/paperboy.db is restored." in restored
    assert "nothing.db is not there" in (seen / "refused").read_text()
    assert "code 2" in (seen / "refused").read_text()
    assert "given-" not in (seen / "left").read_text()
    assert "PLATFORM=telegram   (changed)" in (seen / "config").read_text()
    assert telegram.token not in (seen / "config").read_text()


def _states(told: str) -> list[dict[str, str]]:
    """The answers of `systemctl show`, three lines each."""
    pairs = [line.split("=", 1) for line in told.splitlines()]
    return [dict(pairs[at : at + 3]) for at in range(0, len(pairs), 3)]
