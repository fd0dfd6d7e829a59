"""Whatever bytes a server sends, only answers and our own errors come out."""

import asyncio
import json
import random
from datetime import UTC, datetime

import pytest

from digest.analysis.openai_model import OpenAIModel
from digest.analysis.openai_wire import Patience
from digest.errors import AnalyzerError
from digest.ports import Completion
from tests.peers.arxiv import FakeTime
from tests.peers.openai_client import ANSWER, TURNS, Analysis

CHUNKS = [
    {"choices": [{"index": 0, "delta": {"role": "assistant", "content": json.dumps(ANSWER)[:40]}}]},
    {"choices": [{"index": 0, "delta": {"content": json.dumps(ANSWER)[40:]}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}},
]
STREAM = "".join(f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in CHUNKS) + "data: [DONE]\n\n"
WHOLE = json.dumps({"choices": [{"message": {"content": json.dumps(ANSWER)}, "finish_reason": "stop"}]})
ERROR = json.dumps({"error": {"message": "maximum context length is 10 tokens", "code": "x"}})


def response(body: str, kind: str, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n{body}".encode()


RESPONSES = (
    response(STREAM, "text/event-stream"),
    response(WHOLE, "application/json"),
    response(ERROR, "application/json", "400 Bad Request"),
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a few changed, doubled, left out, or the rest cut off."""
    garbled = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(garbled) or 1)
        match chance.randrange(4):
            case 0:
                garbled[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del garbled[at : at + chance.randint(1, 30)]
            case 2:
                garbled[at:at] = garbled[at : at + chance.randint(1, 60)]
            case _ if chance.random() < 0.3:
                del garbled[at:]
    return bytes(garbled)


@pytest.mark.parametrize("seed", range(4))
async def test_garbled_answers_end_in_an_answer_or_in_one_of_our_errors(seed: int) -> None:
    chance = random.Random(seed)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().splitlines() if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        writer.write(mutated(chance.choice(RESPONSES), chance))
        writer.close()

    time = FakeTime(datetime(2026, 6, 30, 13, tzinfo=UTC))
    patience = Patience(begin=2, stall=0.2, whole=4, tries=1)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**20) as server:
        url = "http://{}:{}/v1".format(*server.sockets[0].getsockname()[:2])
        settings = {"base_url": url, "patience": patience, "clock": time.clock, "sleep": time.sleep}
        async with OpenAIModel("m", **settings) as model:  # type: ignore[arg-type]
            outcomes = [await outcome(model) for _ in range(40)]

    assert any(isinstance(each, Completion) for each in outcomes)
    assert any(isinstance(each, AnalyzerError) for each in outcomes)


async def outcome(model: OpenAIModel) -> Completion | AnalyzerError:
    model.forget()
    try:
        return await model.complete(TURNS, max_tokens=2000, schema=Analysis)
    except AnalyzerError as error:
        return error
