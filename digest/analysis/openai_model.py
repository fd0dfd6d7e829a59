"""A language model behind any OpenAI-compatible server, spoken to by chat completions alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import SecretStr

from digest.analysis.budget import Prices, total
from digest.analysis.openai_answers import Answer, counted, json_object, without_thoughts
from digest.analysis.openai_context import context_of, context_of_props, props_address
from digest.analysis.openai_dialect import (
    Dialect,
    Memory,
    ProcessMemory,
    Tier,
    from_json,
    heeding,
    lower_tier,
    simpler,
)
from digest.analysis.openai_faults import Fault, Meaning, Place, unavailable
from digest.analysis.openai_request import Ask, Request, asked, build
from digest.analysis.openai_schema import strict_schema
from digest.analysis.openai_wire import OnText, Patience, Wire
from digest.clock import Clock, Sleep, sleep, utc_now
from digest.errors import ContextExceeded, ModelMisconfigured, ModelUnavailable
from digest.model import Usage
from digest.ports import Completion, Finish, Turn

if TYPE_CHECKING:
    from pydantic import BaseModel

OPENAI_URL = "https://api.openai.com/v1"
_READ_AGAIN = timedelta(days=1)  # what the memory says of a server gets old there
_MOST_CHANGES = 12  # of dialect in one call; each is a call that the server refused or did not heed


class OpenAIModel:
    """A `TextModel` on a server that speaks OpenAI's chat completions.

    What the server refuses (a schema, a parameter, two turns of one role) is left away and remembered. After
    a break in the middle of a stream the answer is asked for anew; `on_text("")` says that it starts over.
    Use it as an async context manager, or call `aclose`.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str = OPENAI_URL,
        api_key: str | SecretStr = "",
        prices: Prices | None = None,
        reasoning_effort: str = "",
        temperature: float | None = None,
        cache_key: bool | None = None,
        patience: Patience | None = None,
        memory: Memory | None = None,
        clock: Clock = utc_now,
        sleep: Sleep = sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """`cache_key` sends `prompt_cache_key`; None: to OpenAI's own service only."""
        secret = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        key = SecretStr(secret.strip())
        self.name = f"openai:{model}"
        address = base_url.strip().rstrip("/").removesuffix("/chat/completions") or OPENAI_URL
        self._place = Place(model=model, base_url=address, key=key)
        self._prices = prices or Prices()
        self._effort = reasoning_effort
        self._temperature = temperature
        self._sends_cache_key = self._place.is_openai if cache_key is None else cache_key
        self._patience = patience or Patience()
        self._memory: Memory = memory or ProcessMemory()
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._wire = Wire(self._place, self._patience, clock)
        self._known: Dialect | None = None
        self._kept: Dialect | None = None  # what the memory holds
        self._read_at = clock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connection."""
        await self._wire.aclose()

    async def complete(
        self,
        turns: Sequence[Turn],
        /,
        *,
        max_tokens: int,
        schema: type[BaseModel] | None = None,
        cache_key: str = "",
        on_text: OnText | None = None,
    ) -> Completion:
        """Answer the conversation; see `TextModel.complete`.

        The usage holds every call that was paid for. `data` has all fields of the schema where the server
        kept to it; what the fields hold is for the caller to check.
        """
        ask = self._ask(turns, max_tokens, schema, cache_key, watched=on_text is not None)
        dialect, spent = await self.dialect(), Usage()
        for _ in range(_MOST_CHANGES):
            request = build(ask, dialect)
            outcome = await self._patiently(request, on_text)
            if isinstance(outcome, Fault):
                dialect = _asked_otherwise(outcome, dialect, ask, request)
                continue
            completion = self._completion(outcome, ask, spent)
            spent = completion.usage
            changed = _asked_lower(completion, dialect, ask)
            if changed is None:
                await self._learn(dialect, completion, ask)
                return completion
            dialect = changed
            _start_over(on_text)
        raise ModelMisconfigured(
            f"{self._place.server} refuses every form of request; is OPENAI_BASE_URL right?"
        )

    async def dialect(self) -> Dialect:
        """What is known of the server's ways, from this process or the memory."""
        if self._known is None or self._clock() - self._read_at > _READ_AGAIN:
            self._read_at = self._clock()
            kept = from_json(await self._memory.meta(self._place.memory_key), self._read_at)
            self._known = self._kept = kept
        return self._known

    def forget(self) -> None:
        """Start over with the fullest form of request, as if nothing had been refused."""
        self._known, self._kept, self._read_at = Dialect(), None, self._clock()

    async def context(self) -> int | None:
        """The model's context in tokens, where the server tells it; None where it does not.

        Raises as `complete` does if the server refuses the key; other faults count as not told.
        """
        listed = await self._wire.look("/models")
        if isinstance(listed, Fault):
            if listed.wrong_key:
                raise ModelMisconfigured(listed.sentence)
            return None
        told = context_of(listed, self._place.model)
        if not told.llamacpp:
            return told.tokens
        props = await self._wire.look(props_address(self._place.base_url))
        served = None if isinstance(props, Fault) else context_of_props(props)
        return served or told.tokens

    def _ask(
        self,
        turns: Sequence[Turn],
        max_tokens: int,
        schema: type[BaseModel] | None,
        cache_key: str,
        *,
        watched: bool,
    ) -> Ask:
        return Ask(
            model=self._place.model,
            turns=tuple(turns),
            max_tokens=max_tokens,
            schema=schema,
            effort=self._effort,
            temperature=self._temperature,
            cache_key=cache_key if self._sends_cache_key else "",
            marked=bool(cache_key) and self._place.is_openai,
            watched=watched,
        )

    async def _patiently(self, request: Request, on_text: OnText | None) -> Answer | Fault:
        """One answer, with a bounded number of tries; a fault that no other try can mend."""
        attempt = 0
        while True:
            attempt += 1
            outcome = await self._wire.exchange(request, on_text)
            outcome = self._judged(outcome)
            if isinstance(outcome, Answer) or outcome.meaning is not Meaning.AGAIN:
                return outcome
            wait = self._wait_after(outcome, attempt)
            self._give_up(outcome, attempt, wait)
            _start_over(on_text)
            await self._sleep(wait)

    def _judged(self, answer: Answer | Fault) -> Answer | Fault:
        """An answer that is none is a fault; a refusal for its content is an answer, and cost nothing."""
        if isinstance(answer, Fault):
            refused = answer.meaning is Meaning.REFUSED
            return Answer(refusal=answer.sentence, ended="refusal", usage={}) if refused else answer
        if answer.finish is None:
            return unavailable("broke its answer off", self._place)
        if answer.finish is Finish.STOP and not without_thoughts(answer.text):
            return unavailable("gave an empty answer", self._place, most=2)
        return answer

    def _wait_after(self, fault: Fault, attempt: int) -> float:
        """Full jitter up to a doubling bound; at least what the server asked for, and a little on top."""
        if fault.wait is not None:
            return fault.wait + self._jitter(0, min(1.0, self._patience.backoff))
        return self._jitter(0, min(self._patience.backoff * 2 ** (attempt - 1), self._patience.longest_wait))

    def _give_up(self, fault: Fault, attempt: int, wait: float) -> None:
        """Raise `ModelUnavailable` unless another try is due."""
        if fault.wait is not None and fault.wait > self._patience.longest_wait:
            message = f"{fault.sentence} It asks to wait {_duration(fault.wait)}."
            raise ModelUnavailable(message, retry_after=fault.wait)
        if attempt >= min(self._patience.tries, fault.most):
            times = f" Tried {attempt} times." if attempt > 1 else ""
            raise ModelUnavailable(f"{fault.sentence}{times}", retry_after=fault.wait)

    def _completion(self, answer: Answer, ask: Ask, spent: Usage) -> Completion:
        """The answer as callers want it, with everything spent so far."""
        usage = counted(answer.usage, self._prices, sent=ask.sent, got=len(answer.text))
        self._check_nothing_was_cut(answer, ask, usage)
        finish = answer.finish or Finish.STOP
        whole = ask.schema is not None and finish is Finish.STOP
        return Completion(
            text=without_thoughts(answer.text) or answer.refusal,
            finish=finish,
            usage=total(spent, usage),
            data=json_object(answer.text, _fields(ask)) if whole else None,
        )

    def _check_nothing_was_cut(self, answer: Answer, ask: Ask, usage: Usage) -> None:
        """Raise `ContextExceeded` where Ollama has cut the conversation without a word, as it does."""
        read = usage.prompt_tokens
        if answer.fingerprint == "fp_ollama" and 512 <= read < ask.sent / 8:
            message = f"{self._place.server} read only the last {read} tokens of the text; raise num_ctx of "
            raise ContextExceeded(
                f"{message}{self._place.model} there, or set OPENAI_CONTEXT={read}.", limit=read
            )

    async def _learn(self, dialect: Dialect, completion: Completion, ask: Ask) -> None:
        """Remember the dialect that worked."""
        known = await self.dialect()
        if dialect.tier is not known.tier and not _has_fields(completion, ask):
            dialect = replace(dialect, tier=known.tier)
        if not self._place.is_openai:
            cut = completion.finish is Finish.LENGTH
            got = completion.usage.completion_tokens
            dialect = heeding(dialect, most=ask.max_tokens, got=got, cut=cut)
        self._known = dialect
        if dialect != self._kept:
            self._kept = dialect
            await self._memory.set_meta(self._place.memory_key, dialect.to_json(self._clock()))


