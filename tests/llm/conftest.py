"""One small model for all tests here, ended by its own process id."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec

import pytest

from digest.analysis.openai_model import OpenAIModel
from digest.analysis.openai_wire import Patience
from tests.llm.server import weights

CONTEXT = 8192


@pytest.fixture(scope="session")
def smollm() -> Iterator[str]:
    """The base URL of the server."""
    if weights() is None or find_spec("xllamacpp") is None:
        pytest.skip("needs the packages of requirements-llm.lock: run make test-llm")
    command = [sys.executable, "-m", "tests.llm.server", str(CONTEXT)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as server:  # type: ignore[call-overload]
        address = server.stdout.readline().strip()
        assert address, "the model's server did not start"
        yield f"{address}/v1"
        server.kill()


@pytest.fixture
async def model(smollm: str) -> AsyncIterator[OpenAIModel]:
    """A model that gives greedy, and so repeatable, answers."""
    patience = Patience(begin=60, stall=30, whole=90, tries=1)
    async with OpenAIModel("smollm2", base_url=smollm, temperature=0.0, patience=patience) as model:
        yield model
