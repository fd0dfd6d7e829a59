"""Structured logs on stderr: event first, then key=value; stdout belongs to what people read.

Everything goes through one stream that takes secrets out: our own records and those of libraries, at any
level, with their tracebacks.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterable
from types import TracebackType

import structlog

from bot.redaction import know, redacted


def configure(level: str, form: str, secrets: Iterable[str] = ()) -> None:
    """Set up logging for the process; `form` is "console" or "json", `secrets` are never written.

    Libraries are heard from "warning" on, with "debug" from there on.
    """
    know(secrets)
    least = logging.getLevelName(level.upper())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, _renderer(form)]
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: structlog.PrintLogger(_Stderr()),  # type: ignore[arg-type]
    )
    handler = logging.StreamHandler(_Stderr())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    libraries = least if least <= logging.DEBUG else max(least, logging.WARNING)
    logging.basicConfig(handlers=[handler], level=libraries, force=True)
    # At debug it tells of each look for something to do, some lines a second.
    logging.getLogger("apscheduler").setLevel(max(least, logging.WARNING))
    logging.captureWarnings(True)
    sys.excepthook, threading.excepthook = _uncaught, _uncaught_in_thread


def _renderer(form: str) -> structlog.typing.Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def _uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None, thread: str = ""
) -> None:
    # Python's own way to tell it writes to the real stderr, secrets included.
    told = {"thread": thread} if thread else {}
    structlog.get_logger(__name__).critical("broke", exc_info=(kind, error, trace), **told)


def _uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        name = told.thread.name if told.thread else "?"
        _uncaught(told.exc_type, told.exc_value, told.exc_traceback, thread=name)


class _Stderr:
    """Whatever stderr is when something is logged: a prompt puts its own in place for as long as it asks."""

    def write(self, text: str) -> int:
        return sys.stderr.write(redacted(text))

    def flush(self) -> None:
        sys.stderr.flush()
