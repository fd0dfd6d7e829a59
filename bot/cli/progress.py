"""What a long command is doing, on stderr: a spinner on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from digest.analyses import Progress


@contextmanager
def progress() -> Iterator[Progress]:
    """A function that shows the latest step until the block ends."""
    if not sys.stderr.isatty():
        yield lambda step: print(step, file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status("") as status:
        yield lambda step: status.update(Text(step, overflow="ellipsis", no_wrap=True))
