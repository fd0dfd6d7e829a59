"""Settings: from the environment and `.env`, every one with a default that runs.

`describe()` is the single list from which `paperboy config` and `.env.example` are made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.env_file import read_env_file, unknown_names
from bot.values import (
    parse_analyzer,
    parse_budget,
    parse_categories,
    parse_days,
    parse_keywords,
    parse_language,
    parse_time,
    parse_timezone,
)
from digest.errors import InvalidSetting

ENV_FILE = Path(".env")

Words = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """All settings of a Paperboy process. Field names in capitals are the environment's names."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_file_encoding="utf-8-sig", extra="ignore", frozen=True
    )

    platform: Literal["console"] = Field("console", description="Where people talk to Paperboy: console.")
    store: str = Field(
        "sqlite:///data/paperboy.db", description="Where everything is remembered: a SQLite file."
    )
    analyzer: str = Field(
        "extractive",
        description="Who writes analyses: extractive (verbatim extracts, no key needed), or openai:MODEL on "
        "any OpenAI-compatible server.",
    )
    openai_api_key: SecretStr = Field(SecretStr(""), description="Key for OPENAI_BASE_URL, if it wants one.")
    openai_base_url: str = Field(
        "https://api.openai.com/v1", description="The model's server: OpenAI's or any that speaks its API."
    )
    openai_reasoning_effort: str = Field(
        "", description="For reasoning models: minimal, low, medium or high; empty: the model's default."
    )
    openai_context: int = Field(
        0, ge=0, description="Tokens the model can hold; 0: as its server tells, else learnt when it refuses."
    )
    openai_seconds: float = Field(900.0, gt=0, description="Longest time for one answer, in seconds.")
    paper_tokens: int = Field(
        60_000, ge=1_000, description="Most tokens of one paper sent to a model; more is left out and named."
    )
    price_in: float = Field(
        0.0, ge=0, description="Dollars per million prompt tokens, for costs and budgets."
    )
    price_cached: float | None = Field(
        None, ge=0, description="Dollars per million cached prompt tokens; empty: as PRICE_IN."
    )
    price_out: float = Field(0.0, ge=0, description="Dollars per million completion tokens.")
    budget_day: str = Field(
        "", description="Most that models may take a day: tokens (2000000) or dollars ($5); empty: no limit."
    )
    budget_channel: str = Field("", description="The same for one channel.")
    budget_person: str = Field("", description="The same for what one person asks for.")
    categories: Words = Field(
        ("cs.AI", "cs.LG", "cs.RO", "cs.CV"),
        description="arXiv categories of the terminal's channel, separated by commas.",
    )
    keywords: Words = Field(
        (
            "vision language action",
            "vla",
            "multivariate time series forecasting",
            "spatio-temporal prediction",
            "traffic prediction",
        ),
        description="First subscriptions of the terminal's channel, separated by commas (or by ; where a "
        "query has commas of its own). Later ones are made with /subscribe.",
    )
    language: str = Field(
        "en",
        description="Language of digests, reports and analyses: en, zh-CN; others for a model's analyses.",
    )
    timezone: str = Field(
        "local", description="Time zone of the terminal's channel: Europe/Paris, UTC or local."
    )
    digest_at: str = Field("09:00", description="Local time of the daily digest.")
    digest_days: str = Field("mon-fri", description="Days of the digest: mon-fri, daily, or mon,wed,fri.")
    digest_cap: int = Field(10, ge=1, le=100, description="Papers analysed per digest; the rest are titles.")
    revisions: bool = Field(False, description="Also tell of revised papers (arXiv's replacements).")
    contact: str = Field(
        "", description="Your e-mail or page, sent to arXiv in the User-Agent, as its terms ask."
    )
    report_dir: Path = Field(Path("data/reports"), description="Folder for the day's Markdown reports.")
    pdf_seconds: float = Field(30.0, gt=0, description="Longest time for reading one PDF, in seconds.")
    pdf_megabytes: int = Field(64, ge=1, description="Largest PDF fetched or read, in MiB.")
    pdf_pages: int = Field(300, ge=1, description="Pages read of one PDF at most.")
    text_days: int = Field(90, ge=1, description="Days that extracted texts are kept.")
    arxiv_rss_url: str = Field(
        "https://rss.arxiv.org", description="Base URL of arXiv's feeds (or a mirror)."
    )
    arxiv_api_url: str = Field("https://export.arxiv.org", description="Base URL of arXiv's API.")
    arxiv_url: str = Field("https://arxiv.org", description="Base URL of arXiv's listings and papers.")
    arxiv_pdf_url: str = Field(
        "", description="Base URL of PDFs; empty: export.arxiv.org for the real arXiv, else ARXIV_URL."
    )
    arxiv_feed_gap: float = Field(
        3.0, ge=0, description="Least seconds between requests to arXiv (its terms ask for 3)."
    )
    arxiv_page_gap: float = Field(
        15.0, ge=0, description="Least seconds between listing pages (its robots.txt asks for 15)."
    )
    arxiv_timeout: float = Field(30.0, gt=0, description="Seconds without a byte before a request fails.")
    arxiv_tries: int = Field(4, ge=1, le=10, description="How often a request to arXiv that fails is made.")
    source_url: str = Field(
        "", description="Where people find the source of this Paperboy; shown by /about, as the AGPL asks."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    log_format: Literal["console", "json"] = Field("console", description="How logs on stderr look.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over `.env`; a `NAME_FILE` in either holds a path to the value."""
        named = getattr(dotenv_settings, "env_file", None)
        files = _FileSource(settings_cls, Path(named) if named else None)
        return init_settings, env_settings, files, dotenv_settings

    @field_validator("platform", mode="before")
    @classmethod
    def _platform(cls, value: object) -> object:
        if value in ("slack", "telegram"):
            raise ValueError("Slack and Telegram come with a later release; this one speaks console")
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("analyzer")
    @classmethod
    def _analyzer(cls, value: str) -> str:
        return parse_analyzer(value)

    @field_validator("categories", mode="before")
    @classmethod
    def _categories(cls, value: object) -> object:
        return parse_categories(value) if isinstance(value, str) else value

    @field_validator("keywords", mode="before")
    @classmethod
    def _keywords(cls, value: object) -> object:
        return parse_keywords(value) if isinstance(value, str) else value

    @field_validator("language")
    @classmethod
    def _language(cls, value: str) -> str:
        return parse_language(value)

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        return parse_timezone(value)

    @field_validator("digest_at")
    @classmethod
    def _digest_at(cls, value: str) -> str:
        return parse_time(value)

    @field_validator("digest_days")
    @classmethod
    def _digest_days(cls, value: str) -> str:
        parse_days(value)
        return value

    @field_validator("price_cached", mode="before")
    @classmethod
    def _price(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("budget_day", "budget_channel", "budget_person")
    @classmethod
    def _budget(cls, value: str) -> str:
        parse_budget(value)
        return value.strip()

    @field_validator("arxiv_rss_url", "openai_base_url", "arxiv_api_url", "arxiv_url", "arxiv_pdf_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
            raise ValueError(f"“{value}” is not a base URL; try https://arxiv.org")
        return value.rstrip("/")


class _FileSource(PydanticBaseSettingsSource):
    """Values from files named by `NAME_FILE` variables, as secrets are mounted by containers and systemd."""

    def __init__(self, settings_cls: type[BaseSettings], env_file: Path | None) -> None:
        super().__init__(settings_cls)
        self._named = {**(read_env_file(env_file) if env_file else {}), **os.environ}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = self._named.get(f"{field_name.upper()}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except OSError as error:
            raise InvalidSetting(
                f"{field_name.upper()}_FILE: {path} cannot be read ({error.strerror})."
            ) from error

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in _fields().items()}
        return {name: value for name, value in found.items() if value is not None}


def load(**overrides: Any) -> Settings:
    """The settings of this process. Raises `InvalidSetting`, one sentence for each setting that is wrong."""
    if overrides.get("_env_file", ENV_FILE) is not None:
        read_env_file(ENV_FILE)  # refuses in our words what pydantic would pass over or break on
    try:
        return _priced(Settings(**overrides))
    except ValidationError as error:
        sentences = [_sentence(str(each["loc"][0]), dict(each)) for each in error.errors()]
        raise InvalidSetting("\n".join(sentences)) from error


def _priced(settings: Settings) -> Settings:
    """The settings, unless a budget in dollars has no prices to count with. Raises `InvalidSetting`."""
    budgets = {name: getattr(settings, name) for name in ("budget_day", "budget_channel", "budget_person")}
    for name, value in budgets.items():
        if value.startswith("$") and not settings.price_in and not settings.price_out:
            raise InvalidSetting(
                f"{name.upper()}={value} counts dollars, but PRICE_IN and PRICE_OUT are not set; set them, "
                f"or count tokens, for example {name.upper()}=2000000."
            )
    return settings


def unknown_settings() -> Iterator[str]:
    """A sentence for each name in `.env`, or very near ours in the environment, that is no setting."""
    return unknown_names(
        [name.upper() for name in _fields()],
        in_file=read_env_file(ENV_FILE),
        in_environment=os.environ,
        path=ENV_FILE,
    )


# What is wrong with a value, by pydantic's name for it (https://docs.pydantic.dev/latest/errors/validation_errors/).
_WRONG = {
    "int_parsing": "is not a whole number",
    "int_parsing_size": "is not a whole number of a usual size",
    "int_from_float": "is not a whole number",
    "float_parsing": "is not a number",
    "bool_parsing": "is neither on nor off",
    "greater_than": "is not more than {gt:g}",
    "greater_than_equal": "is less than {ge:g}",
    "less_than_equal": "is more than {le:g}",
    "literal_error": "is none of {expected}",
}


def _sentence(name: str, error: Mapping[str, Any]) -> str:
    default = _fields()[name].default
    example = _shown(default) or "https://arxiv.org"
    wrong = _WRONG.get(str(error["type"]))
    if wrong is not None:
        message = f"“{str(error['input'])[:60]}” {wrong.format(**error.get('ctx', {}))}"
    else:
        message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    if "; try" in message or message.endswith("?"):
        return f"{name.upper()}: {message}" + ("" if message.endswith("?") else ".")
    return f"{name.upper()}: {message}; for example {name.upper()}={example}."


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingLine:
    """One setting as `paperboy config` shows it. Secrets are never shown."""

    name: str
    value: str
    default: str
    description: str


def describe(settings: Settings) -> Iterator[SettingLine]:
    """Every setting with its value and its default."""
    for name, field in _fields().items():
        yield SettingLine(
            name=name.upper(),
            value=_shown(getattr(settings, name)),
            default=_shown(field.default),
            description=field.description or "",
        )


def env_example() -> str:
    """The text of `.env.example`: every setting, commented out, at its default."""
    head = (
        "# Settings of Paperboy. Copy to .env and change what you need; every line here is the default.\n"
        "# What you change later is applied at the next start; subscriptions are only ever added.\n"
    )
    lines = [
        f"\n# {line.description}\n# {line.name}={line.default}\n"
        for line in describe(Settings.model_construct())
    ]
    tail = "\n# Any setting can also be read from a file: CONTACT_FILE=/run/secrets/contact\n"
    return head + "".join(lines) + tail


def _fields() -> Mapping[str, FieldInfo]:
    return Settings.model_fields


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "(set)" if value.get_secret_value() else ""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
