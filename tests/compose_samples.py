"""A digest for the tests of what people read: real papers' metadata (CC0), analyses written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from digest.model import (
    Analysis,
    Announcement,
    AnnounceType,
    ArxivId,
    Basis,
    CategoryDay,
    Claim,
    ClaimSection,
    DayState,
    Depth,
    Digest,
    DigestItem,
    EmptyReason,
    Field,
    Hit,
    Match,
    Paper,
    Usage,
)

TUESDAY = date(2026, 6, 30)
MONDAY = date(2026, 6, 29)
MORNING = datetime(2026, 6, 30, 7, 0, tzinfo=UTC)

COMBAT = Paper(
    id=ArxivId("2503.09527", 2),
    title="CombatVLA: An Efficient Vision-Language-Action Model for Combat Tasks in 3D Action "
    "Role-Playing Games",
    abstract=(
        "Recent advances in Vision-Language-Action models (VLAs) have expanded the capabilities of embodied "
        "intelligence. Specifically, our CombatVLA is a 3B model trained on video-action pairs collected by "
        "an action tracker, where the data is formatted as action-of-thought (AoT) sequences. Experimental "
        "results demonstrate that CombatVLA not only outperforms all existing models on the combat "
        "understanding benchmark but also achieves a 50-fold acceleration in game combat."
    ),
    authors=(
        "Peng Chen", "Pi Bu", "Yingyao Wang", "Xinyi Wang", "Ziming Wang", "Jie Guo", "Yingxiu Zhao",
        "Qi Zhu", "Jun Song", "Siran Yang", "Jiamang Wang", "Bo Zheng",
    ),
    categories=("cs.CV", "cs.AI"),
    comment="Accepted by ICCV 2025; code & data at the project page",
    submitted=date(2025, 3, 12),
)  # fmt: skip
LATENT = Paper(
    id=ArxivId("2601.05611", 1),
    title="LatentVLA: Efficient Vision-Language Models for Autonomous Driving via Latent Action Prediction",
    abstract=(
        "End-to-end autonomous driving models trained on largescale datasets perform well in common "
        "scenarios but struggle with rare, long-tail situations due to limited scenario diversity. We "
        "propose LatentVLA, a novel framework that employs self-supervised latent action prediction to train "
        "VLA models without language annotations."
    ),
    authors=("Chengen Xie", "Bin Sun"),
    categories=("cs.CV",),
)
CODES = Paper(
    id=ArxivId("2606.01234", 1),
    title=r"On codes of length $4p^s$ over $\mathbb{F}_{p^m}$ [1] *and* R\'enyi sharpness",
    abstract=r"We show an $\mathcal{O}(n \log n)$ bound; it costs $5 and $6. # Not a heading",
    authors=("Kyle Lo",),
    categories=("cs.IT", "math.IT"),
)
DOTS = Paper(id=ArxivId("2606.02345", 1), title="DoT: <b>Dots</b> & Boxes | 50% off", categories=("cs.AI",))


def claim(
    section: ClaimSection,
    text: str,
    quote: str = "",
    *,
    anchor: str = "§1, p. 2",
    page: int = 2,
    ok: bool = True,
) -> Claim:
    return Claim(section=section, text=text, quote=quote or text, page=page, anchor=anchor, verified=ok)


BY_MODEL = Analysis(
    paper=COMBAT.id,
    title=COMBAT.title,
    language="en",
    depth=Depth.BRIEF,
    claims=(
        claim(
            ClaimSection.TLDR,
            "A 3B model plays combat games 50 times faster than earlier agents.",
            "achieves a 50-fold acceleration in game combat",
            anchor="§5.3, p. 7, Table 3",
            page=7,
        ),
        claim(ClaimSection.OVERVIEW, "It learns from recorded play.", "trained on video-action pairs"),
        claim(ClaimSection.MOTIVATION, "Agents built on large models answer in minutes.", "up to 60 seconds"),
        claim(ClaimSection.CONTRIBUTIONS, "An action tracker.", "collected by an action tracker"),
        claim(ClaimSection.CONTRIBUTIONS, "A benchmark of 914 questions.", "914 data points", ok=False),
        claim(ClaimSection.METHOD, "Three stages, coarse to fine.", "three-stage progressive learning"),
        claim(ClaimSection.DATASETS, "CUBench.", "CUBench has 914 data points", anchor="Table 1", page=5),
        claim(ClaimSection.RESULTS, "63.61 on CUBench.", "63.61", anchor="Table 2, p. 6", page=6),
        claim(ClaimSection.RESULTS, "It beats people.", "a higher task success rate than human players"),
        claim(ClaimSection.LIMITATIONS, "Tested on two games.", "only two games", anchor="§6, p. 8", page=8),
    ),
    missing=(ClaimSection.ABLATIONS,),
    links=("https://combatvla.github.io/", "javascript:alert(1)"),
    warnings=("⚠ hidden instructions found in this PDF, p. 3 (ignored)",),
    basis=Basis(kind="full text", pages=18, pages_read=12, left_out=("Appendix A", "Appendix B")),
    analyzer="openai:example-model",
    prompt_version="1",
    usage=Usage(prompt_tokens=21034, cached_tokens=0, completion_tokens=1822, cost=0.0213),
    created_at=MORNING,
)  # fmt: skip

EXTRACTS = Analysis(
    paper=LATENT.id,
    title=LATENT.title,
    language="en",
    depth=Depth.BRIEF,
    claims=(
        claim(
            ClaimSection.TLDR,
            "We propose LatentVLA, a novel framework that employs self-supervised latent action prediction "
            "to train VLA models without language annotations.",
            anchor="Abstract",
            page=0,
        ),
        claim(
            ClaimSection.MOTIVATION,
            "End-to-end autonomous driving models trained on largescale datasets perform well in common "
            "scenarios but struggle with rare, long-tail situations due to limited scenario diversity.",
            anchor="Abstract",
            page=0,
        ),
    ),
    basis=Basis(kind="abstract", note="arXiv has no PDF of this version."),
    analyzer="extractive",
    created_at=MORNING,
)


def announced(paper: Paper, kind: AnnounceType = AnnounceType.NEW, day: date = TUESDAY) -> Announcement:
    return Announcement(paper=paper, type=kind, day=day, listed_in=paper.categories[:1])


def match(paper: Paper, *hits: Hit, kind: AnnounceType = AnnounceType.NEW, day: date = TUESDAY) -> Match:
    found = hits or (Hit(phrase="vla", field=Field.TITLE, snippet=paper.title),)
    return Match(announcement=announced(paper, kind, day), hits=found, score=1.0)


def row(
    category: str,
    state: DayState = DayState.COMPLETE,
    *,
    day: date = TUESDAY,
    total: int = 306,
    reason: EmptyReason | None = None,
    note: str = "",
    next_try: datetime | None = None,
) -> CategoryDay:
    return CategoryDay(
        category=category,
        day=day,
        state=state,
        source="rss",
        counts=((AnnounceType.NEW, total),),
        reason=reason,
        note=note,
        checked_at=MORNING,
        next_try=next_try,
    )


ITEMS = (
    DigestItem(
        match=match(
            COMBAT,
            Hit(
                phrase="vla",
                field=Field.TITLE,
                snippet="CombatVLA: An Efficient Vision-Language-Action Model",
            ),
            Hit(
                phrase="vision language action",
                field=Field.TITLE,
                snippet="CombatVLA: An Efficient Vision-Language-Action Model",
            ),
            kind=AnnounceType.REPLACE_CROSS,
        ),
        analysis=BY_MODEL,
    ),
    DigestItem(match=match(LATENT), analysis=EXTRACTS),
    DigestItem(
        match=match(
            CODES,
            Hit(phrase='author:"Kyle Lo"', field=Field.AUTHOR, snippet="Kyle Lo"),
            kind=AnnounceType.CROSS,
            day=MONDAY,
        )
    ),
)

DIGEST = Digest(
    channel="console:terminal",
    local_date=TUESDAY,
    categories=("cs.AI", "cs.CV", "cs.RO"),
    queries=("vla, vision language action", 'author:"Kyle Lo"'),
    language="en",
    days=(MONDAY, TUESDAY),
    scanned=1612,
    ledger=(
        row("cs.AI", day=MONDAY),
        row("cs.AI"),
        row("cs.CV"),
        row("cs.RO", DayState.LATE, next_try=datetime(2026, 6, 30, 7, 40, tzinfo=UTC)),
    ),
    items=ITEMS,
    more=(match(DOTS),),
    next_at=datetime(2026, 7, 1, 7, 0, tzinfo=UTC),
)

EMPTY = replace(DIGEST, days=(TUESDAY,), ledger=(row("cs.AI"), row("cs.CV")), items=(), more=())