def _asked_otherwise(fault: Fault, dialect: Dialect, ask: Ask, request: Request) -> Dialect:
    """The dialect to try after a refusal; raises what the fault means if there is none."""
    if fault.meaning is Meaning.TOO_LONG:
        raise ContextExceeded(fault.sentence, limit=fault.limit)
    changed = simpler(dialect, asked(ask, request), fault.words) if fault.meaning is Meaning.CHANGE else None
    if changed is None:
        raise ModelMisconfigured(fault.sentence)
    return changed


def _asked_lower(completion: Completion, dialect: Dialect, ask: Ask) -> Dialect | None:
    """The dialect with the next tier, where a whole answer shows that the server did not heed this one."""
    if ask.schema is None or completion.finish is not Finish.STOP or _has_fields(completion, ask):
        return None
    # Both lower tiers have the schema in the prompt: only an answer without JSON speaks against the second.
    return None if dialect.tier is Tier.OBJECT and completion.data is not None else lower_tier(dialect)


def _has_fields(completion: Completion, ask: Ask) -> bool:
    return completion.data is not None and completion.data.keys() >= _fields(ask)


def _fields(ask: Ask) -> frozenset[str]:
    return frozenset() if ask.schema is None else frozenset(strict_schema(ask.schema)["properties"])


def _start_over(on_text: OnText | None) -> None:
    if on_text is not None:
        on_text("")


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
