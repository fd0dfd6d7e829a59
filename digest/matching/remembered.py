"""What a function said of a word, remembered: texts repeat their words, and looking up is cheap."""

from __future__ import annotations

from collections.abc import Callable
from sys import intern


class Remembered(dict[str, str]):
    """A function of words as a dictionary, with interned answers.

    Forgets everything at `limit` words, so that a long run cannot grow it.
    """

    def __init__(self, function: Callable[[str], str], *, limit: int = 200_000) -> None:
        super().__init__()
        self._function = function
        self._limit = limit

    def __missing__(self, word: str) -> str:
        if len(self) >= self._limit:
            self.clear()
        answer = self[word] = intern(self._function(word))
        return answer
