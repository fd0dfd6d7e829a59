"""Where the paper's own code, data and project page are, told apart from those it cites."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from digest.analysis.centrality import terms
from digest.analysis.languages import words
from digest.fulltext import FullText, SectionRole
from digest.model import Paper

_URL = re.compile(
    r"(?:https?://|(?<![\w/@.])(?:www\.|github\.com/|huggingface\.co/|gitlab\.com/))(?:(?!https?://)[^\s<>\"“”{}|\\^`\[\]])+"
)
_HOSTS = re.compile(
    r"""(?:^|\.)(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|huggingface\.co|modelscope\.cn|zenodo\.org
    |osf\.io|figshare\.com|kaggle\.com|codeocean\.com|anonymous\.4open\.science|sourceforge\.net
    |github\.io|gitlab\.io|sites\.google\.com|netlify\.app|vercel\.app|readthedocs\.io)$""",
    re.VERBOSE,
)
_OFFERS = re.compile(
    r"""\b(?:(?:our|the|all|source)\ (?:\w+\ ){0,3}(?:code|data|datasets?|models?|implementation|resources
    |software|weights|demo|videos?|corpus|benchmark)\b|code\ (?:is|are|will|and|at)|project\ (?:page|website)
    |we\ (?:publicly\ )?(?:release|open-source|share|provide|publish)|(?:publicly|freely)\ available
    |available\ (?:at|on|from|here)
    |open-source|website|supplementary\ videos?)""",
    re.VERBOSE | re.IGNORECASE,
)
_COMMON_NAMES = words("code data dataset model paper project github main wiki official page")


def own_links(paper: Paper, text: FullText | None) -> tuple[str, ...]:
    """Links of this paper, in order of first sight: in its abstract or comment, offered in its prose, or
    pointing at a code or project host under a name out of its title.
    """
    links = [*_urls(paper.abstract), *_urls(paper.comment or "")]
    if text is not None:
        links += _offered(text)
        name = paper.title or text.title
        links += [url for url in map(_clean, text.links) if _is_host(url) and _is_named_after(url, name)]
    return _distinct(links)


def _offered(text: FullText) -> Iterable[str]:
    """Addresses on code and project hosts in a sentence that offers something of the authors' own."""
    for section in text.sections:
        if section.role in (SectionRole.REFERENCES, SectionRole.RELATED_WORK):
            continue
        for paragraph in section.paragraphs:
            for match in _URL.finditer(paragraph.text):
                around = paragraph.text[max(0, match.start() - 160) : match.start()]
                if _is_host(_clean(match[0])) and _OFFERS.search(around):
                    yield _clean(match[0])


def _urls(text: str) -> list[str]:
    return [_clean(match[0]) for match in _URL.finditer(text) if not _is_citation(_clean(match[0]))]


def _is_citation(url: str) -> bool:
    return bool(re.search(r"//(?:www\.)?(?:dx\.)?(?:doi\.org|arxiv\.org|creativecommons\.org)", url))


def _clean(url: str) -> str:
    url = url[: url.find("http", 4)] if url.find("http", 4) > 0 else url
    url = re.sub(r"\.\d{1,2}$", "", url.rstrip(".,;:!?'\"’”"))  # a footnote's number glued to the end
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(".,;:")
    return url if url.startswith("http") else f"https://{url}"


def _is_host(url: str) -> bool:
    """Whether it leads to a repository or project page, not just to the host that keeps many."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    shared = not host.endswith((".io", ".app"))
    return _HOSTS.search(host) is not None and (not shared or len(parts.path.strip("/")) > 2)


def _is_named_after(url: str, title: str) -> bool:
    """Whether the repository or page carries the paper's name: the word before the colon, or two words."""
    parts = urlsplit(url)
    place = re.sub(r"[^a-z0-9]+", " ", f"{(parts.hostname or '').split('.')[0]} {parts.path}".lower()).split()
    squeezed = "".join(place)
    name, colon, _ = title.partition(":")
    acronym = re.sub(r"[^a-z0-9]+", "", name.lower())
    if colon and 2 < len(acronym) <= 24 and acronym not in _COMMON_NAMES and acronym in squeezed:
        return True
    wanted = set(terms(title)) - _COMMON_NAMES
    return len(wanted & set(terms(" ".join(place)))) >= 2


def _distinct(links: Iterable[str]) -> tuple[str, ...]:
    """Each place once, whatever its scheme, case or final slash; at most eight."""
    seen: dict[str, str] = {}
    for url in links:
        key = re.sub(r"^https?://(?:www\.)?", "", url).rstrip("/").removesuffix(".git").lower()
        if key:
            seen.setdefault(key, url)
    return tuple(seen.values())[:8]
