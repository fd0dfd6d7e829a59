"""The Markdown report of each digest, kept as a file that people can open years later."""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path

from digest.model import Digest
from digest.report import report


def write_report(folder: Path, digest: Digest, *, timezone: str) -> Path:
    """Write the report of a digest, replacing an earlier one of the same channel and date; its path."""
    path = folder / f"{digest.local_date}_{_name(digest.channel)}.md"
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text(report(digest, language=digest.language, timezone=timezone), encoding="utf-8")
    draft.replace(path)
    return path


def _name(channel: str) -> str:
    """The channel's key as a part of a file's name; a hash tells apart what that makes alike.

    The terminal is the only channel of its platform and keeps its plain name.
    """
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", channel)
    if channel.startswith("console:"):
        return plain
    return f"{plain[:80]}_{blake2b(channel.encode(), digest_size=4).hexdigest()}"
