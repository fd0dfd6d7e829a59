"""The Markdown report of each digest, kept as a file that people can open years later."""

from __future__ import annotations

import re
from pathlib import Path

from digest.model import Digest
from digest.report import report


def write_report(folder: Path, digest: Digest, *, timezone: str) -> Path:
    """Write the report of a digest, replacing an earlier one of the same channel and date; its path."""
    channel = re.sub(r"[^A-Za-z0-9_-]+", "-", digest.channel)
    path = folder / f"{digest.local_date}_{channel}.md"
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text(report(digest, language=digest.language, timezone=timezone), encoding="utf-8")
    draft.replace(path)
    return path
