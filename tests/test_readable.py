"""LaTeX and invisible characters, made readable or left alone."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.readable import clean, readable
from tests.hostile import texts

_TEX = st.lists(
    st.sampled_from(
        [
            "\\", "{", "}", "$", "$$", "^", "_", "\\(", "\\)", "\\[", "\\]", "\\frac", "\\sqrt", "[", "]",
            "\\'", '\\"', "\\hat", "\\mathbb", "\\left", "\\right", "\\text", "\\foo", "x", "12", " ",
            "--", "~", "'", "%",
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"$\mathcal{O}(n \log n)$", "O(n log n)"),
        (r"\textbf{x} and \emph{y}", "x and y"),
        (
            r"Schr\"odinger, Fr\'echet, It\^o, Poincar\'{e}, {\L}ukasz",
            "Schrödinger, Fréchet, Itô, Poincaré, Łukasz",
        ),
        (r"$\alpha_1$", "α₁"),
        ("x^2 and 10^{-3}", "x² and 10⁻³"),
        ("mR$^2$AG: $D^{2}R^{2}$", "mR²AG: D²R²"),
        (r"$\mathbb{F}_{p^m}+u\mathbb{F}_{p^m}$", "𝔽_(pᵐ)+u𝔽_(pᵐ)"),
        (r"$\frac{a+b}{c}$ and $\sqrt{T}$", "(a+b)/c and √T"),
        (r"$H_{\mathrm{unc}}\le H_+\le\widehat H$", "H_unc ≤ H₊ ≤ Ĥ"),
        (r"$\theta(p)=4\max_{S\subseteq[L]}p(S)$", "θ(p)=4 max_(S ⊆ [L])p(S)"),
        (r"$20$--$65\%$", "20–65%"),
        ("audio--video and reward---without", "audio–video and reward—without"),
        (r"a \$15 run at 95.3\% & R\&D", "a $15 run at 95.3% & R&D"),
        (r"\href{https://x.example}{the code}", "the code"),
        (r"\method{} beats \foo{bar}", "method beats bar"),
        (r"(\eg, $\le 5$ s)", "(e.g., ≤ 5 s)"),
        (r"{\guillemotleft}spec{\guillemotright}", "«spec»"),
        (r"\[ a_j^{\top} b \]", "aⱼᵀ b"),
        (r"Fable~5 at ~5x tokens", "Fable 5 at ~5x tokens"),
        ("p=1.4x10^-14, 10^14 and 5{,}495 pairs", "p=1.4x10⁻¹⁴, 10¹⁴ and 5,495 pairs"),
        (r"$[\underline\sigma,\overline\sigma]$, $\sqrt{mT}$", "[σ,σ̄], √(mT)"),
        ("($>$100K samples)", "(>100K samples)"),
        (r"\textbf{0, 1}", "0, 1"),
        (r"$x^\circ$ and $f'$", "x° and f′"),
    ],
)
def test_latex_is_made_readable(source: str, shown: str) -> None:
    assert readable(source) == shown


@pytest.mark.parametrize(
    "text",
    [
        "it costs $5 and $6",
        "from $20,000 to $30,000 a month",
        "an unbalanced $x stays",
        "DumpsterCluster: LLaMA-70B on $60 GPUs",
        "labels in {0, 1}",
        "GPT_4 and snake_case names",
        "95% of tokens, ~5x",
        "C# & C++ < 3",
        "CO___ Retrieval",
        "--verbose",
        "什么都没有",
    ],
)
def test_what_is_no_latex_stays_as_it_is(text: str) -> None:
    assert readable(text) == text


def test_what_cannot_be_seen_is_removed() -> None:
    assert clean("a\u200bb\u202ec\x1b[31m\ud800\u00ad\ue000\ufeff") == "abc[31m"
    assert clean("a\r\n b\tc\u2028d\u00a0e") == "a b c d e"
    assert clean("e\u0301" + "\u0301" * 20) == "é\u0301\u0301\u0301"


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(texts, _TEX))
@example(text="$" * 999)
@example(text="{" * 999)
@example(text="\\" * 999)
@example(text=r"\sqrt" * 999)
@example(text=r"$x^{" * 500)
@example(text=r"\'" * 999 + "$")
def test_any_text_becomes_one_visible_line(text: str) -> None:
    shown = readable(text)

    assert shown == shown.strip()
    assert not any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for character in shown
    )


@pytest.mark.parametrize("piece", ["$x$ ", "{", "\\(", r"\frac{", "$", "a\u0301", r"\'{"])
def test_time_grows_with_the_length_only(piece: str) -> None:
    def seconds(count: int) -> float:
        start = time.process_time()
        readable(piece * count)
        return time.process_time() - start

    seconds(10)
    assert seconds(20_000) < 2.0
