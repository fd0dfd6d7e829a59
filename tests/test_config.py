"""Settings: the defaults run, and every wrong value gets one sentence with an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load, unknown_settings
from bot.config_listing import describe, env_example
from bot.values import parse_categories, parse_days, parse_keywords, parse_language, parse_time
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
        ("CATEGORIES", "cs.CV, cs", "“cs” is an archive, and arXiv is asked category by category; try cs.AI"),
        ("KEYWORDS", 'vla, "open', "vla"),
        ("DIGEST_AT", "25:00", "09:00"),
        ("DIGEST_AT", "nine", "09:00"),
        ("DIGEST_DAYS", "someday", "mon-fri"),
        ("DIGEST_CAP", "many", "“many” is not a whole number; for example DIGEST_CAP=10."),
        ("DIGEST_CAP", "0", "“0” is less than 1; for example DIGEST_CAP=10."),
        ("PRICE_CACHED", "0,05", "“0,05” is not a number; for example PRICE_CACHED=0.05."),
        ("PRICE_IN", "nan", "“nan” is no finite number; for example PRICE_IN=0."),
        ("PDF_SECONDS", "1e300", "“1e300” is more than 3600; for example PDF_SECONDS=30."),
        ("PRICE_IN", "free", "“free” is not a number; for example PRICE_IN=0."),
        ("TIMEZONE", "Mars/Olympus", "Europe/Paris"),
        ("TIMEZONE", "../../etc/passwd", "Europe/Paris"),
        ("LANGUAGE", "klingon", "zh-CN"),
        ("ANALYZER", "magic", "extractive"),
        ("PLATFORM", "irc", "console"),
        ("ARXIV_URL", "not a url", "https://arxiv.org"),
        ("PDF_SECONDS", "-1", "30"),
        ("LOG_LEVEL", "loud", "info"),
        ("REVISIONS", "perhaps", "“perhaps” is neither on nor off; for example REVISIONS=off."),
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


@pytest.mark.parametrize(("text", "near"), [("cs.R0", "cs.RO"), ("csCV", "cs.CV"), ("quantph", "quant-ph")])
def test_a_category_that_arxiv_does_not_have_is_refused_with_the_nearest(text: str, near: str) -> None:
    with pytest.raises(InvalidSetting, match=f"is not an arXiv category; did you mean {near}"):
        parse_categories(f"cs.RO, {text}")


def test_categories_are_read_in_any_case_and_written_as_arxiv_does() -> None:
    assert parse_categories("cs.ro CS.AI, HEP-th; Cond-Mat.Soft, gr-qc") == (
        "cs.RO",
        "cs.AI",
        "hep-th",
        "cond-mat.soft",
        "gr-qc",
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [("EN", "en"), ("en_US:en", "en"), ("de_DE:en", "de-DE"), ("zh_CN.UTF-8", "zh-CN"), ("zh-Hans", "zh-CN")],
)
def test_languages_are_read_as_people_and_desktops_write_them(text: str, language: str) -> None:
    assert parse_language(text) == language


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


def test_the_file_with_a_value_can_be_named_in_the_env_file(tmp_path: Path) -> None:
    (tmp_path / "contact").write_text("team@lab.example\n")
    (tmp_path / ".env").write_text("CONTACT_FILE=contact\n")
    assert load().contact == "team@lab.example"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("CATEGORIE=cs.RO", "unknown setting CATEGORIE in .env; did you mean CATEGORIES?"),
        ("DIGEST_TIME=08:00", "unknown setting DIGEST_TIME in .env; did you mean DIGEST_AT?"),
        ("OPENAI_API_KYE=k", "unknown setting OPENAI_API_KYE in .env; did you mean OPENAI_API_KEY?"),
        ("FROBNICATE=1", "unknown setting FROBNICATE in .env; paperboy config lists those there are."),
    ],
)
def test_a_name_in_the_env_file_that_is_no_setting_is_told(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DIGEST_CAP=3\nexport digest_at=08:00\n{text}\n")
    assert list(unknown_settings()) == [says]


def test_names_of_others_are_not_taken_for_typing_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("TZ=UTC\nCOMPOSE_PROJECT_NAME=x\nCONTACT_FILE=c\nSLACK_BOT_TOKEN=t\n")
    for name in ("STORES", "CONTENT", "LANGUAGE_SERVER", "OPENAI_API_BASE", "KEY", "DIGESTS"):
        monkeypatch.setenv(name, "x")
    assert list(unknown_settings()) == []


def test_a_typing_error_in_the_environment_is_told_when_it_is_very_near(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CATEGORIE", "cs.RO")
    assert list(unknown_settings()) == [
        "unknown setting CATEGORIE in the environment; did you mean CATEGORIES?"
    ]


@pytest.mark.parametrize("wrong", ["CATEGORIES cs.RO", "=cs.RO", "CATEGORIES", "DIGEST_AT='08:00"])
def test_a_line_of_the_env_file_that_sets_nothing_is_named(wrong: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"# mine\nDIGEST_CAP=3\n\n{wrong}\nLANGUAGE=zh\n")
    with pytest.raises(InvalidSetting, match=r"^Line 4 of \.env is not NAME=value"):
        load()


def test_an_env_file_that_is_a_folder_or_not_text_is_refused(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_bytes(b"CONTACT=\xff\n")
    with pytest.raises(InvalidSetting, match=r"\.env is not UTF-8 text"):
        load()
    env.unlink()
    env.mkdir()
    with pytest.raises(InvalidSetting, match=r"\.env is a folder"):
        load()


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


def test_a_budget_in_dollars_needs_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUDGET_DAY", "$5")
    with pytest.raises(InvalidSetting, match="PRICE_IN and PRICE_OUT are not set"):
        load()
    monkeypatch.setenv("PRICE_IN", "0.25")
    assert load().budget_day == "$5"


def test_an_address_that_is_empty_is_the_default_one() -> None:
    settings = load(_env_file=None, arxiv_url="", slack_api_url=" ", telegram_webhook_url="")
    assert settings.arxiv_url == load(_env_file=None).arxiv_url
    assert settings.slack_api_url == load(_env_file=None).slack_api_url
    assert settings.telegram_webhook_url == ""


def test_a_password_within_an_address_is_not_shown() -> None:
    given = load(_env_file=None, openai_base_url="http://ada:opensesame@127.0.0.1:8080/v1")
    (line,) = [each for each in describe(given) if each.name == "OPENAI_BASE_URL"]
    assert "opensesame" not in line.value
    assert "127.0.0.1:8080/v1" in line.value
