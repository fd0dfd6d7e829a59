"""The configured analyzer: extracts, or a language model with what it may spend."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config import Settings
from bot.values import parse_budget
from bot.watch.seams import CountedPurse
from bot.watch.tally import Tally
from digest.analysis import ExtractiveAnalyzer
from digest.analysis.budget import Budgets, Prices, Purse, Scope
from digest.analysis.llm import LlmAnalyzer
from digest.analysis.llm_calls import LlmSettings
from digest.analysis.openai_model import OpenAIModel
from digest.analysis.openai_wire import Patience
from digest.clock import Clock, Sleep, sleep, utc_now
from storage import Store

_FENCE = "fence"  # under which the store keeps this installation's own


@asynccontextmanager
async def open_model(
    settings: Settings, store: Store | None = None, *, clock: Clock = utc_now, sleep: Sleep = sleep
) -> AsyncIterator[OpenAIModel]:
    """The model that ANALYZER names; what is learnt of its server is kept in the store, if there is one."""
    model = OpenAIModel(
        settings.analyzer.removeprefix("openai:"),
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key,
        reasoning_effort=settings.openai_reasoning_effort,
        patience=Patience(whole=settings.openai_seconds),
        memory=store,
        clock=clock,
        sleep=sleep,
    )
    async with model:
        yield model


@asynccontextmanager
async def open_writer(
    settings: Settings, store: Store | None = None, *, clock: Clock = utc_now, sleep: Sleep = sleep
) -> AsyncIterator[LlmAnalyzer | None]:
    """The analyzer that writes with the configured model; None where extracts are configured."""
    if settings.analyzer == "extractive":
        yield None
        return
    async with open_model(settings, store, clock=clock, sleep=sleep) as model:
        yield LlmAnalyzer(
            model,
            fallback=ExtractiveAnalyzer(clock=clock),
            clock=clock,
            settings=LlmSettings(
                paper_tokens=settings.paper_tokens,
                context_tokens=settings.openai_context or None,
                prices=prices(settings),
            ),
            secret=await _secret(store),
        )


async def _secret(store: Store | None) -> bytes:
    """What fences papers off in prompts, so that no author can know it; kept as long as the store."""
    if store is None:
        return secrets.token_bytes(32)
    known = await store.meta(_FENCE)
    if known is None:
        known = secrets.token_hex(32)
        await store.set_meta(_FENCE, known)
    return bytes.fromhex(known)


def prices(settings: Settings) -> Prices:
    """Dollars per million tokens."""
    cached = settings.price_in if settings.price_cached is None else settings.price_cached
    return Prices(prompt=settings.price_in, cached=cached, completion=settings.price_out)


def purse(settings: Settings, store: Store, clock: Clock, tally: Tally) -> Purse:
    """What may be spent today; what is spent is tallied."""
    limits = {
        Scope.DAY: parse_budget(settings.budget_day),
        Scope.CHANNEL: parse_budget(settings.budget_channel),
        Scope.PERSON: parse_budget(settings.budget_person),
    }
    budgets = Budgets(
        limits={scope: limit for scope, limit in limits.items() if limit is not None}, prices=prices(settings)
    )
    return CountedPurse(store=store, budgets=budgets, clock=clock, tally=tally)
