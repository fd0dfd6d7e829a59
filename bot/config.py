"""Settings: from the environment and `.env`, every one with a default that runs.

The single list from which `paperboy config` and `.env.example` are made (`bot/config_listing.py`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.agreement import agreeing
from bot.env_file import read_env_file, unknown_names
from bot.secret_files import FileSource
from bot.setting_words import sentence
from bot.values import (
    parse_admin_channel,
    parse_analyzer,
    parse_budget,
    parse_categories,
    parse_days,
    parse_keywords,
    parse_language,
    parse_listen,
    parse_platforms,
    parse_prefix,
    parse_slack_channel,
    parse_telegram_chat,
    parse_time,
    parse_timezone,
)
from digest.errors import InvalidSetting

ENV_FILE = Path(".env")

Words = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """All settings of a Paperboy process. Field names in capitals are the environment's names."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_file_encoding="utf-8-sig", extra="ignore", frozen=True, allow_inf_nan=False
    )

    platform: str = Field(
        "console", description="Where people talk to Paperboy: console, slack, telegram, or slack, telegram."
    )
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
    openai_seconds: float = Field(
        900.0, gt=0, le=86_400, description="Longest time for one answer, in seconds."
    )
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
    slack_bot_token: SecretStr = Field(
        SecretStr(""), description="Slack: the bot token (xoxb-...) of the app made from deploy/'s manifest."
    )
    slack_app_token: SecretStr = Field(
        SecretStr(""), description="Slack: the app token (xapp-...) with connections:write, for Socket Mode."
    )
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), description="Slack: the signing secret; with SLACK_MODE=http only."
    )
    slack_mode: Literal["socket", "http"] = Field(
        "socket", description="Slack: socket (no public address needed) or http (requests to /slack/events)."
    )
    slack_channel: str = Field(
        "",
        description="Slack: the first channel (C0123ABCD), with KEYWORDS as its first subscriptions; "
        "others begin with /subscribe.",
    )
    slack_prefix: str = Field(
        "", description="Slack: put before every command, where others use the same names: pb- gives /pb-ask."
    )
    slack_api_url: str = Field("https://slack.com/api", description="Base URL of Slack's Web API.")
    telegram_bot_token: SecretStr = Field(
        SecretStr(""), description="Telegram: the token that @BotFather gave you."
    )
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling",
        description="Telegram: polling (no public address needed) or webhook (to /telegram/webhook).",
    )
    telegram_webhook_url: str = Field(
        "", description="Telegram: the public https address of the webhook; with TELEGRAM_MODE=webhook only."
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""), description="Telegram: the webhook's secret token; empty: made at the first start."
    )
    telegram_chat: str = Field(
        "",
        description="Telegram: the first chat (-1001234567890, or with a topic -1001234567890/77), with "
        "KEYWORDS as its first subscriptions; others begin with /subscribe.",
    )
    telegram_unsure: Literal["probe", "resend"] = Field(
        "probe",
        description="Telegram: what to do about a message that may have arrived: probe (ask for it by its "
        "keyboard) or resend.",
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="Base URL of Telegram's Bot API (or your own server's)."
    )
    http_listen: str = Field(
        "127.0.0.1:8080",
        description="Where /healthz, /readyz and /metrics are served, and requests of Slack or Telegram "
        "taken with http or webhook; empty: nowhere.",
    )
    admin_channel: str = Field(
        "",
        description="Where troubles are told, such as days without arXiv: slack:C0123ABCD, "
        "telegram:-1001234567890 or console; empty: in the log and /status only.",
    )
    contact: str = Field(
        "", description="Your e-mail or page, sent to arXiv in the User-Agent, as its terms ask."
    )
    report_dir: Path = Field(Path("data/reports"), description="Folder for the day's Markdown reports.")
    backup_dir: Path = Field(Path("data/backups"), description="Folder for the store's daily backups.")
    backup_keep: int = Field(14, ge=0, description="Daily backups kept; 0: none are made.")
    pdf_seconds: float = Field(
        30.0, gt=0, le=3_600, description="Longest time for reading one PDF, in seconds."
    )
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
        files = FileSource(settings_cls, Path(named) if named else None)
        return init_settings, env_settings, files, dotenv_settings

    @property
    def platforms(self) -> tuple[str, ...]:
        """The names of PLATFORM: "console", "slack", "telegram"."""
        return tuple(self.platform.split(", "))

    @property
    def takes_requests(self) -> bool:
        """Whether a platform tells of things by requests to HTTP_LISTEN."""
        slack = "slack" in self.platforms and self.slack_mode == "http"
        return slack or ("telegram" in self.platforms and self.telegram_mode == "webhook")

    @field_validator("platform")
    @classmethod
    def _platform(cls, value: str) -> str:
        return ", ".join(parse_platforms(value))

    @field_validator(
        "log_level", "log_format", "slack_mode", "telegram_mode", "telegram_unsure", mode="before"
    )
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

    @field_validator("slack_channel")
    @classmethod
    def _slack_channel(cls, value: str) -> str:
        return parse_slack_channel(value)

    @field_validator("telegram_chat")
    @classmethod
    def _telegram_chat(cls, value: str) -> str:
        return parse_telegram_chat(value)

    @field_validator("slack_prefix")
    @classmethod
    def _slack_prefix(cls, value: str) -> str:
        return parse_prefix(value)

    @field_validator("http_listen")
    @classmethod
    def _http_listen(cls, value: str) -> str:
        if value.strip():
            parse_listen(value)
        return value.strip()

    @field_validator("admin_channel")
    @classmethod
    def _admin_channel(cls, value: str) -> str:
        return parse_admin_channel(value)

    @field_validator(
        "arxiv_rss_url",
        "openai_base_url",
        "arxiv_api_url",
        "arxiv_url",
        "arxiv_pdf_url",
        "slack_api_url",
        "telegram_api_url",
        "telegram_webhook_url",
    )
    @classmethod
    def _url(cls, value: str, info: ValidationInfo) -> str:
        if not value.strip():
            return str(cls.model_fields[str(info.field_name)].default)
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
            raise ValueError(f"“{value}” is not a base URL; one begins with http:// or https://")
        return value.rstrip("/")


def load(**overrides: Any) -> Settings:
    """The settings of this process. Raises `InvalidSetting`, one sentence for each setting that is wrong."""
    if overrides.get("_env_file", ENV_FILE) is not None:
        read_env_file(ENV_FILE)  # refuses in our words what pydantic would pass over or break on
    try:
        return agreeing(Settings(**overrides))
    except ValidationError as error:
        sentences = [
            sentence(name.upper(), dict(each), default=fields()[name].default)
            for each in error.errors()
            if (name := str(each["loc"][0]))
        ]
        raise InvalidSetting("\n".join(sentences)) from error


def unknown_settings() -> Iterator[str]:
    """A sentence for each name in `.env`, or very near ours in the environment, that is no setting."""
    return unknown_names(
        [name.upper() for name in fields()],
        in_file=read_env_file(ENV_FILE),
        in_environment=os.environ,
        path=ENV_FILE,
    )


def fields() -> Mapping[str, FieldInfo]:
    """The settings by name."""
    return Settings.model_fields
