"""What a language needs to speak for Paperboy: its sentences as templates, its dates and its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from digest.model import AnnounceType, ClaimSection, Field


@dataclass(frozen=True, slots=True)
class Plural:
    """A template with `{n}`, for one and for any other number."""

    one: str
    other: str

    def __call__(self, number: int, **more: object) -> str:
        template = self.one if number == 1 else self.other
        return template.format(n=f"{number:,}", **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Names of things, without sentences around them."""

    arxiv_id: str
    authors: str
    submitted: str
    announced: str
    announce_type: str
    categories: str
    keywords: str
    comment: str
    journal_ref: str
    links: str
    code: str
    matched: str
    overview: str
    date: str
    basics: str
    abstract: str
    analysis: str  # by a model, from the full text
    analysis_of_abstract: str
    extracts: str  # quotes, from the full text
    extracts_of_abstract: str
    number_found: str
    scanned: str
    not_analysed: str
    basis: str
    quote: str
    notes: str
    full_analysis: str
    all_extracts: str
    in_one_line: str
    explain: str
    ask: str
    save: str
    irrelevant: str
    show_all: str
    settings: str
    pause: str  # for a week
    report: str
    experiments: str
    sections: Mapping[ClaimSection, str]
    missing: Mapping[ClaimSection, str]  # as named in "The paper does not say: ablations."
    types: Mapping[AnnounceType, str]
    fields: Mapping[Field, str]  # as in "vla in the title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """What Paperboy says, as templates; each is one sentence or one item of a line of facts."""

    title: str  # of a digest
    title_of_days: str  # of one that gathers several days
    papers: Plural
    new: Plural
    cross: Plural
    revised: Plural
    no_papers: str
    nothing_yet: str
    scanned: Plural
    next_digest: str
    announced: str
    delivered_late: str
    these_delivered_late: Plural
    more_matched: Plural
    and_more: Plural
    weekend: str
    holiday: str
    no_announcement: str
    late: Plural  # one or several categories
    late_of: Plural
    failed: Plural
    failed_of: Plural
    incomplete: Plural
    incomplete_of: Plural
    incomplete_note: Plural
    state_complete: Plural
    state_weekend: str
    state_holiday: str
    state_no_announcement: str
    state_late: str
    state_failed: str
    state_incomplete: str
    next_try: str
    none_matched: Plural
    none_matched_so_far: Plural
    nothing_new: str
    no_queries: str
    arrived: str
    arrived_nothing: Plural
    revision: str
    told_in_threads: Plural  # revisions, in the threads of the papers' first digests
    whole_below: str  # what follows the opening of an explanation
    why: str
    pages: Plural
    first_submitted: str
    more_authors: str
    paper_missing: str
    extracts_missing: str
    abstract_missing: str
    abstract_extracts_missing: str
    partly_missing: str
    basis_extracts: str
    basis_model: str
    basis_stand_in: str
    basis_abstract: str
    basis_abstract_extracts: str
    basis_abstract_stand_in: str
    model_failed: str  # these notes follow the basis, and are sentences of their own
    model_refused: str
    model_misconfigured: str
    model_unusable: str
    model_cut_off: str
    model_unfounded: str
    paper_too_long: str
    stand_in_for: str
    model_gave_nothing: str
    model_in_english: str
    model_in_other_language: str
    dropped: Plural
    in_pieces: Plural
    answer_not_said: str
    answer_passages: str
    answer_no_model: str
    answer_nothing: str
    newer: str
    not_told: str
    budget_day: str
    budget_channel: str
    budget_person: str
    budget_abstract: str
    budget_titles: str
    tokens_a_day: Plural
    dollars_a_day: str
    read: Plural
    left_out: str
    verified: Plural
    unverified_mark: str
    model: str
    cost: str
    only_title: str
    report_title: str
    report_made: str
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One language: `code` as in `Channel.language`, its labels, sentences, dates and punctuation."""

    code: str
    labels: Labels
    say: Sentences
    months: Sequence[str]
    weekdays: Sequence[str]
    long_date: str
    day_date: str
    short_date: str
    dated: str
    report_date: str
    moment: str
    separators: tuple[str, str]  # between the items of a list, and before the last
    brackets: tuple[str, str]
    colon: str
    comma: str
    semicolon: str
    space: str  # between sentences
    stop: str
    anchors: Sequence[tuple[str, str]]  # patterns and replacements that translate "§4.1, p. 5"
    reasons: Sequence[tuple[str, str]]  # the same for errors and notes that are worded in English

    def long(self, day: date) -> str:
        """A full date in words: "Tuesday 30 June 2026"."""
        return self._dated(self.long_date, day)

    def weekday_date(self, day: date) -> str:
        """A date of this year in words: "Tuesday 30 June"."""
        return self._dated(self.day_date, day)

    def short(self, day: date) -> str:
        """A date without its weekday: "30 June"."""
        return self._dated(self.short_date, day)

    def short_year(self, day: date) -> str:
        """A full date without its weekday: "30 June 2026"."""
        return self._dated(self.dated, day)

    def numeric(self, day: date) -> str:
        """A full date as reports give it: "30 June 2026", "2026年06月30日"."""
        return self._dated(self.report_date, day)

    def weekday(self, day: date) -> str:
        return self.weekdays[day.weekday()]

    def moment_of(self, when: datetime, zone: tzinfo) -> str:
        """A future moment with its date and zone: "Wednesday 1 July, 09:00 CEST"."""
        local = when.astimezone(zone)
        clock = f"{local:%H:%M}"
        return self.moment.format(date=self.weekday_date(local.date()), time=clock, zone=zone_name(local))

    def time_of(self, when: datetime, zone: tzinfo, *, today: date) -> str:
        """A moment as seen from a local date: "09:40", or with its date on any other day."""
        local = when.astimezone(zone)
        if local.date() == today:
            return f"{local:%H:%M}"
        return f"{self.weekday_date(local.date())} {local:%H:%M}"

    def join(self, items: Sequence[str]) -> str:
        """A list in words: "cs.AI, cs.CV and cs.RO"."""
        if len(items) < 2:
            return "".join(items)
        between, last = self.separators
        return between.join(items[:-1]) + last + items[-1]

    def bracketed(self, text: str) -> str:
        return text.join(self.brackets)

    def anchor(self, anchor: str) -> str:
        """An anchor as this language writes it: "§4.1, p. 5" or "第4.1节，第5页"."""
        for pattern, replacement in self.anchors:
            anchor = re.sub(pattern, replacement, anchor)
        return anchor

    def reason(self, text: str) -> str:
        """Why something failed, as far as this language knows the sentences."""
        for pattern, replacement in self.reasons:
            text = re.sub(pattern, replacement, text)
        return text

    def sentence(self, text: str) -> str:
        """The text with a full stop, unless it ends a sentence already."""
        text = text.rstrip()
        return text if text.endswith((".", "!", "?", "。", "！", "？", "…")) else text + self.stop

    def _dated(self, template: str, day: date) -> str:
        return template.format(
            weekday=self.weekday(day), day=day.day, month=self.months[day.month - 1], year=day.year, date=day
        )


def zone_name(local: datetime) -> str:
    """What people call the zone: "CEST", "UTC"; "UTC+08" where the zone has only an offset for a name."""
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" and name else name
