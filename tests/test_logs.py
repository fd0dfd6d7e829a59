"""Logs without secrets: whoever logs them, at any level, in any spelling."""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
import structlog
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.config import load
from bot.logs import configure
from bot.redaction import MARK, Redactor, know, redacted, secrets_of

BOT = "xoxb-2912-7781-Ab3dEfGhIjKlMnOpQrStUvWx"
TELEGRAM = "123456789:AAF3-abcdefghijklmnopqrstuvwxyz01234"
ODD = 'p/ss wörd+"quoted"\\%'


class Written:
    """What was written to stderr so far."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def text(self) -> str:
        return self._capsys.readouterr().err


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Written]:
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level = root.handlers[:], root.level
    yield Written(capsys)
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    know(())


def _everybody_logs(secret: str) -> None:
    """Our own logger, a library's at DEBUG, tracebacks, warnings, hooks: each with the secret in it."""
    log = structlog.get_logger("bot.test")
    joined = "bot" if len(secret) >= 8 else "bot/"  # shorter ones are known as whole words only
    log.info("event", token=secret, url=f"https://api.telegram.org/{joined}{quote(secret, safe='')}/getMe")
    log.debug("headers", headers={"Authorization": f"Bearer {secret}"})
    log.info(secret)
    try:
        raise ValueError(f"refused: {secret}")
    except ValueError as error:
        log.exception("broke")
        logging.getLogger("aiohttp").exception("broke too: %s", secret)
        sys.excepthook(type(error), error, error.__traceback__)
    library = logging.getLogger("httpx2.deep")
    library.debug("GET https://host/?q=%s", quote_plus(secret))
    library.warning({"json": json.dumps({"token": secret})})
    warnings.warn(f"old {secret}", stacklevel=1)
    thread = threading.Thread(target=_raise, args=(secret,))
    thread.start()
    thread.join()


def _raise(text: str) -> None:
    raise RuntimeError(text)


@pytest.mark.filterwarnings("always")
@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize("secret", [BOT, TELEGRAM, ODD, "sk-proj-1234567890", "short"])
def test_no_spelling_of_a_secret_is_written(written: Written, form: str, secret: str) -> None:
    configure("debug", form, [secret])

    _everybody_logs(secret)

    shown = written.text()
    assert shown.count(MARK) >= 10
    for spelling in (
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
    ):
        assert spelling not in shown, spelling


@pytest.mark.parametrize("form", ["console", "json"])
def test_tokens_that_are_no_setting_are_known_by_their_form(written: Written, form: str) -> None:
    configure("info", form)
    log = structlog.get_logger("bot.test")

    log.info("seen", a=f"{BOT} and xapp-1-A0-99-abcdef", b=f"https://api.telegram.org/bot{TELEGRAM}/getMe")
    log.info("seen", url="wss://wss-primary.slack.com/link/?ticket=5c0ffee-8&app_id=A1")
    log.info("seen", url="https://hooks.slack.com/commands/T1/123/AbCdEf", store="postgresql://pb:pw99@db/p")
    log.info("seen", header="Authorization: Bearer eyJhbGciOi.x", response_url="https://x.y/a/b")

    shown = written.text()
    for secret in (BOT, "xapp-1-A0-99-abcdef", TELEGRAM, "5c0ffee-8", "AbCdEf", "pw99", "eyJhbGciOi"):
        assert secret not in shown
    assert "app_id=A1" in shown
    assert "pb:" in shown


def test_each_line_of_json_is_json_with_the_library_named(written: Written) -> None:
    configure("info", "json")
    structlog.get_logger("bot.test").info("ours", number=1)
    logging.getLogger("lib").warning("theirs %d", 2)

    ours, theirs = map(json.loads, written.text().splitlines())

    assert (ours["event"], ours["level"], ours["number"]) == ("ours", "info", 1)
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("theirs 2", "warning", "lib")


@pytest.mark.parametrize(("level", "heard"), [("debug", True), ("info", False), ("warning", False)])
def test_libraries_are_heard_below_warnings_only_when_debugging(
    written: Written, level: str, heard: bool
) -> None:
    configure(level, "console")
    logging.getLogger("lib").debug("a detail")
    assert ("a detail" in written.text()) is heard


def test_the_secrets_are_those_of_all_secret_settings() -> None:
    settings = load(_env_file=None, slack_bot_token=BOT, openai_api_key="sk-1", telegram_bot_token=TELEGRAM)
    assert set(secrets_of(settings)) == {BOT, "sk-1", TELEGRAM}


def test_words_that_are_no_secrets_stay_as_they_are() -> None:
    text = "GET /abs/2606.30001v2 at 09:30, 1234567:890 tokens, key=value, token bucket, xox, 10.1145/3292500"
    know(["none"])
    assert redacted(f"{text} nonetheless") == f"{text} nonetheless"
    assert redacted("OPENAI_API_KEY=none") == f"OPENAI_API_KEY={MARK}"
    know(())


@given(st.text(min_size=8, max_size=60), st.text(max_size=40), st.text(max_size=40))
def test_any_secret_of_some_length_is_taken_out_wherever_it_stands(
    secret: str, before: str, after: str
) -> None:
    secret = secret.strip()
    assume(len(secret) >= 8 and secret not in MARK)

    told = Redactor([secret])(f"{before} {secret} {after}")

    assert secret not in told
    assert MARK in told
