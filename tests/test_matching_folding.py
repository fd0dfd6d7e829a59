"""Folding: what counts as the same words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.matching.folding import fold, folded, spots, words_of
from digest.matching.markup import without_addresses, without_latex
from digest.matching.plurals import plural_key
from tests.labelled import labelled

_WORDS = st.lists(st.text("abcdefghijklmnop", min_size=2, max_size=8), min_size=1, max_size=6)
_GAPS = st.text(" \t\n-‐–—/_\u00a0\u2009", min_size=1, max_size=3)
_TEXT = st.text(max_size=60) | st.text("abcABC'’.+#*{}$\\^_~-0123 \n\"αβγπ大模é\u0301\u200b", max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Vision–Language  Action", "vision language action"),
        ("vision_language-action", "vision language action"),
        ("vision-\nlanguage", "vision language"),
        ("ＶＬＡ ﬁnal naïve", "vla final naive"),
        (r"Schr\"odinger Schrödinger Schro\u0308dinger".replace(r"\u0308", "\u0308"), "schrodinger " * 3),
        (r"Erd\H{o}s, \v Capek, Garc{\'\i}a, \O{}ystein", "erdos capek garcia oystein"),
        ("Straße İstanbul Işık ΟΔΟΣ οδος Łukasz", "strasse istanbul isik οδοσ οδοσ lukasz"),
        (r"$\mathcal{X}$-VAE, \textbf{vla}, {VLA}s, Open\textsc{VLA}", "x vae vla vlas openvla"),
        (r"π0 π_0 $\pi_0$ $\pi_{0}$ pi0 π₀", "pi0 " * 6),
        (r"$\ell_1$ ℓ1 l1 $H_\infty$ H∞", "l1 l1 l1 h infinity h infinity"),
        (r"$\beta$-VAE, β-VAE, beta-VAE", "beta vae " * 3),
        (r"R\&D 40\% off", "r d 40 off"),
        (r"see \cite{Li2020, Wu2021} and \href{https://x.org/VLA}{OpenVLA}", "see and openvla"),
        ("C++, C# and A* search; A$^*$; SAM++", "c++ c# and a* search a* sam"),
        ("GPT-4o, GPT-3.5. 3D R1 e.g. 2.0.", "gpt 4o gpt 3.5 3d r1 e g 2.0"),
        ("Alzheimer's, Alzheimer’s, models' O’Brien", "alzheimer alzheimer models o brien"),
        ("It’s what's said; don't; that unit's bits", "it s what s said don t that unit bits"),
        ("基于大模型的LLM推理", "基 于 大 模 型 的 llm 推 理"),
        ("ガ ｶﾞ", "ガ ガ"),
        ("모델은 йод ёлка", "모 델 은 иод елка"),
        ("VL\u200bA \ufeffx so\u00adft 🤖", "vla x soft"),
        ("", ""),
    ],
)
def test_texts_fold_to_whole_plain_words(text: str, words: str) -> None:
    assert fold(text) == words.strip()


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/OpenGVLab/x.",
        "(http://a.b/VLA)",
        "github.com/OpenGVLab",
        "cvlab.github.io",
        "www.nvlabs.org",
        "vla@mit.edu",
    ],
)
def test_addresses_are_no_words(address: str) -> None:
    assert fold(f"code at {address} and more") == "code at and more"


def test_what_only_looks_like_an_address_is_kept() -> None:
    assert without_addresses("and/or, e.g. fast.ai at 3.5") == "and/or, e.g. fast.ai at 3.5"


def test_a_command_of_the_authors_own_stands_for_its_name() -> None:
    assert without_latex(r"\OurVLA{} is $O(n\log n)$").split() == ["OurVLA", "is", "O(n", "log", "n)"]


@given(_WORDS, st.data())
def test_spaces_hyphens_case_and_accents_make_no_difference(words: list[str], data: st.DataObject) -> None:
    written = words[0]
    for word in words[1:]:
        written += data.draw(_GAPS) + word
    written = "".join(data.draw(st.sampled_from([c, c.upper(), c + "\u0301"])) for c in written)
    assert words_of(written) == words


@settings(deadline=None)
@given(_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(_TEXT)
def test_every_word_has_its_place_in_the_text(text: str) -> None:
    found = spots(text)
    assert tuple(spot.word for spot in found) == folded(text).words
    assert all(0 <= spot.start <= spot.end <= len(text) for spot in found)


def test_the_place_of_a_word_in_a_real_abstract_says_that_word() -> None:
    for _, announcement in labelled()[:300]:
        text = announcement.paper.abstract
        for spot in spots(text):
            assert spot.word in words_of(text[spot.start : spot.end]), (spot, announcement.paper.id)


@pytest.mark.parametrize("word", ["OpenVLA", "CombatVLA", "OpenVLAs", "miniVLA", "Pi0VLA"])
def test_capitals_at_the_end_of_a_camel_case_word_are_a_word_too(word: str) -> None:
    tail = dict(folded(f"We train {word}.").tails)[word.lower()]
    assert plural_key(tail) == "vla"


@pytest.mark.parametrize(
    "text",
    ["MS-VLAM", "NetVLAD", "OpenGVLab", "IRMVLab", "EVLA", "VLABench", "Vladimir", "vla", "EVLA2", "VLA2x"],
)
def test_other_words_with_the_same_letters_have_no_such_tail(text: str) -> None:
    assert "vla" not in {plural_key(tail) for _, tail in folded(text).tails}


@pytest.mark.parametrize(
    ("text", "tails"),
    [
        ("VLA2", {"vla"}),
        ("OpenVLA2", {"openvla", "vla"}),
        ("Qwen2.5-VL", {"qwen"}),
        ("SAM3.", {"sam"}),
        ("LLaMA3", {"llama"}),
        ("LoRA2", {"lora"}),
        ("DINOv2, MobileNetV3", {"dino", "mobilenet"}),
        ("3D, A100, FP16, pi0, word2, Wav2Vec2, 2VLA2b", set()),
    ],
)
def test_a_name_is_a_word_without_its_version_too(text: str, tails: set[str]) -> None:
    assert {tail for _, tail in folded(text).tails} == tails


def test_two_capitals_are_a_word_only_before_a_plural_s() -> None:
    assert folded("LoRA and GPs, GPS").tails == (("gps", "gp"),)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("vla", "vlas"),
        ("model", "models"),
        ("class", "classes"),
        ("bus", "buses"),
        ("gas", "gases"),
        ("bias", "biases"),
        ("lens", "lenses"),
        ("case", "cases"),
        ("policy", "policies"),
        ("movie", "movies"),
        ("analysis", "analyses"),
        ("hypothesis", "hypotheses"),
        ("box", "boxes"),
        ("matrix", "matrices"),
        ("index", "indices"),
        ("index", "indexes"),
        ("search", "searches"),
        ("cache", "caches"),
        ("loss", "losses"),
        ("gpu", "gpus"),
        ("hero", "heroes"),
        ("corpus", "corpuses"),
        ("house", "houses"),
        ("use", "uses"),
    ],
)
def test_singular_and_plural_share_a_key(one: str, many: str) -> None:
    assert plural_key(one) == plural_key(many)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("new", "news"),
        ("dynamic", "dynamics"),
        ("robotic", "robotics"),
        ("clas", "class"),
        ("bu", "bus"),
        ("analysi", "analysis"),
        ("the", "this"),
        ("these", "thesis"),
        ("base", "basis"),
        ("ga", "gas"),
        ("len", "lens"),
        ("sar", "sars"),
        ("has", "ha"),
        ("us", "use"),
        ("型", "型s"),
    ],
)
def test_words_that_are_no_plural_of_each_other_keep_apart(one: str, other: str) -> None:
    assert plural_key(one) != plural_key(other)
