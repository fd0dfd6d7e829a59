"""Settings: the defaults run, and every wrong value gets one sentence with an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import describe, env_example, load
from bot.values import parse_days, parse_keywords, parse_time
from digest.errors import InvalidSetting

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for line in describe(load()):
        monkeypatch.delenv(line.name, raising=False)


def test_the_defaults_run_without_any_setting() -> None:
    settings = load()
    assert settings.platform == "console"
    assert settings.analyzer == "extractive"
    assert settings.categories == ("cs.AI", "cs.LG", "cs.RO", "cs.CV")
    assert "vla" in settings.keywords


def test_the_env_example_is_what_the_settings_say() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example()


def test_every_setting_is_explained() -> None:
    assert all(line.description.endswith((".", ".)")) for line in describe(load()))


@pytest.mark.parametrize(
    ("name", "value", "example"),
    [
        ("CATEGORIES", "robotics!", "cs.RO"),
        ("CATEGORIES", " , ", "cs.RO"),
        ("KEYWORDS", 'vla, "open', "vla"),
        ("DIGEST_AT", "25:00", "09:00"),
        ("DIGEST_AT", "nine", "09:00"),
        ("DIGEST_DAYS", "someday", "mon-fri"),
        ("DIGEST_CAP", "many", "10"),
        ("TIMEZONE", "Mars/Olympus", "Europe/Paris"),
        ("TIMEZONE", "../../etc/passwd", "Europe/Paris"),
        ("LANGUAGE", "klingon", "zh-CN"),
        ("ANALYZER", "magic", "extractive"),
        ("PLATFORM", "irc", "console"),
        ("ARXIV_URL", "not a url", "https://arxiv.org"),
        ("PDF_SECONDS", "-1", "30"),
        ("LOG_LEVEL", "loud", "info"),
        ("REVISIONS", "perhaps", "off"),
    ],
)
def test_a_wrong_setting_gets_one_sentence_with_an_example(
    name: str, value: str, example: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSetting) as caught:
        load()
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert message.endswith(".")
    assert example in message
    assert "\n" not in message


def test_all_wrong_settings_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_AT", "late")
    monkeypatch.setenv("TIMEZONE", "Nowhere")
    with pytest.raises(InvalidSetting) as caught:
        load()
    assert len(str(caught.value).splitlines()) == 2


def test_a_value_can_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contact").write_text("team@lab.example\n")
    monkeypatch.setenv("CONTACT_FILE", str(tmp_path / "contact"))
    assert load().contact == "team@lab.example"


def test_a_missing_settings_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTACT_FILE", "/nowhere/contact")
    with pytest.raises(InvalidSetting, match="CONTACT_FILE: /nowhere/contact cannot be read"):
        load()


def test_the_environment_wins_over_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("DIGEST_AT=07:00\nDIGEST_CAP=3\nUNKNOWN=1\n")
    monkeypatch.setenv("DIGEST_AT", "08:00")
    assert (load().digest_at, load().digest_cap) == ("08:00", 3)


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("vla, traffic prediction", ("vla", "traffic prediction")),
        (
            "vla, vision language action; diffusion AND policy",
            ("vla, vision language action", "diffusion AND policy"),
        ),
        ("大模型，强化学习", ("大模型", "强化学习")),
        ("vla,,vla", ("vla",)),
    ],
)
def test_keywords_are_separate_subscriptions(text: str, queries: tuple[str, ...]) -> None:
    assert parse_keywords(text) == queries


@pytest.mark.parametrize(
    ("text", "time"),
    [("9", "09:00"), ("09:30", "09:30"), ("17.45", "17:45"), ("0830", "08:30"), ("8h15", "08:15")],
)
def test_times_are_read_as_people_write_them(text: str, time: str) -> None:
    assert parse_time(text) == time


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("daily", (0, 1, 2, 3, 4, 5, 6)),
        ("Mon, Wed,Friday", (0, 2, 4)),
        ("sat-mon", (0, 5, 6)),
    ],
)
def test_days_are_read_as_people_write_them(text: str, days: tuple[int, ...]) -> None:
    assert parse_days(text) == days
