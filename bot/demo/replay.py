"""`paperboy demo`: one recorded day of arXiv through the real product, on this machine alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.cli.progress import progress
from bot.cli.start import start
from bot.config import Settings
from bot.delivery import deliver
from bot.demo.arxiv_server import ArxivServer
from bot.first_channel import TERMINAL, first_channel
from bot.parts import Parts
from bot.platforms.console import ConsolePlatform
from bot.schedule import next_run
from bot.values import parse_language
from digest.channel import Channel
from digest.model import Digest

DATA = Path(__file__).with_name("data")
DAY = date(2026, 6, 30)
MORNING = datetime(2026, 6, 30, 13, 0, tzinfo=UTC)  # 9 o'clock in New York
CATEGORIES = ("cs.CV", "cs.AI", "cs.CL")
# The predecessor's six keywords, and two that find the papers whose PDFs may be shipped.
KEYWORDS = (
    "Vision Language Action",
    "vla",
    "Vision-Language-Action",
    "Multivariate Time Series Forecasting",
    "spatio-temporal prediction",
    "traffic prediction",
    "open research corpus",
    "faithfulness AND human evaluation",
)

_OPENING = f"""\
Paperboy, demonstrated: arXiv's announcements of {DAY:%A} {DAY.day} {DAY:%B %Y} in {", ".join(CATEGORIES)},
replayed by a small server on this machine and fetched, matched, read, analysed, stored and delivered
by the real code, without a language model. Only two papers are licensed so that their PDFs may be
shipped (S2ORC, 1911.02782, and LongEval, 2301.13298, CC BY 4.0): they are replayed as if announced
in cs.CL that day and read whole. The others are analysed from their abstracts, and say so.
"""

_CLOSING = """

The whole day as a Markdown report: {english}
                        in Chinese: {chinese}

To go on
  make run                          live arXiv in this terminal; then try /subscribe, /explain, /help
  .venv/bin/paperboy explain {file} --json
                                    one PDF, every claim with its quote, paragraph and page
  .env.example                      every setting: categories, keywords, time, language, mirrors
  .venv/bin/paperboy demo --platform slack      the same day in a Slack channel; or telegram
"""


async def replay(out: Path, language: str) -> None:
    """Print the recorded day's digest with its threads and write its reports into `out`."""
    print(_OPENING, flush=True)
    begin_anew(out)
    async with ArxivServer(clock=_morning) as arxiv:
        arxiv.replay(DATA)
        arxiv.keeps_pdfs_back = True
        with progress() as told:
            async with Parts(demo_settings(arxiv.url, out, language), clock=_morning, watch=told) as parts:
                digest, channel = await _make(parts)
                platform = ConsolePlatform(state=out / "demo.db.console")
                await deliver(channel, store=parts.store, platform=platform, clock=_morning)
    english, chinese = _reports(out, digest, channel)
    print(_CLOSING.format(english=english, chinese=chinese, file=_shown(DATA / "acl_2020.acl-main.447.pdf")))


def begin_anew(out: Path) -> None:
    """Make the folder, and forget what an earlier demo remembered in it."""
    out.mkdir(parents=True, exist_ok=True)
    for left in ("demo.db", "demo.db-wal", "demo.db-shm", "demo.db.console"):
        (out / left).unlink(missing_ok=True)


def demo_settings(url: str, out: Path, language: str, **changes: Any) -> Settings:
    """The settings of the demo's bot, which reads the small arXiv at `url`."""
    values: dict[str, Any] = {
        "store": f"sqlite:///{out}/demo.db",
        "report_dir": out,
        "categories": CATEGORIES,
        "keywords": KEYWORDS,
        "language": parse_language(language),
        "timezone": "America/New_York",
        "arxiv_rss_url": url,
        "arxiv_api_url": url,
        "arxiv_url": url,
        "arxiv_pdf_url": url,
        "arxiv_feed_gap": 0,
        "arxiv_page_gap": 0,
    }
    return start(_env_file=None, **(values | changes))


async def _make(parts: Parts) -> tuple[Digest, Channel]:
    channel = await first_channel(parts, parts.settings)
    await parts.store.claim_digest(channel, DAY, next_run_at=next_run(channel, DAY), at=MORNING)
    claimed = await parts.store.channel(TERMINAL)
    assert claimed is not None
    return await parts.daily.deliver(claimed, DAY), claimed


def _reports(out: Path, digest: Digest, channel: Channel) -> tuple[str, str]:
    from digest.report import report

    for language in ("en", "zh-CN"):
        text = report(digest, language=language, timezone=channel.timezone)
        (out / f"report_{DAY}_{language}.md").write_text(text, encoding="utf-8")
    return _shown(out / f"report_{DAY}_en.md"), _shown(out / f"report_{DAY}_zh-CN.md")


def _shown(path: Path) -> str:
    """The path as short as it can be written from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _morning() -> datetime:
    return MORNING
