"""What Paperboy says, in the languages of its interface: English and simplified Chinese."""

from __future__ import annotations

from digest.wording.en import ENGLISH
from digest.wording.language import Labels, Plural, Sentences, Wording
from digest.wording.zh import CHINESE

__all__ = ["CHINESE", "ENGLISH", "Labels", "Plural", "Sentences", "Wording", "wording"]


def wording(language: str) -> Wording:
    """The interface language for a tag such as "zh", "zh-CN", "zh_CN.UTF-8" or "en-GB"; else English."""
    head = language.strip().replace("_", "-").partition("-")[0].casefold()
    return CHINESE if head in {"zh", "cmn", "chinese", "中文"} else ENGLISH
