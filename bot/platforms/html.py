"""Documents as one self-contained HTML page: no scripts, nothing loaded, every word escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from digest.document import (
    Block,
    Bold,
    Bullets,
    Button,
    Buttons,
    Code,
    Collapsible,
    Context,
    Divider,
    Document,
    Heading,
    Image,
    Italic,
    Link,
    Para,
    Quote,
    Span,
    Table,
    Text,
)

_ADDRESS = re.compile(r"https?://[!-~]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --ink: #1d1c1d; --small: #616061; --line: #dddddd; --page: #ffffff;
  --link: #0b5cad; --code: #9c1c45; --shade: #f6f6f6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e3; --small: #a5a29d; --line: #3b3d41;
  --page: #1a1c1f; --link: #7ab7ff; --code: #ff9fb8; --shade: #24272b; } }
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; color: var(--ink); background: var(--page);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif;
  overflow-wrap: anywhere; }
h1, h2, h3, h4 { line-height: 1.3; margin: 1.1em 0 .3em; }
h1 { font-size: 1.25rem; } h2 { font-size: 1.1rem; } h3, h4 { font-size: 1rem; }
p { margin: .4em 0; } ul, ol { margin: .3em 0; padding-left: 1.6em; } li { margin: .25em 0; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
code { color: var(--code); background: var(--shade); padding: 0 .25em; border-radius: 3px; font-size: .92em; }
blockquote { margin: .4em 0; padding-left: .8em; border-left: 3px solid var(--line); color: var(--small); }
table { border-collapse: collapse; } th, td { border: 1px solid var(--line); padding: .2em .6em;
  text-align: left; vertical-align: top; }
summary { cursor: pointer; font-weight: 600; } details { margin: .6em 0; }
hr { border: 0; border-top: 1px solid var(--line); margin: 1.2em 0; }
.small { color: var(--small); font-size: .88em; }
.thread { margin: 0 0 0 .6rem; padding-left: 1.1rem; border-left: 3px solid var(--line); }
.button { display: inline-block; border: 1px solid var(--line); border-radius: 4px; padding: .1em .7em;
  margin: .3em .4em 0 0; font-size: .88em; color: inherit; }
"""


def page(
    documents: Sequence[Document],
    *,
    replies: Sequence[Document] = (),
    title: str = "",
    language: str = "en",
    unfolded: bool = False,
) -> str:
    """A whole page: the documents one after another, the replies set in behind a rail as a thread.

    `unfolded` shows collapsible parts open, as for a picture or for print.
    """
    heading = title or next((document.summary for document in documents if document.summary), "Paperboy")
    body = "\n<hr>\n".join(fragment(document, unfolded=unfolded) for document in documents)
    threads = "\n<hr>\n".join(fragment(document, unfolded=unfolded) for document in replies)
    thread = f'<section class="thread">\n{threads}\n</section>\n' if replies else ""
    return (
        f'<!doctype html>\n<html lang="{_attribute(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{_escaped(heading)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<article>\n{body}\n</article>\n{thread}</body>\n</html>\n"
    )


def fragment(document: Document, *, unfolded: bool = False) -> str:
    """One document's HTML without a page around it."""
    return "\n".join(_blocks(document.blocks, unfolded))


def _blocks(blocks: Iterable[Block], unfolded: bool) -> list[str]:
    shown: list[str] = []
    for are_lists, group in groupby(blocks, key=lambda block: isinstance(block, Bullets)):
        if are_lists:
            shown.append(_lists([block for block in group if isinstance(block, Bullets)]))
        else:
            shown += [_block(block, unfolded) for block in group]
    return shown


def _block(block: Block, unfolded: bool) -> str:
    match block:
        case Heading(text, level):
            rank = min(max(level, 1), 6)
            return f"<h{rank}>{_escaped(text)}</h{rank}>"
        case Para(spans):
            return f"<p>{_spans(spans)}</p>"
        case Context(spans):
            return f'<p class="small">{_spans(spans)}</p>'
        case Quote(spans):
            return f"<blockquote>{_spans(spans)}</blockquote>"
        case Table(header, rows):
            body = "".join(_row(row, "td") for row in rows)
            return f"<table><thead>{_row(header, 'th')}</thead><tbody>{body}</tbody></table>"
        case Collapsible(title, inner):
            state = " open" if unfolded else ""
            content = "\n".join(_blocks(inner, unfolded))
            return f"<details{state}><summary>{_escaped(title)}</summary>\n{content}\n</details>"
        case Image(url, alt):  # a page loads nothing: the picture is a link
            return f"<p>{_link(alt or url, url)}</p>"
        case Buttons(buttons):
            return f"<p>{''.join(map(_button, buttons))}</p>"
        case Divider():
            return "<hr>"
        case _:
            return ""


def _button(button: Button) -> str:
    label = _escaped(button.label)
    if _ADDRESS.fullmatch(button.url):
        return f'<a class="button" href="{_attribute(button.url)}">{label}</a>'
    return f'<span class="button">{label}</span>'


def _lists(lists: Sequence[Bullets]) -> str:
    """Neighbouring lists, those with a larger indent inside the item before them."""
    html = ""
    at = 0
    while at < len(lists):
        each = lists[at]
        inner = at + 1
        while inner < len(lists) and lists[inner].indent > each.indent:
            inner += 1
        html += _list(each, _lists(lists[at + 1 : inner]))
        at = inner
    return html


def _list(each: Bullets, nested: str) -> str:
    tag = "ol" if each.ordered else "ul"
    start = f' start="{each.start}"' if each.ordered and each.start != 1 else ""
    items = [_spans(item) for item in each.items]
    if items:
        items[-1] += nested
    return f"<{tag}{start}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"


def _row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{_escaped(cell)}</{tag}>' for cell in cells)}</tr>"


def _spans(spans: Iterable[Span]) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    match span:
        case Text(text):
            return _escaped(text)
        case Bold(text):
            return f"<strong>{_escaped(text)}</strong>"
        case Italic(text):
            return f"<em>{_escaped(text)}</em>"
        case Code(text):
            return f"<code>{_escaped(text)}</code>"
        case Link(text, url):
            return _link(text, url)


def _link(text: str, url: str) -> str:
    if not _ADDRESS.fullmatch(url):
        return _escaped(text)
    return f'<a href="{_attribute(url)}" rel="noopener noreferrer">{_escaped(text)}</a>'


def _escaped(text: str) -> str:
    return escape(_UNPRINTABLE.sub("", text), quote=False).replace("\n", "<br>")


def _attribute(text: str) -> str:
    return escape(_UNPRINTABLE.sub("", text), quote=True)
