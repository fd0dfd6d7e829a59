"""Leaves out what libraries load for their own command lines and tracebacks, which Paperboy does not use."""

from __future__ import annotations

import sys


def import_lean() -> None:
    """Load httpx and structlog as where rich and pygments are not installed: 3 MB and 0.1 s less.

    Both are optional to them; Paperboy has rich for its own terminal, which is not affected. It must come
    before the first import of either.
    """
    modules: dict[str, object] = sys.modules  # type: ignore[assignment]
    modules.setdefault("httpx._main", None)  # None is Python's own mark for what is not there
    if "rich" in modules:
        return
    modules["rich"] = None
    try:
        import structlog  # noqa: F401
    finally:
        del modules["rich"]
