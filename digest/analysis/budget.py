"""What may be spent: prices, budgets per day, channel and person, and the ladder down when they run out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from enum import StrEnum

from digest.clock import Clock
from digest.model import Usage
from digest.ports import Store
from digest.wording import wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars per million tokens, as the provider lists them; zero where nobody told."""

    prompt: float = 0.0
    cached: float = 0.0
    completion: float = 0.0

    def cost(self, usage: Usage) -> float:
        """Dollars for a usage; cached tokens are a part of the prompt's."""
        fresh = max(0, usage.prompt_tokens - usage.cached_tokens)
        total = (
            fresh * self.prompt
            + usage.cached_tokens * self.cached
            + usage.completion_tokens * self.completion
        )
        return total / 1_000_000

    def priced(self, usage: Usage) -> Usage:
        """The usage with its cost, unless whoever served it told one."""
        if usage.cost:
            return usage
        return Usage(
            prompt_tokens=usage.prompt_tokens,
            cached_tokens=usage.cached_tokens,
            completion_tokens=usage.completion_tokens,
            cost=self.cost(usage),
        )


def total(*usages: Usage) -> Usage:
    """Several usages as one."""
    return Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        cached_tokens=sum(usage.cached_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        cost=sum(usage.cost for usage in usages),
    )


def tokens_of(usage: Usage) -> int:
    """Prompt and completion tokens together."""
    return usage.prompt_tokens + usage.completion_tokens


class Scope(StrEnum):
    """Whose spending of a day a budget bounds."""

    DAY = "day"  # everybody together
    CHANNEL = "channel"
    PERSON = "person"


class Rung(StrEnum):
    """How much of a paper is still paid for, the most first."""

    FULL = "full"
    ABSTRACT = "abstract"
    TITLES = "titles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most of one day; None is without end."""

    tokens: int | None = None
    dollars: float | None = None

    def allows(self, spent: Usage, more: Usage) -> bool:
        """Whether `more` can be spent after `spent`."""
        within_tokens = self.tokens is None or tokens_of(spent) + tokens_of(more) <= self.tokens
        return within_tokens and (self.dollars is None or spent.cost + more.cost <= self.dollars)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """The limits of a day, and what an analysis of a full text and of an abstract is expected to take."""

    limits: Mapping[Scope, Limit] = field(default_factory=dict)
    prices: Prices = field(default_factory=Prices)
    # Half of the papers need a second call, which mends what failed.
    full: Usage = field(default_factory=lambda: Usage(prompt_tokens=30_000, completion_tokens=6_000))
    abstract: Usage = field(default_factory=lambda: Usage(prompt_tokens=2_000, completion_tokens=1_500))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The rung that today's budgets allow, and the scope whose budget is short where it is not the first."""

    rung: Rung
    short: Scope | None = None
    limit: Limit = field(default_factory=Limit)
    spent: Usage = field(default_factory=Usage)

    def notice(self, language: str) -> str:
        """What people are told, in a sentence; empty on the first rung."""
        if self.short is None:
            return ""
        say = wording(language).say
        template = {
            Scope.DAY: say.budget_day,
            Scope.CHANNEL: say.budget_channel,
            Scope.PERSON: say.budget_person,
        }[self.short]
        rest = say.budget_abstract if self.rung is Rung.ABSTRACT else say.budget_titles
        return template.format(budget=self._budget(language), rest=rest)

    def _budget(self, language: str) -> str:
        say = wording(language).say
        if self.limit.tokens is None:
            return say.dollars_a_day.format(dollars=f"{self.limit.dollars or 0:g}")
        return say.tokens_a_day(self.limit.tokens)


def decide(budgets: Budgets, spent: Mapping[Scope, Usage], *, full: Usage | None = None) -> Decision:
    """The highest rung on which every budget can pay for one more paper.

    `spent` are the day's totals so far; a scope that is not in it (nobody asked) is not bounded. `full` is
    what this paper is expected to take, where that is known better than on average.
    """
    first_short: Decision | None = None
    for rung, more in ((Rung.FULL, full or budgets.full), (Rung.ABSTRACT, budgets.abstract)):
        short = _short(budgets, spent, budgets.prices.priced(more))
        if short is None:
            return _at(rung, first_short)
        first_short = first_short or Decision(
            rung=rung, short=short, limit=budgets.limits[short], spent=spent[short]
        )
    return _at(Rung.TITLES, first_short)


def _at(rung: Rung, short: Decision | None) -> Decision:
    if short is None:
        return Decision(rung=rung)
    return Decision(rung=rung, short=short.short, limit=short.limit, spent=short.spent)


def _short(budgets: Budgets, spent: Mapping[Scope, Usage], more: Usage) -> Scope | None:
    """The first scope whose budget cannot pay for it."""
    return next(
        (
            scope
            for scope, limit in budgets.limits.items()
            if scope in spent and not limit.allows(spent[scope], more)
        ),
        None,
    )


class Purse:
    """What is spent and may be spent today, as the Store remembers it. Days are UTC's."""

    def __init__(self, *, store: Store, budgets: Budgets, clock: Clock) -> None:
        self._store = store
        self._budgets = budgets
        self._clock = clock
        self._turn = asyncio.Lock()
        self._held: dict[object, tuple[str, str, Usage]] = {}

    @asynccontextmanager
    async def allowed(
        self, *, channel: str = "", person: str = "", full: Usage | None = None
    ) -> AsyncIterator[Decision]:
        """The rung for one more paper, with what it is expected to take held back until the block ends.

        So papers under way at once do not each count on the same rest of a budget.
        """
        hold = object()
        async with self._turn:
            decision = await self.decide(channel=channel, person=person, full=full)
            expected = {Rung.FULL: full or self._budgets.full, Rung.ABSTRACT: self._budgets.abstract}
            self._held[hold] = channel, person, expected.get(decision.rung, Usage())
        try:
            yield decision
        finally:
            del self._held[hold]

    def _with_held(self, spent: Usage, *, channel: str = "", person: str = "") -> Usage:
        held = (
            self._budgets.prices.priced(usage)
            for their_channel, their_person, usage in self._held.values()
            if channel in ("", their_channel) and person in ("", their_person)
        )
        return total(spent, *held)

    async def decide(self, *, channel: str = "", person: str = "", full: Usage | None = None) -> Decision:
        """The rung for one more paper that this channel and person ask for."""
        if not self._budgets.limits:
            return Decision(rung=Rung.FULL)
        today = self._clock().astimezone(UTC).date()
        spent = {Scope.DAY: self._with_held(await self._store.usage(today))}
        if channel:
            usage = await self._store.usage(today, channel=channel)
            spent[Scope.CHANNEL] = self._with_held(usage, channel=channel)
        if person:
            usage = await self._store.usage(today, person=person)
            spent[Scope.PERSON] = self._with_held(usage, person=person)
        return decide(self._budgets, spent, full=full)

    async def spend(self, usage: Usage, *, channel: str = "", person: str = "", model: str = "") -> None:
        """Remember what a call took; nothing for what was taken from the store."""
        if tokens_of(usage):
            day = self._clock().astimezone(UTC).date()
            await self._store.record_usage(usage, day=day, channel=channel, person=person, model=model)
