"""CPU of extracts and of verification, beside that of reading the same paper."""

from __future__ import annotations

from itertools import pairwise
from time import process_time

from bot.demo.replay import DATA
from digest.analysis.extractive import extract
from digest.analysis.verify import verify
from digest.model import ArxivId, Depth, Paper
from digest.reading.limits import Limits
from digest.reading.pdf import read_pdf

PAPERS = {"1911.02782": "acl_2020.acl-main.447.pdf", "2301.13298": "acl_2023.eacl-main.121.pdf"}


def run() -> None:
    for identifier, name in PAPERS.items():
        pdf = (DATA / name).read_bytes()
        read_pdf(pdf, Limits())  # warm
        times = [process_time()]
        text = read_pdf(pdf, Limits())
        times.append(process_time())
        paper = Paper(id=ArxivId(identifier), title=text.title)
        analysis = extract(paper, text, depth=Depth.DEEP)
        times.append(process_time())
        verify(analysis, text, paper)
        times.append(process_time())
        reading, extracting, verifying = (after - before for before, after in pairwise(times))
        print(
            f"{identifier}: reading {reading * 1000:4.0f} ms, extracts {extracting / reading:.2f} x that; "
            f"verifying {len(analysis.claims)} claims again {verifying / reading:.2f} x"
        )
