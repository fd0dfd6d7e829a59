"""`make pictures`: the demo's conversations as they look on Slack and Telegram, shot with headless Chromium.

Chromium and fonts are Debian's packages `chromium`, `fonts-noto-core`, `fonts-noto-cjk`.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bot.demo.chat_replay import DemoTime, play
from bot.demo.scenes import scene

OUT = Path(__file__).parents[1] / "docs" / "pictures"
SIZES = {"slack": (820, 1640), "telegram": (640, 1640)}  # pixels
# What keeps a headless Chromium from asking its maker's servers.
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def main() -> int:
    """Shoot every platform's page; 1 where Chromium is missing."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("Needs Debian's packages: apt-get install chromium fonts-noto-core fonts-noto-cjk")
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    for platform, (width, height) in SIZES.items():
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.html"
            page.write_text(asyncio.run(_page(platform, Path(folder))), encoding="utf-8")
            picture = OUT / f"{platform}.png"
            command = [
                chromium,
                *QUIET,
                f"--user-data-dir={folder}/profile",
                f"--window-size={width},{height}",
                f"--screenshot={picture}",
                page.as_uri(),
            ]
            subprocess.run(command, check=True, timeout=120, capture_output=True)
            print(f"{picture.relative_to(OUT.parents[1])}: {picture.stat().st_size // 1024} KiB")
    return 0


async def _page(platform: str, folder: Path) -> str:
    time = DemoTime()
    stage = scene(platform, time.clock)
    await play(stage, time, folder / "demo", "en")
    return stage.page()


if __name__ == "__main__":
    sys.exit(main())
