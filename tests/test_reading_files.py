"""Every file ends in text, in a note, or in one clear sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pymupdf
import pytest

from digest.errors import FullTextError
from digest.fulltext import FullText
from digest.reading.jsonform import from_cache, to_cache, to_json
from digest.reading.limits import Limits
from digest.reading.pdf import open_pdf, read_pdf
from tests import pdfs

OURS = Path(__file__).parent / "data/pdf"
SHARED = Path(__file__).parents[1] / "../shared/data/pdf"
PAPERS = Path(__file__).parents[1] / "bot/demo/data"


def read(pdf: bytes) -> FullText:
    return read_pdf(pdf, Limits())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \n\n", "The file is empty."),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "The file is a web page, not a PDF."),
        (b"\n<html lang=en>", "The file is a web page, not a PDF."),
        (b"PK\x03\x04\x14\x00", "The file is a ZIP archive, not a PDF."),
        (b"\x1f\x8b\x08\x00", "The file is a gzip archive, not a PDF."),
        (b"%!PS-Adobe-3.0\n", "The file is PostScript, not a PDF."),
        (b"Dear editor, please find attached", "The file is not a PDF."),
        (b"%PDF-1.7\n", "The PDF is damaged and cannot be opened."),
        (b"%PDF-1.5\n" + bytes(range(256)) * 40, "The PDF is damaged and cannot be opened."),
    ],
)
def test_what_is_no_pdf_is_named(data: bytes, sentence: str) -> None:
    with pytest.raises(FullTextError) as refused:
        read(data)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "kids", [b"/Kids[]/Count 0", b"/Kids[2 0 R]/Count 1000000", b"/Kids[3 0 R]/Count -5"]
)
def test_a_pdf_without_sensible_pages_is_refused(kids: bytes) -> None:
    pdf = pdfs.assembled([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages%s>>" % kids])

    with pytest.raises(FullTextError, match=r"has no pages|is damaged"):
        read(pdf)


@pytest.mark.parametrize("name", ["pypdf_enc_r5-user-password.pdf", "pypdf_enc_r6-user-password.pdf"])
def test_a_pdf_with_a_user_password_says_so(name: str) -> None:
    with pytest.raises(FullTextError, match=r"^The PDF is locked with a password\.$"):
        read((OURS / name).read_bytes())


@pytest.mark.parametrize(
    "name",
    ["pypdf_enc_r3-empty-password.pdf", "pypdf_enc_r6-owner-password.pdf", "pypdf_enc_unencrypted.pdf"],
)
def test_a_pdf_that_opens_without_a_password_is_read(name: str) -> None:
    text = read((OURS / name).read_bytes())

    assert [p.text for p in text.paragraphs] == ["pdf encryption test", "password: asdfzxcv"]
    assert text.notes == ()


@pytest.mark.parametrize("name", ["ocrmypdf_linn.pdf", "ocrmypdf_no_contents.pdf"])
def test_a_scan_or_an_empty_page_gives_a_note_instead_of_sections(name: str) -> None:
    text = read((OURS / name).read_bytes())

    assert text.sections == ()
    assert text.notes == ("The PDF has no text layer: its pages are images or empty.",)


@pytest.mark.parametrize(
    "name", ["ocrmypdf_truetype_font_nomapping.pdf", "ocrmypdf_type3_font_nomapping.pdf"]
)
def test_fonts_without_a_unicode_map_are_noted(name: str) -> None:
    assert len(read((OURS / name).read_bytes()).notes) == 1


def test_a_broken_file_is_refused_in_one_sentence() -> None:
    with pytest.raises(FullTextError, match="is damaged"):
        read((OURS / "ocrmypdf_invalid.pdf").read_bytes())


@pytest.mark.parametrize("box", [b"0 0 14400 14400", b"0 0 1e9 1e9", b"0 0 0 0", b"0 0 -5 nan"])
def test_a_page_of_any_size_is_read(box: bytes) -> None:
    stream = b"BT /F1 24 Tf 100 100 Td (Hello, wide world.) Tj ET"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>" % box
    text = read(
        pdfs.assembled(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                page,
                b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
                b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            ]
        )
    )

    assert [p.text for p in text.paragraphs] == ["Hello, wide world."]


def test_only_as_many_pages_are_read_as_allowed_and_the_note_says_so() -> None:
    document = pymupdf.open()
    for number in range(12):
        document.new_page().insert_text((72, 200), f"Page {number} says something of its own.")
    text = read_pdf(pdfs.saved(document), Limits(pages=5))

    assert (text.pages, text.pages_read) == (12, 5)
    assert text.notes == ("Only the first 5 of 12 pages were read.",)


def test_a_page_crowded_by_a_bomb_is_cut_and_the_note_says_so() -> None:
    text = read(pdfs.flate_bomb(1))

    assert text.notes == ("Pages with more text than a page can show were cut: 1.",)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7])
def test_a_cut_download_gives_what_is_left_of_it_and_names_the_pages_that_are_lost(share: float) -> None:
    whole = (PAPERS / "acl_2020.acl-main.447.pdf").read_bytes()
    first = 13 if share < 0.3 else 7

    text = read(whole[: int(len(whole) * share)])

    assert min(paragraph.page for paragraph in text.paragraphs) == first
    assert (text.pages, text.pages_read) == (15, 15 - (first - 1))
    assert text.notes[0] == f"Pages 1-{first - 1} hold no text; the file may be damaged."


def test_a_download_cut_near_its_end_is_called_damaged() -> None:
    whole = (PAPERS / "acl_2020.acl-main.447.pdf").read_bytes()

    broken, complete = read(whole[: len(whole) * 9 // 10]), read(whole[:-500])

    assert broken.notes == ("Page 1 is damaged; some of the text may be missing.",)
    assert complete.notes == (
        "The file is damaged and was repaired for reading; some of its text may be missing.",
    )
    assert broken.pages_read == complete.pages_read == 15


def test_a_page_whose_commands_are_spoilt_is_named() -> None:
    with open_pdf((PAPERS / "acl_2020.acl-main.447.pdf").read_bytes()) as document:
        xref = max(document[3].get_contents(), key=lambda each: len(document.xref_stream_raw(each)))
        packed = document.xref_stream_raw(xref)
    pdf = bytearray((PAPERS / "acl_2020.acl-main.447.pdf").read_bytes())
    middle = pdf.find(packed) + len(packed) // 2
    pdf[middle : middle + 500] = bytes(500)

    text = read(bytes(pdf))

    assert text.notes == ("Page 4 is damaged; some of the text may be missing.",)


def with_blanks(blanks: int) -> bytes:
    """Eight pages, the last `blanks` of them without a word."""
    document = pymupdf.open()
    for number in range(8):
        page = document.new_page()
        if number < 8 - blanks:
            page.insert_text((72, 200), f"Page {number} says something of its own.")
    return pdfs.saved(document)


@pytest.mark.parametrize(
    ("blanks", "read_pages", "notes"),
    [
        (0, 8, ()),
        (2, 8, ()),
        (3, 5, ("Pages 6-8 hold no text; they are images, empty or damaged.",)),
        (8, 0, ("The PDF has no text layer: its pages are images or empty.",)),
    ],
)
def test_a_blank_page_or_two_are_nothing_to_speak_of(
    blanks: int, read_pages: int, notes: tuple[str, ...]
) -> None:
    text = read(with_blanks(blanks))

    assert (text.pages_read, text.notes) == (read_pages, notes)


def test_pages_that_are_turned_are_read_as_they_are_seen() -> None:
    page = pdfs.prose_page()
    upright = read(page.parent.tobytes()).paragraphs
    landscape = pymupdf.open()
    sheet = landscape.new_page(width=842, height=595)
    sheet.show_pdf_page(sheet.rect, page.parent, rotate=90)
    sheet.set_rotation(90)
    turned = read(pdfs.saved(landscape)).paragraphs

    assert [p.text for p in turned] == [p.text for p in upright]


def test_the_json_has_exactly_the_promised_form() -> None:
    data = to_json(read(pdfs.hidden_pdf("white")))

    assert list(data) == ["pages", "title", "sections", "hidden", "notes", "captions"]
    assert data["pages"] == 1
    assert data["title"] == "A Study of Reading"
    assert data["sections"][0].keys() == {"number", "title", "page", "paragraphs"}
    assert data["sections"][0]["paragraphs"][0].keys() == {"id", "page", "text"}
    assert data["hidden"] == [{"page": 1, "text": pdfs.INSTRUCTION, "reason": "white", "instruction": True}]
    assert json.loads(json.dumps(data)) == data


def test_a_full_text_survives_the_cache() -> None:
    text = read((PAPERS / "acl_2020.acl-main.447.pdf").read_bytes())

    assert from_cache(json.loads(json.dumps(to_cache(text)))) == text


@pytest.mark.skipif(not SHARED.exists(), reason="the shared PDFs are not beside this checkout")
def test_every_shared_pdf_ends_in_text_a_note_or_a_clear_sentence() -> None:
    for path in sorted(SHARED.glob("*.pdf")):
        outcome = _outcome(path)
        assert outcome, path.name
        assert isinstance(outcome, FullText) or (outcome.startswith("The ") and outcome.endswith(".")), (
            path.name
        )


def _outcome(path: Path) -> FullText | str | None:
    try:
        text = read_pdf(path.read_bytes(), Limits(pages=6))
    except FullTextError as refused:
        return str(refused)
    return text if text.paragraphs or text.notes else None
