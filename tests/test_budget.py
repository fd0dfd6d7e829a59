"""Budgets: nothing is spent beyond them, and people are told when less is done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.analysis.budget import Budgets, Decision, Limit, Prices, Purse, Rung, Scope, decide, total
from digest.model import Usage
from storage import open_store

NOW = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
FULL = Usage(prompt_tokens=10_000, completion_tokens=2_000)
ABSTRACT = Usage(prompt_tokens=900, completion_tokens=100)


def budgets(**limits: Limit) -> Budgets:
    return Budgets(
        limits={Scope(name): limit for name, limit in limits.items()},
        prices=Prices(prompt=1.0, cached=0.1, completion=5.0),
        full=FULL,
        abstract=ABSTRACT,
    )


def test_a_usage_costs_what_the_prices_say_and_cached_tokens_less() -> None:
    prices = Prices(prompt=2.0, cached=0.5, completion=10.0)
    usage = Usage(prompt_tokens=1_000_000, cached_tokens=400_000, completion_tokens=100_000)
    assert prices.cost(usage) == pytest.approx(1.2 + 0.2 + 1.0)
    assert prices.priced(Usage(prompt_tokens=5, cost=0.25)).cost == 0.25


@pytest.mark.parametrize(
    ("spent", "rung"),
    [
        (0, Rung.FULL),
        (8_000, Rung.FULL),
        (8_001, Rung.ABSTRACT),
        (19_000, Rung.ABSTRACT),
        (19_001, Rung.TITLES),
    ],
)
def test_the_ladder_goes_down_one_rung_at_a_time(spent: int, rung: Rung) -> None:
    decision = decide(budgets(day=Limit(tokens=20_000)), {Scope.DAY: Usage(prompt_tokens=spent)})
    assert decision.rung is rung
    assert bool(decision.notice("en")) is (rung is not Rung.FULL)


def test_dollars_bound_as_tokens_do() -> None:
    bound = budgets(channel=Limit(dollars=0.03))
    assert decide(bound, {Scope.CHANNEL: Usage(cost=0.005)}).rung is Rung.FULL  # 0.02 for one more
    assert decide(bound, {Scope.CHANNEL: Usage(cost=0.015)}).rung is Rung.ABSTRACT


def test_the_notice_says_whose_budget_and_what_follows() -> None:
    decision = decide(
        budgets(day=Limit(tokens=10**9), person=Limit(tokens=20_000)),
        {Scope.DAY: Usage(), Scope.PERSON: Usage(prompt_tokens=10_000)},
    )
    assert decision.notice("en") == (
        "Your budget of 20,000 tokens a day is nearly used up: until midnight UTC, "
        "papers are analysed from their abstracts."
    )
    assert "20,000" in decision.notice("zh-CN")
    assert decision.notice("zh-CN").endswith("仅根据摘要分析论文。")


def test_without_limits_nothing_is_bounded() -> None:
    assert decide(budgets(), {Scope.DAY: Usage(prompt_tokens=10**12)}) == Decision(rung=Rung.FULL)


@given(
    st.lists(st.integers(0, 30_000), max_size=60),
    st.integers(0, 200_000),
)
def test_no_day_goes_over_its_budget_by_more_than_was_reckoned(sizes: list[int], limit: int) -> None:
    bound = budgets(day=Limit(tokens=limit))
    spent = Usage()
    for size in sizes:
        reckoned = Usage(prompt_tokens=size)
        rung = decide(bound, {Scope.DAY: spent}, full=reckoned).rung
        spent = total(spent, {Rung.FULL: reckoned, Rung.ABSTRACT: ABSTRACT, Rung.TITLES: Usage()}[rung])
    assert spent.prompt_tokens + spent.completion_tokens <= limit


async def test_a_purse_remembers_by_day_channel_and_person() -> None:
    now = NOW
    async with open_store("sqlite:///:memory:") as store:
        bound = budgets(day=Limit(tokens=50_000), channel=Limit(tokens=20_000), person=Limit(tokens=14_000))
        purse = Purse(store=store, budgets=bound, clock=lambda: now)
        await purse.spend(FULL, channel="slack:C1", person="ada", model="openai:m")
        await purse.spend(Usage(), channel="slack:C1", person="ada")
        assert (await purse.decide(channel="slack:C1", person="ada")).rung is Rung.ABSTRACT
        assert (await purse.decide(channel="slack:C1", person="bob")).short is Scope.CHANNEL
        assert (await purse.decide(channel="slack:C2", person="bob")).rung is Rung.FULL
        now += timedelta(minutes=2)
        assert (await purse.decide(channel="slack:C1", person="ada")).rung is Rung.FULL
        assert await store.usage(NOW.date(), channel="slack:C1") == FULL
        assert await store.usage(NOW.date(), until=now.date()) == FULL
