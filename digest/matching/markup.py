r"""LaTeX and addresses out of a text, so that words remain: `\textbf{VLA}s` is `VLAs`, `$\pi_0$` is `pi0`.

arXiv keeps titles and abstracts as TeX: 11 % of abstracts have a `$`. Addresses go because they are full of
names nobody asked for: `github.com/OpenGVLab` is not about VLA (docs/design.md, matching).
No rule needs a matched pair of braces, so that a piece of a text is stripped as in the whole.
"""

from __future__ import annotations

import re

_ENDINGS = "ai|app|cn|co|com|de|dev|edu|io|jp|me|net|org|site|uk"
_PATH = r"[!#%&'()*+,\-./\d:;=?@A-Z\[\]_a-z~\\]*"
_ADDRESS = re.compile(
    rf"""(?:https?|ftp)://{_PATH}
       | www\.{_PATH}
       | [\w.+-]{{1,64}}@[\w-]+(?:\.[\w-]+)+
       | (?<![\w.-])[a-z\d-]+(?:\.[a-z\d-]+)*\.(?:{_ENDINGS})/{_PATH}
       | (?<![\w.-])[a-z\d-]+\.github\.io""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_BARE_ADDRESS = re.compile(rf"\.(?:{_ENDINGS})/|\.github\.io", re.IGNORECASE)
_UNREADABLE = re.compile(
    r"""\\(?:cite\w*|[a-zA-Z]*ref|label|includegraphics|[hv]space|begin|end|color|textcolor)\*?
        (?:\[[^\]]*\])*\{[^{}]*\}
      | \\(?:href|url)\{[^{}]*\}""",
    re.VERBOSE,
)
_ACCENT = re.compile(
    r"""\\(?:["'`^~=.]\s?|[uvHckrdb](?:\s{1,2}|(?=\{)))\{?\s?(?:\\(?=[ij]\b))?([A-Za-z])\}?"""
)
_LETTER = re.compile(r"\\(ss|aa|ae|oe|AA|AE|OE|[oOlLij])(?![A-Za-z])(?:\{\})?\s?")
_GREEK = re.compile(
    r"""\\(?:var)?(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau
        |upsilon|phi|chi|psi|omega|ell(?![a-z]))(?![A-Za-z])""",
    re.VERBOSE | re.IGNORECASE,
)
_LAYOUT = re.compile(
    r"""\\(?:text(?:bf|it|rm|sc|sf|sl|tt|md|up|normal)?|emph|underline|overline|boldmath|boldsymbol|bm|mbox|hbox
          |math(?:bb|bf|bit|cal|frak|it|rm|scr|sf|tt|normal|op)|operatorname|ensuremath|pmb|bf|it|rm|sc|sf|tt|em
          |(?:wide)?(?:hat|tilde|bar|vec)|dot|ddot|left|right|[bB]igg?[lr]?|displaystyle|limits|sqrt|footnote
        )(?![A-Za-z])\*?""",
    re.VERBOSE,
)
_SIGN = re.compile(
    r"""\\(?:times|cdot|c?dots|ldots|approx|sim|simeq|pm|mp|leq?|geq?|neq?|equiv|in|notin|to|mapsto|mid
          |(?:long)?(?:left|right|leftright)arrow|[Rr]ightarrow|gg|ll|subset|subseteq|cup|cap|circ|ast|star
          |forall|exists|partial|nabla|quad|qquad|langle|rangle|lceil|rceil|lfloor|rfloor|prime|propto
        )(?![A-Za-z])
      | \\\\ | \\(?=[%&#_,;:!|{}()\[\]$\s+/-])""",
    re.VERBOSE,
)
_STAR_POWER = re.compile(r"\^\{?(?:\*|\\ast|\\star)\}?")
_SCRIPT = re.compile(r"(?<=[\w}])[_^](?:\{([\w*.+]{1,4})\}|([^\W_]|\*)(?![^\W_]))")
_COMMAND = re.compile(r"\\([A-Za-z]+)")


def without_addresses(text: str) -> str:
    """The text without URLs, bare domains with a path, `*.github.io` and e-mail addresses."""
    if not ("://" in text or "@" in text or "www." in text or _BARE_ADDRESS.search(text)):
        return text
    pieces = text.split()
    for number, piece in enumerate(pieces):
        if "/" in piece or "@" in piece or "." in piece[1:-1]:
            pieces[number] = _ADDRESS.sub(" ", piece)
    return " ".join(pieces)


def without_latex(text: str) -> str:
    r"""The words that LaTeX would set.

    Formatting goes (`\emph`, `\mathcal`, braces), citations and labels go whole, accents become letters,
    Greek letters their names, sub- and superscripts join their base (`$\ell_1$` is `l1`), a command of
    the author's own stands for its name (`\OurVLA` is `OurVLA`).
    """
    if "\\" in text:
        text = _UNREADABLE.sub(" ", text)
        text = _ACCENT.sub(r"\1", text)
        text = _LETTER.sub(r"\1", text)
    if _has_tex(text):
        text = " ".join(_set(piece) if _has_tex(piece) else piece for piece in text.split())
    return text


def _has_tex(text: str) -> bool:
    return "$" in text or "\\" in text or "{" in text or "}" in text or "^" in text


def _set(piece: str) -> str:
    """A piece without blanks that has TeX in it, as words."""
    if "\\" in piece:
        piece = _STAR_POWER.sub("*", piece)
        piece = _GREEK.sub(lambda letter: " l" if letter[1] == "ell" else f" {letter[1]}", piece)
        piece = piece.replace("\\infty", " infinity ")
        piece = _LAYOUT.sub("", piece)
        piece = _SIGN.sub(" ", piece)
        piece = _COMMAND.sub(r" \1", piece)
    piece = _SCRIPT.sub(r"\1\2", piece.replace("$", ""))
    return piece.replace("{", "").replace("}", "").replace("^", "")
