"""An analysis as JSON, for the command line and the store, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from digest.errors import InvalidIdentifier
from digest.model import Analysis, ArxivId, Basis, Claim, ClaimSection, Depth, Usage


def analysis_to_json(analysis: Analysis) -> dict[str, Any]:
    """A dict of JSON values; `analysis_from_json` gives the same analysis back.

    Its form is a promise of `paperboy explain --json`: keys are only ever added.
    """
    return {
        "id": str(analysis.paper),
        "title": analysis.title,
        "language": analysis.language,
        "depth": str(analysis.depth),
        "analyzer": analysis.analyzer,
        "prompt_version": analysis.prompt_version,
        "created_at": analysis.created_at.isoformat(),
        "basis": {
            "kind": analysis.basis.kind,
            "pages": analysis.basis.pages,
            "pages_read": analysis.basis.pages_read,
            "left_out": list(analysis.basis.left_out),
            "note": analysis.basis.note,
        },
        "links": list(analysis.links),
        "warnings": list(analysis.warnings),
        "claims": [claim_to_json(claim) for claim in analysis.claims],
        "missing": [str(section) for section in analysis.missing],
        "tokens": {
            "prompt": analysis.usage.prompt_tokens,
            "cached": analysis.usage.cached_tokens,
            "completion": analysis.usage.completion_tokens,
        },
        "cost": analysis.usage.cost,
        "retry_at": analysis.retry_at.isoformat() if analysis.retry_at else None,
    }


def claim_to_json(claim: Claim) -> dict[str, Any]:
    """One claim as it stands in an analysis's JSON."""
    return {
        "section": str(claim.section),
        "text": claim.text,
        "quote": claim.quote,
        "paragraph": claim.paragraph,
        "page": claim.page,
        "anchor": claim.anchor,
        "verified": claim.verified,
    }


def analysis_from_json(form: Mapping[str, Any]) -> Analysis:
    """The analysis that `analysis_to_json` wrote. Raises `KeyError` or `ValueError` for anything else."""
    tokens = form["tokens"]
    return Analysis(
        paper=_identifier(form["id"]),
        title=form["title"],
        language=form["language"],
        depth=Depth(form["depth"]),
        claims=tuple(_claim_from_json(claim) for claim in form["claims"]),
        missing=tuple(ClaimSection(section) for section in form["missing"]),
        links=tuple(form["links"]),
        warnings=tuple(form["warnings"]),
        basis=_basis_from_json(form["basis"]),
        analyzer=form["analyzer"],
        prompt_version=form["prompt_version"],
        usage=Usage(
            prompt_tokens=tokens["prompt"],
            cached_tokens=tokens["cached"],
            completion_tokens=tokens["completion"],
            cost=form["cost"],
        ),
        created_at=datetime.fromisoformat(form["created_at"]),
        retry_at=datetime.fromisoformat(form["retry_at"]) if form.get("retry_at") else None,
    )


def _identifier(text: str) -> ArxivId:
    """A PDF from a file has no arXiv identifier; its name stands in unparsed."""
    try:
        return ArxivId.parse(text)
    except InvalidIdentifier:
        return ArxivId(text)


def _basis_from_json(form: Mapping[str, Any]) -> Basis:
    return Basis(
        kind=form["kind"],
        pages=form["pages"],
        pages_read=form["pages_read"],
        left_out=tuple(form["left_out"]),
        note=form["note"],
    )


def _claim_from_json(form: Mapping[str, Any]) -> Claim:
    return Claim(
        section=ClaimSection(form["section"]),
        text=form["text"],
        quote=form["quote"],
        paragraph=form["paragraph"],
        page=form["page"],
        anchor=form["anchor"],
        verified=form["verified"],
    )
