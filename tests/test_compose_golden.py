"""What people see, whole, in both languages: compare with tests/data/golden.

`UPDATE_GOLDEN=1 pytest tests/test_compose_golden.py` writes them anew; read the difference before you commit.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.platforms.html import page
from bot.platforms.terminal import render_lines
from digest.compose import compose, explanation, late_arrivals, more, revision_note
from digest.markdown import markdown
from digest.report import report
from tests.compose_samples import BY_MODEL, COMBAT, DIGEST, ITEMS

_GOLDEN = Path(__file__).parent / "data" / "golden"


def _terminal(language: str, width: int, *, color: bool = False) -> str:
    digest = replace(DIGEST, language=language)
    messages = compose(digest, timezone="Europe/Paris")
    lines = list(render_lines(messages.parent, width, color=color))
    for reply in messages.replies:
        lines += render_lines(reply.document, width, color=color, thread=True)
    return "\n".join(lines) + "\n"


def _page(language: str) -> str:
    messages = compose(replace(DIGEST, language=language), timezone="Europe/Paris")
    return page([messages.parent], replies=[reply.document for reply in messages.replies], language=language)


def _others(language: str) -> str:
    digest = replace(DIGEST, language=language)
    documents = (
        explanation(BY_MODEL, COMBAT, language=language),
        more(digest),
        late_arrivals(digest, timezone="Europe/Paris"),
        revision_note(ITEMS[0], language=language),
    )
    return "\n---\n\n".join(markdown(document) for document in documents)


_FILES: dict[str, Callable[[], str]] = {
    "digest_en_80.txt": lambda: _terminal("en", 80),
    "digest_en_120.ansi": lambda: _terminal("en", 120, color=True),
    "digest_zh_80.txt": lambda: _terminal("zh-CN", 80),
    "digest_en.html": lambda: _page("en"),
    "others_en.md": lambda: _others("en"),
    "others_zh.md": lambda: _others("zh-CN"),
    "report_en.md": lambda: report(DIGEST, timezone="Europe/Paris"),
    "report_zh.md": lambda: report(DIGEST, language="zh-CN", timezone="Europe/Paris"),
}


@pytest.mark.parametrize("name", _FILES)
def test_what_people_see_is_what_was_read_and_agreed(name: str) -> None:
    shown = _FILES[name]()
    path = _GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")

    assert shown == path.read_text(encoding="utf-8")
