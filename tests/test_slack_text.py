"""What people wrote on Slack, as they meant it; and how to answer them, as it is kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.platforms.slack.address import Address, Source
from bot.platforms.slack.intake import Listener, command, message, press
from bot.platforms.slack.start import Identity
from bot.platforms.slack.text import meant, mentions, without_mention
from digest.people import Incoming

ME = Listener(me=Identity(team="T1", user="UBOT", bot="B1", name="paperboy"))
NOW = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("“world model”", '"world model"'),
        ("it’s a ‘test’", "it's a 'test'"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&amp;lt;", "&lt;"),
        ("<https://arxiv.org/abs/2301.13298>", "https://arxiv.org/abs/2301.13298"),
        ("<http://arxiv.org/abs/1|arxiv.org/abs/1>", "arxiv.org/abs/1"),
        ("<https://arxiv.org/abs/2301.13298|this paper>", "https://arxiv.org/abs/2301.13298"),
        ("<mailto:a@b.org|a@b.org>", "a@b.org"),
        ("ask <@U1> and <@U2|bo> in <#C1|robots> or <#C2>", "ask @Ada and @bo in #robots or #C2"),
        ("<!here> <!channel> <!subteam^S1|@team>", "@here @channel @team"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("  a\xa0b ", "a b"),
    ],
)
def test_slacks_escapes_are_taken_back(written: str, text: str) -> None:
    assert meant(written, {"U1": "Ada"}) == text


def test_a_mention_is_found_and_taken_out_wherever_it_stands() -> None:
    assert without_mention("<@UBOT>: subscribe vla", "UBOT") == "subscribe vla"
    assert without_mention("please <@UBOT|paperboy> help", "UBOT") == "please   help"
    assert mentions("hi <@UBOT>", "UBOT")
    assert not mentions("hi <@UBOTTLE>", "UBOT")


def test_an_address_survives_being_kept() -> None:
    address = Address(
        source=Source.HOME,
        user="U1",
        response_url="https://x",
        thread="1.2",
        place="#a",
        alone=True,
        cut=True,
    )
    said = Incoming(
        id="slack:1",
        channel="slack:T1/C1",
        person="slack:T1/U1",
        name="",
        text="",
        received_at=NOW,
        address=address.written(),
    )

    assert Address.of(said) == address
    assert said.address.startswith("pressed")


def test_the_same_message_has_one_id_whatever_event_brings_it() -> None:
    told = {"channel": "C1", "user": "U1", "ts": "1.5", "text": "<@UBOT> help"}
    as_message = message(told | {"channel_type": "channel"}, ME, names={}, at=NOW)
    as_mention = message(told, ME, names={}, at=NOW)

    assert as_message is not None
    assert as_message == as_mention
    assert as_message.id == "slack:T1/C1/1.5"
    assert (as_message.thread, as_message.text) == ("1.5", "help")


def test_a_mention_without_words_asks_for_help() -> None:
    said = message({"channel": "C1", "user": "U1", "ts": "1.5", "text": "<@UBOT>"}, ME, names={}, at=NOW)

    assert said is not None
    assert said.text == "/help"


def test_a_button_that_only_opens_an_address_says_nothing() -> None:
    body = {"actions": [{"action_id": "open:0", "type": "button"}], "container": {"channel_id": "C1"}}

    assert press(body, ME, home="", at=NOW) is None


def test_a_command_without_a_trigger_has_an_id_of_its_own() -> None:
    body = {"command": "/ask", "text": "why", "channel_id": "C1", "user_id": "U1"}
    one, again, other = (
        command(each, ME, at=NOW) for each in (body, dict(reversed(body.items())), body | {"text": "how"})
    )

    assert one.id == again.id != other.id


@pytest.mark.parametrize(
    ("container", "thread", "visible"),
    [
        ({"channel_id": "C1", "message_ts": "2.0"}, "2.0", ""),
        ({"channel_id": "C1", "message_ts": "2.0", "thread_ts": "1.0"}, "1.0", "1.0"),
        ({"channel_id": "C1", "message_ts": "2.0", "is_ephemeral": True}, None, ""),
        ({"channel_id": "D1", "message_ts": "2.0"}, None, ""),
    ],
)
def test_an_answer_to_a_press_goes_under_what_all_see(
    container: dict[str, object], thread: str | None, visible: str
) -> None:
    said = press({"actions": [{"value": "save 1"}], "container": container}, ME, home="", at=NOW)

    assert said is not None
    assert (said.thread, said.about, Address.of(said).thread) == (thread, "2.0", visible)
