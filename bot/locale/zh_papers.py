"""What commands on papers say in simplified Chinese, by the English sentence."""

from __future__ import annotations

from collections.abc import Mapping

PAPER_SENTENCES: Mapping[str, str] = {
    # Papers
    "Explain which paper? For example: /explain 1911.02782, or /explain #1 of the last digest": (
        "要详解哪篇论文？例如：/explain 1911.02782，或上一期的 /explain #1"
    ),
    "Reading {id}: {title} …": "正在阅读 {id}：{title} …",
    "Ask what, of which paper? For example: /ask 1911.02782 How many papers have full text?": (
        "要问哪篇论文、什么问题？例如：/ask 1911.02782 有多少篇论文带全文？"
    ),
    "Ask which paper? Name one of this digest: /ask #1 Which data do they use?": (
        "要问哪一篇？请写明这一期里的编号：/ask #1 用了哪些数据？"
    ),
    "It is above already. To have it again: {command}": "上面已经有了。要再看一遍：{command}",
    "What do you want to know about {title}?": "关于 {title}，您想知道什么？",
    "The last digest has {n} paper, no #{number}; try #1 or an identifier.|The last digest has {n} papers, "
    "no #{number}; try #1 or an identifier.": ("上一期有 {n} 篇论文，没有 #{number}；请用 #1 或论文编号。"),
    "The digest of {day} has {n} paper, no #{number}; try #1 or an identifier.|The digest of {day} has {n} "
    "papers, no #{number}; try #1 or an identifier.": (
        "{day}那一期有 {n} 篇论文，没有 #{number}；请用 #1 或论文编号。"
    ),
    "The digest of {day} had no papers; give an identifier, such as 1911.02782.": (
        "{day}那一期没有论文；请写论文编号，例如 1911.02782。"
    ),
    "The last digest had no papers; give an identifier, such as 1911.02782.": (
        "上一期没有论文；请写论文编号，例如 1911.02782。"
    ),
    "There is no digest yet to take a number from; give an identifier, such as 1911.02782.": (
        "还没有推送过，无从编号；请写论文编号，例如 1911.02782。"
    ),
    "Of DOIs I know arXiv's own alone, such as 10.48550/arXiv.1911.02782; try the paper's number": (
        "DOI 中只认识 arXiv 自己的，例如 10.48550/arXiv.1911.02782；请写论文编号"
    ),
    # Saved papers and opinions
    "Which paper? For example: {command}": "哪篇论文？例如：{command}",
    "Saved: {title}. /saved lists what you saved.": "已收藏：{title}。/saved 列出您的收藏。",
    "Saved {n} papers. /saved lists what you saved.": "已收藏 {n} 篇论文。/saved 列出您的收藏。",
    "I left out what names no paper: {words}": "其余不是论文，已略去：{words}",
    "{title} is saved already.": "{title} 已在收藏中。",
    "No longer saved: {title}.": "已取消收藏：{title}。",
    "{title} was not saved.": "{title} 不在收藏中。",
    "More like {title}: such papers rank higher from now on.": "喜欢 {title}：今后这类论文排得更靠前。",
    "Not relevant: {title}. Such papers rank lower from now on.": (
        "不相关：{title}。今后这类论文排得更靠后。"
    ),
    "Not relevant: {title}. Press again to take it back.": "不相关：{title}。再按一次即可撤回。",
    "Taken back: {title} counts as any other.": "已撤回：{title} 不再影响排序。",
    "There was no opinion on {title} to take back.": "您没有评价过 {title}，无可撤回。",
    "/saved takes no words; to save a paper: /save 1911.02782": (
        "/saved 后面不写内容；收藏一篇论文请用 /save 1911.02782"
    ),
    "You have saved no papers. Press Save under one, or: /save 1911.02782": (
        "您还没有收藏论文。请点论文下方的“收藏”，或发送 /save 1911.02782"
    ),
    "{n} saved paper|{n} saved papers": "已收藏 {n} 篇论文",
    "Remove {number}": "删去 {number}",
    "To remove one": "删去一篇",
    "Export": "导出",
    "There is nothing to export: no papers are saved. For example: /export last bib": (
        "没有可导出的论文：收藏是空的。例如：/export last bib"
    ),
    "There is nothing to export: there was no digest with papers yet.": (
        "没有可导出的论文：还没有推送过论文。"
    ),
    "Either a set or papers; try /export saved bib or /export 1911.02782 bib": (
        "一组论文与论文编号只能选一；试试 /export saved bib 或 /export 1911.02782 bib"
    ),
    "{n} papers are as many as can be named at once.": "一次最多写 {n} 篇论文。",
    "“{word}” is no paper and no format; try /export saved bib, /export last csv or /export 1911.02782 md": (
        "“{word}”既不是论文也不是格式；试试 /export saved bib、/export last csv 或 /export 1911.02782 md"
    ),
    "{n} paper|{n} papers": "{n} 篇论文",
    "{papers}, as {name}.": "{papers}，见 {name}。",
}
