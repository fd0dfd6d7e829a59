"""The values that flow through a day: from an announcement to a digest.

All are frozen; sequences are tuples; moments are aware UTC datetimes; days are arXiv's announcement days
(dates in America/New_York).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from digest.errors import InvalidIdentifier

_IDENTIFIER = re.compile(
    r"""(?:^|[:/\s(<=|])                                  # arXiv:, oai:arXiv.org:, /abs/, 10.48550/arXiv.
        (?:arxiv[.:]\s*)?
        (?P<id> \d{2}(?:0[1-9]|1[0-2])\.\d{4,5}           # 0704.0001, and 1501.00001 since January 2015
              | [a-z]+(?:-[a-z]+)*(?:\.[A-Z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3} )    # math.GT/0309136
        (?:v(?P<version>[1-9]\d{0,2}))?
        (?:\.pdf)?/?
        (?=$|[\s?#>|),;])""",
    re.VERBOSE | re.IGNORECASE,
)
_QUOTES = "\"'`“”‘’„«»「」『』 \t"
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?P<host>[^\s/?#<>|]*)[^\s<>|]*$", re.IGNORECASE)
# Sites whose addresses carry arXiv's identifiers.
_HOSTS = ("arxiv.org", "ar5iv.org", "doi.org", "alphaxiv.org", "huggingface.co")


def _is_known_site(before: str) -> bool:
    """Whether what stands before an identifier is no URL, or one of a site that carries identifiers."""
    url = _URL.search(before)
    if url is None:
        return True
    host = url["host"].rpartition("@")[2].partition(":")[0].lower().rstrip(".")
    return any(host == site or host.endswith(f".{site}") for site in _HOSTS)


@dataclass(frozen=True, slots=True, order=True)
class ArxivId:
    """An arXiv identifier without prefix (`2501.01234`, `hep-th/9901001`) and maybe a version.

    The forms are those of https://info.arxiv.org/help/arxiv_identifier.html.
    """

    id: str
    version: int | None = None

    @classmethod
    def parse(cls, text: str, *, any_site: bool = False) -> Self:
        """Read any common spelling: bare, `arXiv:`, `oai:arXiv.org:`, a DOI, an abs, pdf or html URL.

        Letters of full width, quotation marks around it and a full stop after it do no harm. A URL counts
        where its site carries arXiv's identifiers; with `any_site` also elsewhere, as in the pages of a
        mirror. Raises `InvalidIdentifier` with an example that works.
        """
        plain = unicodedata.normalize("NFKC", text).strip().lstrip(_QUOTES).rstrip(f"{_QUOTES}.。")
        match = _IDENTIFIER.search(plain)
        if match is None or not (any_site or _is_known_site(plain[: match.start("id")])):
            raise InvalidIdentifier(
                f"“{text.strip().strip(_QUOTES)[:80]}” is not an arXiv identifier. Try 1911.02782, "
                "hep-th/9901001v2 or https://arxiv.org/abs/1911.02782."
            )
        identifier = match["id"]
        if "/" in identifier:
            archive, number = identifier.split("/")
            head, _, tail = archive.partition(".")
            identifier = head.lower() + (f".{tail.upper()}" if tail else "") + f"/{number}"
        version = match["version"]
        return cls(identifier, int(version) if version else None)

    @property
    def bare(self) -> ArxivId:
        """The same paper, whichever version."""
        return ArxivId(self.id) if self.version else self

    @property
    def is_on_arxiv(self) -> bool:
        """Whether this can be an arXiv identifier; the name of a file from elsewhere is none."""
        return _IDENTIFIER.fullmatch(self.id) is not None

    @property
    def abs_url(self) -> str:
        return f"https://arxiv.org/abs/{self}"

    @property
    def pdf_url(self) -> str:
        return f"https://arxiv.org/pdf/{self}"

    def __str__(self) -> str:
        return self.id if self.version is None else f"{self.id}v{self.version}"


class AnnounceType(StrEnum):
    """How arXiv announces a paper, the strongest first."""

    NEW, CROSS = "new", "cross"
    REPLACE, REPLACE_CROSS = "replace", "replace-cross"

    @property
    def strength(self) -> int:
        """0 for the strongest."""
        return list(AnnounceType).index(self)

    @property
    def is_revision(self) -> bool:
        return self in (AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper's metadata, as far as its source tells it. `id` carries the version when known."""

    id: ArxivId
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # the primary category first
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    licence: str | None = None  # a URL, as in dc:rights
    submitted: date | None = None  # of version 1

    @property
    def primary_category(self) -> str | None:
        return self.categories[0] if self.categories else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A paper as announced on a day. `listed_in` are the categories whose listings named it."""

    paper: Paper
    type: AnnounceType
    day: date
    listed_in: tuple[str, ...] = ()


class DayState(StrEnum):
    """What is known of one category on one announcement day."""

    COMPLETE = "complete"
    EMPTY = "empty"  # arXiv announced nothing here; `CategoryDay.reason` says why
    LATE = "late"  # not announced yet as far as we can see
    TRUNCATED = "truncated"  # only a part could be fetched
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in (DayState.COMPLETE, DayState.EMPTY)


class EmptyReason(StrEnum):
    WEEKEND, HOLIDAY, NO_ANNOUNCEMENT = "weekend", "holiday", "no announcement"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDay:
    """One row of the ledger: how a category's announcement day was got, or why not.

    `counts` maps announce types to numbers of entries. `etag` and `last_modified` are the feed's validators
    for the next conditional request. `next_try` is None when the state is final.
    """

    category: str
    day: date
    state: DayState
    source: str = ""  # "rss", "atom", "list", "catchup"
    counts: tuple[tuple[AnnounceType, int], ...] = ()
    reason: EmptyReason | None = None
    note: str = ""  # one sentence for people, when something was wrong
    checked_at: datetime
    next_try: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None

    @property
    def total(self) -> int:
        return sum(number for _, number in self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryBatch:
    """What one fetch of a category-day brought: the ledger row and its announcements."""

    ledger: CategoryDay
    announcements: tuple[Announcement, ...] = ()


class Field(StrEnum):
    """Where a query hit a paper."""

    TITLE = "title"
    ABSTRACT = "abstract"
    AUTHOR = "author"
    CATEGORY = "category"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Why a paper matched: the phrase as the subscriber wrote it, where, and the words around it."""

    phrase: str
    field: Field
    snippet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An announcement that subscriptions asked for. `score` orders a digest, the highest first."""

    announcement: Announcement
    hits: tuple[Hit, ...]
    score: float = 0.0


class ClaimSection(StrEnum):
    """The parts of an analysis, in the order they are shown."""

    TLDR = "tldr"
    OVERVIEW = "overview"
    MOTIVATION = "motivation"
    CONTRIBUTIONS = "contributions"
    METHOD = "method"
    METRICS = "experiments.metrics"
    DATASETS = "experiments.datasets"
    BASELINES = "experiments.baselines"
    SETUP = "experiments.setup"
    RESULTS = "experiments.results"
    ABLATIONS = "experiments.ablations"
    LIMITATIONS = "limitations"
    # What a deep analysis adds.
    STEPS = "steps"  # how it works, step by step
    EQUATIONS = "equations"  # the key ones, in words
    REPRODUCTION = "reproduction"
    CRITIQUE = "critique"
    RELATED = "related"
    # What a question is answered with; in no analysis.
    ANSWER = "answer"


BRIEF_PARTS = tuple(ClaimSection)[: tuple(ClaimSection).index(ClaimSection.STEPS)]
DEEP_PARTS = tuple(section for section in ClaimSection if section is not ClaimSection.ANSWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of an analysis and the words of the paper that carry it.

    `text` is in the reader's language, `quote` verbatim. `anchor` ("§4.1, p. 5") is resolved from the
    paragraph by us, never written by a model. A caption's claim has no paragraph but a page.
    """

    section: ClaimSection
    text: str
    quote: str
    paragraph: int | None = None
    page: int | None = None
    anchor: str = ""
    verified: bool = False


class Depth(StrEnum):
    BRIEF = "brief"  # the digest's analysis
    DEEP = "deep"  # /explain

    @property
    def parts(self) -> tuple[ClaimSection, ...]:
        """The parts that an analysis of this depth has."""
        return DEEP_PARTS if self is Depth.DEEP else BRIEF_PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What an analysis was made from. `left_out` names whole sections that were not read."""

    kind: str  # "full text" or "abstract"
    pages: int = 0
    pages_read: int = 0
    left_out: tuple[str, ...] = ()
    note: str = ""  # why only the abstract, or what went wrong, in a sentence or two


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of a model and their cost in US dollars; zero for extracts."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A complete, checkable analysis of one version of one paper.

    `retry_at` is set where it only stands in for what the configured model could not write now: from that
    moment on it is worth making anew.
    """

    paper: ArxivId
    title: str
    language: str  # of the claims' text: "en", "zh-CN", ...
    depth: Depth
    claims: tuple[Claim, ...]
    missing: tuple[ClaimSection, ...] = ()
    links: tuple[str, ...] = ()  # code and project pages found in the paper
    warnings: tuple[str, ...] = ()  # hidden instructions and the like, one sentence each
    basis: Basis
    analyzer: str  # "extractive" or "openai:MODEL"
    prompt_version: str = ""
    usage: Usage = field(default_factory=Usage)
    created_at: datetime
    retry_at: datetime | None = None

    def of(self, section: ClaimSection) -> tuple[Claim, ...]:
        """The claims of one part, in order."""
        return tuple(claim for claim in self.claims if claim.section is section)

    @property
    def verified(self) -> int:
        return sum(claim.verified for claim in self.claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestItem:
    """A matched paper with its analysis, as it stands in a digest."""

    match: Match
    analysis: Analysis | None = None  # None: only the title is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one channel gets on one of its local dates.

    `days` are the announcement days it covers, `scanned` the announcements looked at, `ledger` the rows it
    rests on. `items` are analysed papers, best first; `more` are further matches beyond the cap. `weekdays`
    are those on which the channel has a digest, Monday 0: by them a day counts as delivered late. Where late
    papers were added, `told` holds how many items and further matches were told each time.
    """

    channel: str
    local_date: date
    categories: tuple[str, ...]
    queries: tuple[str, ...]
    language: str
    days: tuple[date, ...]
    scanned: int
    ledger: tuple[CategoryDay, ...]
    items: tuple[DigestItem, ...] = ()
    more: tuple[Match, ...] = ()
    next_at: datetime | None = None
    notes: tuple[str, ...] = ()  # further sentences for people, such as that a budget is used up
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    told: tuple[tuple[int, int], ...] = ()

    @property
    def parts(self) -> tuple[tuple[tuple[DigestItem, ...], tuple[Match, ...]], ...]:
        """Items and further matches as they were told, so that a number once said stays a paper's own."""
        items, more, parts = self.items, self.more, []
        for first, second in self.told or ((len(items), len(more)),):
            parts.append((items[:first], more[:second]))
            items, more = items[first:], more[second:]
        return tuple(parts)

    def numbered(self, *, start: int = 1) -> Iterator[tuple[int, DigestItem | Match]]:
        """The papers and the further matches under the numbers that they were told with."""
        for items, further in self.parts:
            yield from enumerate(items, start)
            yield from enumerate(further, start + len(items))
            start += len(items) + len(further)

    @property
    def matches(self) -> tuple[Match, ...]:
        """All it names by their numbers, the best first of what was told at a time."""
        return tuple(each.match if isinstance(each, DigestItem) else each for _, each in self.numbered())
