"""Texts that try to be more than text, for property tests of everything that shows them."""

from __future__ import annotations

from hypothesis import strategies as st

_FRAGMENTS = (
    "[red]x[/red]", "\x1b[31m", "\x1b]8;;https://evil.example\x1b\\", "\x9b31m", "\x07", "\r", "\n",
    "\t", "<!here>", "<@U0123>", "@everyone", "@channel", "**", "*", "__", "_", "`", "```", "~~~",
    "~~", "$", "$x_1$", r"$\frac{a}{b}$", r"\textbf{", "}", "\\", "\u202e", "\u2066", "\u200b",
    "\ufeff", "\u2028", "\ud800", "中文论文", "，", "”", "😀", "👩\u200d🔬",
    "e\u0301\u0301\u0301\u0301\u0301", "|", "# ", "- ", "+ ", "1. ", "2) ", "> ", "=== ", "--- ",
    "&amp;", "&", "<", ">", "<script>alert(1)</script>", "<!--", "]]>", "](javascript:alert(1))",
    "[a](http://x.example)", "![i](y)", "https://evil.example/?q=a_b*c", "www.evil.example",
    "a@b.example", "[^1]: x", ":::", "    code", "a  b", "{0}", "%s", "VLA",
    "Vision-Language-Action", "the paper", "5", "§4.1", "p. 7",
)  # fmt: skip

texts = st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.text(max_size=6)), max_size=8).map("".join)
