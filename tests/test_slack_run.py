"""`paperboy run` as a process on Slack: it answers, and ends quickly and quietly."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest

from tests.peers.arxiv import Arxiv
from tests.peers.slack import Slack, furnish
from tests.test_run import PAPERBOY, WAIT, environment


async def _started(folder: Path, arxiv: Arxiv, slack: Slack, **more: str) -> asyncio.subprocess.Process:
    variables = environment(folder, arxiv) | {
        "PLATFORM": "slack",
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.url,
        # Slack's own SDK would take these up.
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "SLACK_CLIENT_ID": "1.1",
        "SLACK_CLIENT_SECRET": "x",
    }
    return await asyncio.create_subprocess_exec(
        *PAPERBOY,
        "run",
        env=variables | more,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_answers_on_slack_and_ends_at_once_when_asked(tmp_path: Path) -> None:
    async with Arxiv() as arxiv, Slack(per_channel=None) as slack:
        furnish(slack)
        process = await _started(tmp_path, arxiv, slack, LOG_LEVEL="error")
        async with asyncio.timeout(WAIT):
            await slack.wire.connected.wait()
            await (await slack.command("/subscribe", "vla", user="U1", channel="C1")).ack()
            while not slack.ephemerals("U1"):
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)

        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, errors = await asyncio.wait_for(process.communicate(), WAIT)

        assert (process.returncode, out, errors) == (0, b"", b"")
        assert time.monotonic() - began < 1


@pytest.mark.parametrize("token", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
async def test_a_wrong_token_ends_it_with_one_sentence(tmp_path: Path, token: str) -> None:
    async with Arxiv() as arxiv, Slack() as slack:
        wrong = "xoxb-wrong" if token == "SLACK_BOT_TOKEN" else "xapp-wrong"
        process = await _started(tmp_path, arxiv, slack, **{token: wrong}, LOG_LEVEL="error")

        _, errors = await asyncio.wait_for(process.communicate(), WAIT)

        assert process.returncode == 2
        (sentence,) = errors.decode().splitlines()
        assert f"Slack does not know the token in {token}" in sentence
        assert wrong not in sentence
