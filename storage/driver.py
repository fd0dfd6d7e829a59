"""The seam below the Store: what a database must do for it.

All SQL above this seam is portable between SQLite (3.37 or newer) and PostgreSQL: named parameters as
`:name`, `IN :names` for a tuple, moments and days as ISO text, sequences and trees as JSON text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from digest.model import Paper

Result = TypeVar("Result")
Row = Mapping[str, Any]
Value = str | int | float | None
Values = Value | tuple[str, ...]


class Transaction(Protocol):
    """One open transaction. Its methods block; they run on the driver's own thread."""

    def rows(self, sql: str, /, **values: Values) -> Sequence[Row]: ...

    def row(self, sql: str, /, **values: Values) -> Row | None:
        """The first row, or None."""
        ...

    def run(self, sql: str, /, **values: Values) -> int:
        """Execute a change; the number of rows it touched."""
        ...

    def many(self, sql: str, values: Iterable[Mapping[str, Value]], /) -> None:
        """Execute a change once per mapping."""
        ...

    def index(self, numbers: Sequence[int], before: Mapping[int, Paper], /) -> None:
        """Make papers findable by row number; `before` holds what was indexed under it, if anything was."""
        ...

    def find(self, text: str, /, *, limit: int) -> Sequence[Row]:
        """Rows of papers whose title or abstract has the words, the latest announced first."""
        ...


Work = Callable[[Transaction], Result]


class Driver(Protocol):
    """A database that runs units of work, each in one transaction: all of it is stored, or nothing."""

    async def read(self, work: Work[Result], /) -> Result: ...

    async def write(self, work: Work[Result], /, *, durable: bool = True) -> Result:
        """Run the work and commit; unless told otherwise, it is safe from a power cut when this returns.

        What is not `durable` is safe from a crash of the process at once, and from a power cut when the next
        durable write returns.
        """
        ...

    async def check(self) -> tuple[str, ...]:
        """What is wrong with the database file, one sentence each; empty when it is sound."""
        ...

    async def room(self) -> int | None:
        """Bytes that are free where the database grows; None where that cannot be told."""
        ...

    async def backup(self, path: Path, /) -> None:
        """Write a consistent copy to a new file, while work goes on."""
        ...

    async def close(self) -> None: ...


_PARAMETER = re.compile(r":(\w+)")


def expanded(sql: str, values: Mapping[str, Values]) -> tuple[str, Mapping[str, Value]]:
    """The statement with `IN :names` spelt out as `IN (:names_0, :names_1)` for every tuple among the values.

    An empty tuple becomes `(NULL)`, which nothing equals.
    """
    lists = {name: value for name, value in values.items() if isinstance(value, tuple)}
    if not lists:
        return sql, cast("Mapping[str, Value]", values)
    single = {name: value for name, value in values.items() if not isinstance(value, tuple)}
    members = {f"{name}_{n}": each for name, value in lists.items() for n, each in enumerate(value)}

    def spelt(parameter: re.Match[str]) -> str:
        name = parameter[1]
        if name not in lists:
            return parameter[0]
        return "(" + (", ".join(f":{name}_{n}" for n in range(len(lists[name]))) or "NULL") + ")"

    return _PARAMETER.sub(spelt, sql), single | members
