"""A model on the loopback server: in fake time, without jitter, and soon out of patience."""

from typing import Annotated

from pydantic import BaseModel, Field

from digest.analysis.openai_model import OpenAIModel
from digest.analysis.openai_wire import Patience
from digest.ports import Completion, Turn
from tests.peers.arxiv import FakeTime
from tests.peers.openai import OpenAIPeer

KEY = "sk-test-0123456789abcdef"
ANSWER = {"title": "S2ORC", "claims": [{"text": "A corpus.", "quote": "we present"}]}
TURNS = (
    Turn(role="system", text="You analyse papers."),
    Turn(role="user", text="PAPER " + "We present S2ORC, a large corpus. " * 40),
    Turn(role="user", text="Analyse it."),
)


class Claim(BaseModel):
    text: str
    quote: Annotated[str, Field(max_length=200)]


class Analysis(BaseModel):
    title: str
    claims: list[Claim]


def model_of(peer: OpenAIPeer, time: FakeTime, *, name: str = "small", **settings: object) -> OpenAIModel:
    """A model on the peer; `settings` are of `OpenAIModel`."""
    values: dict[str, object] = {
        "base_url": peer.url,
        "api_key": KEY,
        "patience": Patience(connect=2, begin=5, stall=5, whole=10),
        "clock": time.clock,
        "sleep": time.sleep,
        "jitter": lambda low, high: high,
        **settings,
    }
    return OpenAIModel(name, **values)  # type: ignore[arg-type]


async def asked(model: OpenAIModel, *, max_tokens: int = 2000, **options: object) -> Completion:
    """One answer of a model that is closed after it; `options` are of `complete`."""
    async with model:
        return await model.complete(TURNS, max_tokens=max_tokens, **options)  # type: ignore[arg-type]
