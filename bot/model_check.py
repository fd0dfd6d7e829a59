"""Whether the configured model works, as `paperboy doctor` tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from pydantic import BaseModel

from digest.analysis.openai_dialect import Dialect, Tier
from digest.analysis.openai_model import OpenAIModel
from digest.errors import ContextExceeded, ModelMisconfigured, ModelUnavailable
from digest.model import Usage
from digest.ports import Completion, Finish, Turn

_MOST_TOKENS = 1000  # room for the hidden reasoning before a word; the answer itself needs ten
_TURNS = (
    Turn(role="system", text="You check a connection. Answer in JSON."),
    Turn(role="user", text='Give the word "paper" in the field "word".'),
)
_TIERS = {
    Tier.SCHEMA: "answers by a strict JSON schema",
    Tier.OBJECT: "answers in JSON, without a schema",
    Tier.PLAIN: "writes JSON only as plain text",
}


class _Word(BaseModel):
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """What one small call showed. `sentences` say it to a person, and what to do where it failed.

    `context` is in tokens, None where neither the server nor a setting tells; `seconds` is the call's time.
    """

    works: bool
    sentences: tuple[str, ...]
    tier: Tier | None = None
    context: int | None = None
    seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)


async def check_model(
    model: OpenAIModel, *, context: int | None = None, timer: Callable[[], float] = perf_counter
) -> ModelReport:
    """Ask the model for one word, as if its server were unknown; what is learnt is remembered.

    `context` is the setting OPENAI_CONTEXT, which stands over what the server tells. Never raises for faults
    of the server.
    """
    model.forget()
    begun = timer()
    try:
        answer = await model.complete(_TURNS, max_tokens=_MOST_TOKENS, schema=_Word)
        seconds = timer() - begun
        context = context or await model.context()
    except (ModelMisconfigured, ModelUnavailable, ContextExceeded) as error:
        return ModelReport(works=False, sentences=(str(error),), seconds=timer() - begun)
    dialect = await model.dialect()
    works, verdict = _verdict(model.name, answer, dialect)
    sentences = (verdict, _context_sentence(context), *_left_away(dialect))
    return ModelReport(
        works=works,
        sentences=tuple(filter(None, sentences)) + ((f"The call took {seconds:.1f} s.",) if works else ()),
        tier=dialect.tier if works else None,
        context=context,
        seconds=seconds,
        usage=answer.usage,
    )


def _verdict(name: str, answer: Completion, dialect: Dialect) -> tuple[bool, str]:
    if answer.data is not None and "word" in answer.data:
        return True, f"{name} {_TIERS[dialect.tier]}."
    if answer.finish is Finish.LENGTH:
        what = f"did not come to an end within {_MOST_TOKENS} tokens"
        return False, f"{name} {what}; set OPENAI_REASONING_EFFORT=low, or choose another model in ANALYZER."
    if answer.finish is Finish.REFUSED:
        return (
            False,
            f"{name} refuses to name a word; choose another model, such as ANALYZER=openai:gpt-5-mini.",
        )
    return False, f"{name} does not answer in JSON; choose another model, such as ANALYZER=openai:gpt-5-mini."


def _context_sentence(context: int | None) -> str:
    if context is None:
        return "Its server does not tell the context; set OPENAI_CONTEXT to it in tokens, for example 128000."
    return f"Its context is {context:,} tokens."


def _left_away(dialect: Dialect) -> tuple[str, ...]:
    """What the server refused that a person has set."""
    names = sorted(name for name in dialect.refused if name.startswith(("reasoning_effort=", "temperature=")))
    return tuple(f"Its server refuses {name.replace('=', ' ')}; it is left away." for name in names)
