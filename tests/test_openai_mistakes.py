"""Faults that a person or the caller must mend, and what nobody may see."""

import logging
import subprocess
import sys
import traceback
from datetime import UTC, datetime

import pytest

from digest.errors import ContextExceeded, ModelMisconfigured, ModelUnavailable
from digest.ports import Turn
from tests.peers import openai as peers
from tests.peers.arxiv import FakeTime
from tests.peers.openai import OpenAIPeer, ok
from tests.peers.openai_client import KEY, Analysis, asked, model_of


@pytest.fixture
def time() -> FakeTime:
    return FakeTime(datetime(2026, 6, 30, 13, tzinfo=UTC))


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (peers.error(403, "Country not supported"), "does not allow this key to use small .*OPENAI_API_KEY"),
        (peers.error(429, "You exceeded your current quota", code="insufficient_quota"), "no credit"),
        (peers.error(402, "Insufficient Balance"), "no credit left.*add credit there"),
        (peers.body(404, "<html>Not Found</html>", "text/html"), r"OPENAI_BASE_URL mostly ends in /v1"),
        (peers.error(400, "API key not valid. Please pass a valid API key."), "set OPENAI_API_KEY"),
        (peers.body(307, "", "text/html"), "OPENAI_BASE_URL"),
    ],
    ids=["403", "quota", "402", "path", "gemini", "redirect"],
)
async def test_what_a_person_must_mend_is_told_at_once(
    time: FakeTime, reply: peers.Reply, sentence: str
) -> None:
    async with OpenAIPeer() as peer:
        peer.script(reply)
        with pytest.raises(ModelMisconfigured, match=sentence):
            await asked(model_of(peer, time), schema=Analysis)

    assert len(peer.requests) == 1


async def test_an_unknown_model_is_named(time: FakeTime) -> None:
    async with OpenAIPeer() as peer:
        with pytest.raises(ModelMisconfigured, match=r"has no model gpt-9 .* set ANALYZER=openai:NAME"):
            await asked(model_of(peer, time, name="gpt-9"))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"base_url": "localhost:8080"}, "OPENAI_BASE_URL is not the address of a server"),
        ({"base_url": "http://localhost:99999/v1"}, "OPENAI_BASE_URL is not the address of a server"),
        ({"base_url": "https://api.openai.com/v1", "api_key": ""}, "OPENAI_API_KEY is not set"),
        ({"api_key": "sk-“quoted”"}, "OPENAI_API_KEY holds characters that no key has"),
    ],
)
async def test_settings_that_cannot_work_are_told_before_anything_is_sent(
    time: FakeTime, settings: dict[str, str], sentence: str
) -> None:
    async with OpenAIPeer() as peer:
        with pytest.raises(ModelMisconfigured, match=sentence):
            await asked(model_of(peer, time, **settings))

    assert peer.requests == []


async def test_a_text_that_is_too_long_is_the_callers_to_shorten(time: FakeTime) -> None:
    async with OpenAIPeer(context=300) as peer:
        with pytest.raises(ContextExceeded, match="too long for small") as caught:
            await asked(model_of(peer, time), schema=Analysis)

    assert caught.value.limit == 300
    assert len(peer.requests) == 1


async def test_a_conversation_that_ollama_cut_in_silence_is_noticed(time: FakeTime) -> None:
    counts = {"prompt_tokens": 4096, "completion_tokens": 5, "total_tokens": 4101}
    long = [Turn(role="user", text="We present S2ORC. " * 4000)]
    async with OpenAIPeer() as peer, model_of(peer, time) as model:
        peer.script(ok("Yes.", usage=counts, system_fingerprint="fp_ollama"))
        with pytest.raises(ContextExceeded, match="num_ctx") as caught:
            await model.complete(long, max_tokens=100)

    assert caught.value.limit == 4096


@pytest.mark.parametrize(
    "reply",
    [
        peers.error(401, f"Incorrect API key provided: {KEY}."),
        peers.error(403, f"{KEY} may not do this"),
        peers.error(500, f"failed for {KEY}"),
        peers.error(400, f"bad request by {KEY}"),
        peers.failing_stream("We", message=f"{KEY} is blocked", code=403),
        peers.disconnect(),
    ],
)
async def test_the_key_is_in_no_message_log_or_trace(
    time: FakeTime, reply: peers.Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with OpenAIPeer(key=KEY) as peer:
        peer.script(*[reply] * 12)
        model = model_of(peer, time)
        with pytest.raises((ModelMisconfigured, ModelUnavailable)) as caught:
            await asked(model)

    trace = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    ours = [line for line in trace.splitlines() if "reply" not in line and "peer" not in line]
    assert KEY not in str(caught.value) + repr(vars(model)) + caplog.text
    assert KEY not in "\n".join(ours)


async def test_a_wrong_key_is_told_without_showing_it(time: FakeTime) -> None:
    async with OpenAIPeer(key="sk-right") as peer:
        with pytest.raises(ModelMisconfigured, match=r"refuses the key \(HTTP 401\); set OPENAI_API_KEY"):
            await asked(model_of(peer, time))
        with pytest.raises(ModelMisconfigured, match=r"asks for a key"):
            await asked(model_of(peer, time, api_key=""))


def test_the_openai_package_is_imported_only_when_a_model_is_asked() -> None:
    code = "import sys, bot.app, bot.cli, digest.analysis.openai_model, bot.model_check; "
    code += "sys.exit(any(name in sys.modules for name in ('openai', 'httpx2')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
