"""Calls to a model about one paper: their settings, their number and what they use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.analysis.budget import Prices, total
from digest.analysis.schema import schema_of
from digest.model import ClaimSection, Depth, Usage
from digest.ports import Completion, TextModel, Turn

_USELESS = 3  # answers without a usable word before the model is not asked again
_TASK_TOKENS = 2_000  # system message, task and the schema that servers write into the prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmSettings:
    """How much a model reads and writes, in tokens.

    `paper_tokens` is the budget for one paper: what does not fit is left out by whole sections, and said so.
    `context_tokens` is what the model can hold; None until the server tells. `answer_tokens` and
    `deep_answer_tokens` bound one answer; a cut-off answer is asked for again with twice as many.
    """

    paper_tokens: int = 60_000
    context_tokens: int | None = None
    answer_tokens: int = 6_000
    deep_answer_tokens: int = 10_000
    prices: Prices = field(default_factory=Prices)

    def answer(self, depth: Depth, context: int | None) -> int:
        """The most tokens of one answer, at most a third of a small context."""
        wanted = self.deep_answer_tokens if depth is Depth.DEEP else self.answer_tokens
        return wanted if context is None else max(256, min(wanted, context // 3))

    def room(self, context: int | None) -> int:
        """Tokens of a paper that fit in one call; the same for each depth, so that the paper is too."""
        if context is None:
            return self.paper_tokens
        most = context - self.answer(Depth.DEEP, context) - min(_TASK_TOKENS, context // 4)
        return max(0, min(self.paper_tokens, most))


@dataclass
class Calls:
    """The calls about one paper. `usage` is what all of them took, priced.

    `useless` counts whole answers that could not be read or were empty; after a few, calls are `in_vain`.
    """

    model: TextModel
    prices: Prices
    cache_key: str
    usage: Usage = field(default_factory=Usage)
    made: int = 0
    useless: int = 0

    @property
    def in_vain(self) -> bool:
        """Whether the model has shown that it will not answer about this paper."""
        return self.useless >= _USELESS

    async def ask(
        self, turns: Sequence[Turn], task: str, parts: tuple[ClaimSection, ...], *, max_tokens: int
    ) -> Completion:
        """One call: the turns, then the task; the answer in the form of the parts. Errors are the model's."""
        self.made += 1
        completion = await self.model.complete(
            (*turns, Turn(role="user", text=task)),
            max_tokens=max_tokens,
            schema=schema_of(parts),
            cache_key=self.cache_key,
        )
        self.usage = total(self.usage, self.prices.priced(completion.usage))
        return completion
