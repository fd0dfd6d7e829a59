"""One paper on demand: whatever spelling names it, its metadata and its deep analysis."""

from __future__ import annotations

from dataclasses import replace

from digest.analyses import Analyses, Progress, quiet
from digest.errors import PaperNotFound, SourceError
from digest.model import Analysis, ArxivId, Depth, Paper
from digest.ports import PaperSource, Store


class Explain:
    """Deep analyses of single papers."""

    def __init__(self, *, store: Store, source: PaperSource, analyses: Analyses) -> None:
        self._store = store
        self._source = source
        self._analyses = analyses

    async def paper(self, identifier: ArxivId) -> Paper:
        """The paper's metadata from the store, else from arXiv. Raises `PaperNotFound` if there is none."""
        known = await self._store.paper(identifier.bare)
        if known is not None and known.abstract and identifier.version in (None, known.id.version):
            return known
        found = await self._source.papers([identifier])
        if not found:
            raise PaperNotFound(f"arXiv has no paper {identifier}; check the number.")
        paper = replace(found[0], id=ArxivId(found[0].id.id, identifier.version or found[0].id.version))
        if identifier.version is None:
            await self._store.save_papers([paper])
        return paper

    async def newer(self, paper: Paper) -> ArxivId | None:
        """The latest version, where it is newer than this one as far as arXiv can be asked."""
        try:
            found = await self._source.papers([paper.id.bare])
        except SourceError:
            return None
        latest = max((each.id.version or 0 for each in found), default=0)
        return ArxivId(paper.id.id, latest) if paper.id.version and latest > paper.id.version else None

    async def is_ready(self, paper: Paper, /, *, language: str, depth: Depth = Depth.DEEP) -> bool:
        """Whether the analysis was made before, so that it comes at once."""
        return await self._analyses.known(paper, depth, language) is not None

    async def explain(
        self,
        paper: Paper,
        /,
        *,
        language: str,
        depth: Depth = Depth.DEEP,
        progress: Progress = quiet,
        fresh: bool = False,
        channel: str = "",
        person: str = "",
    ) -> Analysis:
        """The verified analysis, from the store if it was made before; with `fresh`, made anew."""
        return await self._analyses.of(
            paper,
            depth=depth,
            language=language,
            progress=progress,
            fresh=fresh,
            channel=channel,
            person=person,
        )
