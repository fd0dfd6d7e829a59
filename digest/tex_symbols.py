"""Tables for reading LaTeX: accents, scripts, and what macros stand for."""

from __future__ import annotations

from functools import cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "d": "\u0323", "b": "\u0331", "r": "\u030a",
    "k": "\u0328",
}  # fmt: skip
MATH_ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0304", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c",
    "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a",
}  # fmt: skip

SUPERSCRIPTS = dict(zip(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδθιφχ′*ᵀ†∘",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᶿᶥᶲᵡ′*ᵀ†°",
    strict=True,
))  # fmt: skip
SUBSCRIPTS = dict(zip(
    "0123456789+-=()aehijklmnoprstuvxβγρφχ",
    "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
    strict=True,
))  # fmt: skip
BLACKBOARD = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "𝔸𝔹ℂ𝔻𝔼𝔽𝔾ℍ𝕀𝕁𝕂𝕃𝕄ℕ𝕆ℙℚℝ𝕊𝕋𝕌𝕍𝕎𝕏𝕐ℤ", strict=True))

SPACES = frozenset(
    {" ", ",", ";", ":", "quad", "qquad", "\\", "newline", "enspace", "thinspace", "par", "nobreakspace"}
)

# Switches, sizes and alphabets: what follows them is kept as it is.
SILENT = _words("""
    ! / - left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle limits nolimits
    displaystyle textstyle scriptstyle bf bfseries it itshape em sc scshape sf sffamily tt ttfamily rm
    rmfamily sl tiny scriptsize footnotesize small normalsize large Large LARGE boldmath noindent protect
    centering xspace null relax cal mathcal mathbf mathrm mathsf mathtt mathfrak mathscr mathit bm boldsymbol
    ensuremath ( ) [ ]
""")

STYLES = _words("""
    text textbf textit textsc textsf texttt textrm textsl textnormal textup emph underline mbox hbox uline url
    mathop
""")

DROPPED_WITH_ARGUMENT = _words(
    "cite citep citet citealp citeauthor label vspace hspace begin end thanks phantom color textcolor"
)

FUNCTIONS = _words("""
    arccos arcsin arctan sin cos tan cot sec csc sinh cosh tanh log ln lg exp max min sup inf lim limsup
    liminf det dim ker deg gcd arg argmax argmin Pr tr rank sgn softmax hom poly mod bmod pmod
""")

RELATIONS = "≤≥≈∈∉⊆⊂⊇⊃≡≪≫↦↔⇒⇔≠∝≲≳≍←→⊨"

_SYMBOLS = {
    "ldots": "…", "dots": "…", "cdots": "⋯", "prime": "′", "ell": "ℓ", "to": "→", "gets": "←", "iff": "⇔",
    "implies": "⇒", "textasciitilde": "~", "textasciicircum": "^", "textbackslash": "\\", "textless": "<",
    "textgreater": ">", "textbar": "|", "|": "‖", "mid": "|", "vert": "|", "Vert": "‖", "lVert": "‖",
    "rVert": "‖", "lvert": "|", "rvert": "|", "backslash": "\\", "setminus": "∖", "colon": ":", "ge": "≥",
    "le": "≤", "geq": "≥", "leq": "≤", "ne": "≠", "neq": "≠", "textendash": "–", "textemdash": "—",
    "guillemotleft": "«", "guillemotright": "»", "star": "⋆", "ast": "*", "cdot": "·", "top": "ᵀ",
    "intercal": "ᵀ", "dagger": "†", "circ": "∘", "sim": "~", "varepsilon": "ε", "epsilon": "ε", "varphi": "φ",
    "phi": "φ", "eg": "e.g.", "ie": "i.e.", "etal": "et al.", "TeX": "TeX", "LaTeX": "LaTeX", "i": "ı",
    "j": "ȷ", "R": "ℝ", "N": "ℕ", "Z": "ℤ", "C": "ℂ", "Q": "ℚ", "E": "𝔼", "langle": "⟨", "rangle": "⟩",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "degree": "°", "textdegree": "°", "pm": "±",
    "mp": "∓", "not": "\u0338", "times": "×", "&": "&", "lbrace": "{", "rbrace": "}",
}  # fmt: skip


@cache
def symbol(macro: str) -> str | None:
    """What a macro without arguments prints ("α" for "alpha"), or None where it is unknown."""
    if macro in _SYMBOLS:
        return _SYMBOLS[macro]
    # Imported here: pylatexenc costs 25 ms, and few papers need it.
    from pylatexenc.latex2text import get_default_latex_context_db

    known = get_default_latex_context_db().get_macro_spec(macro)
    shown = known.simplify_repl if known is not None else None
    return shown if isinstance(shown, str) and shown and "%" not in shown else None
