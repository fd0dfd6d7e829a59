"""The command line as scripts and people use it: output, JSON, exit codes, one sentence for each mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

from bot.demo.replay import DATA
from tests.pdfs import hidden_pdf
from tests.readme import transcript

ROOT = Path(__file__).parents[1]
S2ORC = DATA / "acl_2020.acl-main.447.pdf"
HEAVY = (
    "openai",
    "pymupdf",
    "feedparser",
    "httpx",
    "rich",
    "prompt_toolkit",
    "pydantic",
    "sqlite_utils",
    "aiohttp",
)


UNREACHABLE = {
    "ARXIV_RSS_URL": "http://127.0.0.1:9",
    "ARXIV_URL": "http://127.0.0.1:9",
    "ARXIV_API_URL": "http://127.0.0.1:9",
    "ARXIV_TRIES": "1",
    "ARXIV_FEED_GAP": "0",
    "ARXIV_PAGE_GAP": "0",
    "CATEGORIES": "cs.RO",
}


def paperboy(
    *arguments: str, folder: Path, stdin: IO[bytes] | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    quiet = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "ARXIV_API_URL": "http://127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", *arguments],
        cwd=folder,
        env=quiet | environment,
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_command_and_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['paperboy', '--help']\n"
        "from bot.cli import main\n"
        "try: main()\n"
        f"finally: print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"
    for command in ("demo", "run", "digest", "explain", "preview", "read", "subscribe", "status", "config"):
        assert f"  {command}" in done.stdout


def test_preview_prints_one_json_object_per_paper_best_first(tmp_path: Path) -> None:
    done = paperboy(
        "preview",
        "vla, vision language action",
        "--feed",
        str(_feed("cs.CV", tmp_path)),
        "--json",
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    papers = [json.loads(line) for line in done.stdout.splitlines()]
    assert {tuple(paper) for paper in papers} == {("id", "title", "announce_type", "categories", "hits")}
    assert {tuple(hit) for paper in papers for hit in paper["hits"]} == {("phrase", "field", "snippet")}
    assert "2606.29384" in {paper["id"] for paper in papers}
    assert papers[0]["hits"][0]["field"] == "title"


def test_preview_of_two_feeds_names_a_paper_once(tmp_path: Path) -> None:
    feeds = [argument for name in ("cs.CV", "cs.AI") for argument in ("--feed", str(_feed(name, tmp_path)))]
    done = paperboy("preview", "model", *feeds, "--json", folder=tmp_path)
    ids = [json.loads(line)["id"] for line in done.stdout.splitlines()]
    assert len(ids) == len(set(ids)) > 50


def _feed(category: str, folder: Path) -> Path:
    import gzip

    path = folder / f"{category}.xml"
    path.write_bytes(gzip.decompress((DATA / f"{category}_2026-06-30.rss.xml.gz").read_bytes()))
    return path


def test_read_prints_the_described_json(tmp_path: Path) -> None:
    done = paperboy("read", str(S2ORC), "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    text = json.loads(done.stdout)
    assert text["pages"] == 15
    assert {"pages", "title", "sections", "hidden", "notes"} <= set(text)
    assert {tuple(section) for section in text["sections"]} == {("number", "title", "page", "paragraphs")}
    ids = [paragraph["id"] for section in text["sections"] for paragraph in section["paragraphs"]]
    assert ids == list(range(1, len(ids) + 1))


def test_a_hidden_instruction_is_reported_by_read_and_explain(tmp_path: Path) -> None:
    path = tmp_path / "attack.pdf"
    path.write_bytes(hidden_pdf("white"))
    read = json.loads(paperboy("read", str(path), "--json", folder=tmp_path).stdout)
    assert [(each["page"], each["instruction"]) for each in read["hidden"]] == [(1, True)]
    explained = json.loads(paperboy("explain", str(path), "--json", folder=tmp_path).stdout)
    assert "hidden instructions" in explained["warnings"][0]
    assert "previous instructions" not in json.dumps(explained["claims"]).lower()


def test_explain_of_a_file_gives_claims_that_stand_in_the_paper(tmp_path: Path) -> None:
    done = paperboy("explain", str(S2ORC), "--json", folder=tmp_path)
    analysis = json.loads(done.stdout)
    text = json.loads(paperboy("read", str(S2ORC), "--json", folder=tmp_path).stdout)
    paragraphs = {
        paragraph["id"]: paragraph for section in text["sections"] for paragraph in section["paragraphs"]
    }
    anchored = [claim for claim in analysis["claims"] if claim["paragraph"]]
    assert len(anchored) >= 20
    for claim in anchored:
        assert claim["quote"] in paragraphs[claim["paragraph"]]["text"]
        assert claim["page"] >= paragraphs[claim["paragraph"]]["page"]
        assert claim["verified"]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["preview", "a AND", "--feed", "x.xml"], 2, "AND needs a term"),
        (["preview", "vla", "--feed", "missing.xml"], 2, "missing.xml cannot be read"),
        (["preview", "vla", "--feed", "page.html"], 2, "page.html"),
        (["preview", "vla"], 2, "Missing option '--feed'"),
        (["read", "missing.pdf"], 2, "missing.pdf cannot be read"),
        (["read", "page.html"], 2, "page.html"),
        (["explain", "1234"], 2, "Try 1911.02782"),
        (["explain", "missing.pdf"], 2, "missing.pdf cannot be read"),
        (["explain", "1911.02782", "--language", "klingon"], 2, "try en, zh-CN"),
        (["explain", "1911.02782", "--analyzer", "magic"], 2, "try extractive"),
        (["subscribe", ""], 2, "Subscribe to what?"),
        (["unsubscribe", "99"], 2, "no subscription is “99”"),
        (["report", "tomorrow"], 2, "try 2026-06-30"),
        (["report"], 2, "no digest yet"),
        (["exlpain", "1911.02782"], 2, "Did you mean “paperboy explain”?"),
        (["config", "--colour"], 2, "--colour"),
    ],
)
def test_a_mistake_costs_one_sentence_and_exit_code_2(
    arguments: list[str], code: int, says: str, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text("<html><body>Rate exceeded.</body></html>")
    done = paperboy(*arguments, folder=tmp_path)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("paperboy: ")
    assert "Traceback" not in done.stderr


def test_an_unreachable_arxiv_is_a_failure_not_a_usage_error(tmp_path: Path) -> None:
    done = paperboy("explain", "1911.02782", folder=tmp_path, ARXIV_URL="http://127.0.0.1:9", ARXIV_TRIES="1")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_digest_of_which_every_category_failed_is_shown_and_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = paperboy("digest", folder=tmp_path, REPORT_DIR="file/reports", **UNREACHABLE)
    assert done.returncode == 1
    assert "could not be fetched" in done.stdout
    assert "The report cannot be written to file/reports" in done.stderr
    assert done.stderr.splitlines()[-1].endswith("Ask again then: paperboy digest")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["config", "digest", "--help"])
def test_an_output_that_is_full_or_closed_costs_one_sentence(command: str, tmp_path: Path) -> None:
    code = f"import os, sys\nsys.argv = ['paperboy', {command!r}]\nfrom bot.cli import main\nmain()"
    for redirected in (">/dev/full", ">&-"):
        done = subprocess.run(
            ["sh", "-c", f'"$0" -c "$1" {redirected}', sys.executable, code],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | UNREACHABLE,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        told = [line for line in done.stderr.splitlines() if line.startswith("paperboy: The output ")]
        assert len(told) == 1
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr


def test_a_reader_that_leaves_early_is_no_failure(tmp_path: Path) -> None:
    code = "import sys\nsys.argv = ['paperboy', 'config', '--json']\nfrom bot.cli import main\nmain()"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def test_the_bare_command_shows_the_help(tmp_path: Path) -> None:
    done = paperboy(folder=tmp_path)
    assert done.stdout.startswith("Usage: ")
    assert done.stderr == ""


def test_what_is_no_regular_file_or_too_large_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "folder.pdf").mkdir()
    with (tmp_path / "large.pdf").open("wb") as file:
        file.truncate(2 * 2**20)
    said = {"pipe.pdf": "is a pipe", "folder.pdf": "is a folder", "/dev/zero": "is a device"}
    for name, says in (said | {"large.pdf": "is larger than 1 MiB, the limit that PDF_MEGABYTES"}).items():
        for command in ("read", "explain"):
            done = paperboy(command, name, folder=tmp_path, PDF_MEGABYTES="1")
            assert (done.returncode, done.stdout) == (2, "")
            assert says in done.stderr.splitlines()[-1]
    for name, says in said.items():
        done = paperboy("preview", "vla", "--feed", name, folder=tmp_path)
        assert done.returncode == 2
        assert says in done.stderr


def test_a_feed_can_come_on_standard_input(tmp_path: Path) -> None:
    with _feed("cs.CV", tmp_path).open("rb") as feed:
        done = paperboy("preview", "vla", "--feed", "-", "--json", folder=tmp_path, stdin=feed)
    assert "2606.29384" in done.stdout


def test_preview_asks_about_an_operator_in_small_letters_when_it_finds_nothing(tmp_path: Path) -> None:
    feed = str(_feed("cs.CV", tmp_path))
    done = paperboy("preview", "xyzzy or vla", "--feed", feed, folder=tmp_path)
    assert "0 of " in done.stdout
    assert "Did you mean OR in capitals? xyzzy OR vla" in done.stdout
    assert "Did you mean" not in paperboy("preview", "vla", "--feed", feed, folder=tmp_path).stdout


def test_a_changed_setting_is_told_and_a_mistyped_one_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CATEGORIES=cs.RO\n")
    assert paperboy("subscriptions", folder=tmp_path).stderr == ""
    (tmp_path / ".env").write_text("CATEGORIES=cs.cl\nDIGEST_TIM=09:00\n")
    assert paperboy("subscriptions", folder=tmp_path).stderr.splitlines() == [
        "paperboy: unknown setting DIGEST_TIM in .env; did you mean DIGEST_AT?",
        "paperboy: CATEGORIES from the settings: cs.CL (was cs.RO).",
    ]


def test_subscriptions_are_kept_between_commands(tmp_path: Path) -> None:
    paperboy("subscribe", "world model", "--json", folder=tmp_path, KEYWORDS="vla")
    listed = paperboy("subscriptions", "--json", folder=tmp_path)
    rows: list[dict[str, Any]] = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [(row["number"], row["query"]) for row in rows] == [(1, "vla"), (2, "world model")]
    left = paperboy("unsubscribe", "#1", "--json", folder=tmp_path)
    assert [json.loads(line)["number"] for line in left.stdout.splitlines()] == [2]


def test_config_lists_every_setting_and_what_was_changed(tmp_path: Path) -> None:
    done = paperboy("config", "--json", folder=tmp_path, DIGEST_AT="07:15")
    rows = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert rows["DIGEST_AT"]["value"] == "07:15"
    assert {"PLATFORM", "STORE", "ANALYZER", "CATEGORIES", "KEYWORDS", "ARXIV_RSS_URL", "CONTACT"} <= set(
        rows
    )


def test_the_demo_shows_the_day_and_writes_both_reports(tmp_path: Path) -> None:
    done = paperboy("demo", "--out", str(tmp_path / "demo"), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for shown in ("S2ORC", "LongEval", "Event-VLA", "416 papers scanned", "81.1M", "make run"):
        assert shown in done.stdout
    shown = (ROOT / "README.md").read_text(encoding="utf-8")
    assert transcript(done.stdout) in shown, "renew it with: python -m tests.readme"
    english = (tmp_path / "demo" / "report_2026-06-30_en.md").read_text(encoding="utf-8")
    chinese = (tmp_path / "demo" / "report_2026-06-30_zh-CN.md").read_text(encoding="utf-8")
    assert "## 1. " in english
    assert "### 原文摘要" in chinese


def test_the_doctor_names_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    done = paperboy("doctor", "--json", folder=tmp_path, ARXIV_RSS_URL="http://127.0.0.1:9")
    found = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 1
    assert found["store"]["well"]
    assert found["reading"]["well"]
    assert not found["arXiv"]["well"]
    assert "ARXIV_RSS_URL" in found["arXiv"]["advice"]
