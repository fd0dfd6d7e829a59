"""PDFs that are broken, endless, enormous or up to something, made from good ones."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import pymupdf

from tests import pdfs
from tests.chaos.program import DATA

Make = Callable[[random.Random], bytes]

_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
_TEXT = b"BT /F1 10 Tf 50 700 Td (A short and honest paper about robots and what they read.) Tj ET"
_ACTIONS = (
    b"<</S/JavaScript/JS(app.alert\\(1\\); this.submitForm\\('http://127.0.0.1:9/'\\);)>>",
    b"<</S/Launch/F(/bin/sh)>>",
    b"<</S/URI/URI(http://169.254.169.254/latest/meta-data/)>>",
    b"<</S/SubmitForm/F<</FS/URL/F(http://127.0.0.1:9/x)>>>>",
    b"<</S/GoToR/F<</FS/URL/F(http://127.0.0.1:9/x.pdf)>>/D[0/Fit]>>",
    b"<</S/ImportData/F(/etc/passwd)>>",
)


@cache
def _good() -> tuple[bytes, ...]:
    """Small PDFs and the two that are shipped."""
    made = tuple(pdfs.hidden_pdf(way) for way in ("white", "tiny", "clipped"))
    return (*made, *(path.read_bytes() for path in sorted(DATA.glob("*.pdf"))))


def _stream(body: bytes, more: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (more, len(body), body)


def _one_page(
    *, page: bytes = _PAGE, content: bytes = _TEXT, root: bytes = b"", more: tuple[bytes, ...] = ()
) -> bytes:
    catalogue = b"<</Type/Catalog/Pages 2 0 R%s>>" % root
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return pdfs.assembled([catalogue, pages, page, _stream(content), _FONT, *more])


def flipped(chance: random.Random) -> bytes:
    """A good PDF with some bits turned."""
    body = bytearray(chance.choice(_good()))
    for _ in range(chance.choice((1, 10, 100, 2_000))):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return bytes(body)


def cut(chance: random.Random) -> bytes:
    """The beginning of a good PDF, or all but its beginning."""
    body = chance.choice(_good())
    at = chance.randrange(1, len(body))
    return body[:at] if chance.random() < 0.8 else b"%PDF-1.7\n" + body[at:]


def blotted(chance: random.Random) -> bytes:
    """A good PDF with a piece of it blank, doubled or foreign."""
    body = chance.choice(_good())
    start = chance.randrange(len(body))
    end = min(len(body), start + chance.choice((16, 1_000, 100_000)))
    piece = chance.choice((bytes(end - start), body[start:end] * 2, chance.randbytes(end - start)))
    return body[:start] + piece + body[end:]


def looped(chance: random.Random) -> bytes:
    """Tables, page trees, forms and lengths that lead back to themselves."""
    page = chance.choice((_PAGE, b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 9>>"))
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>"
    more = (form + b"/Length 6>>\nstream\n/X Do \nendstream",)
    self_drawn = _PAGE.replace(b"/Font<<", b"/XObject<</X 6 0 R>>/Font<<")
    body = _one_page(page=chance.choice((page, self_drawn)), content=b"/X Do " + _TEXT, more=more)
    start = body.rindex(b"startxref\n") + 10
    offset = body[start:].split(b"\n")[0]
    match chance.randrange(4):
        case 0:
            return body.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev " + offset)
        case 1:
            return body.replace(b"<</Length", b"<</Length 4 0 R/Was")
        case 2:
            return body.replace(b"/Kids[3 0 R]", b"/Kids[2 0 R 3 0 R 2 0 R]")
        case _:
            return body


def nested(chance: random.Random) -> bytes:
    """Arrays, dictionaries or states of drawing, one inside the other, very deep."""
    deep = chance.choice((500, 20_000, 300_000))
    opened, closed = chance.choice(((b"[", b"]"), (b"<</A", b">>"), (b"q ", b"Q "), (b"(", b")")))
    thing = opened * deep + closed * deep
    if chance.random() < 0.5:
        return _one_page(content=thing + b" " + _TEXT)
    return _one_page(root=b"/Deep " + thing)


def boxed(chance: random.Random) -> bytes:
    """Pages of impossible size, and text of impossible size on them."""
    box = chance.choice(
        (
            b"0 0 1e9 1e9",
            b"0 0 -5 -5",
            b"0 0 0 0",
            b"nan inf 1 2",
            b"-1e38 -1e38 1e38 1e38",
            b"0 0 1e-9 1e-9",
            b"1",
        )
    )
    size = chance.choice((b"1e9", b"-10", b"0", b"1e-12", b"10"))
    page = _PAGE.replace(b"0 0 600 800", box)
    return _one_page(page=page, content=_TEXT.replace(b" 10 Tf", b" " + size + b" Tf"))


def active(chance: random.Random) -> bytes:
    """A PDF that would run, open, send or import something, and one with files inside."""
    action = chance.choice(_ACTIONS)
    page = _PAGE.replace(
        b"/Contents",
        b"/AA<</O %s>>/Annots[<</Subtype/Link/Rect[0 0 600 800]/A %s>>]/Contents" % (action, action),
    )
    files = b"/Names<</EmbeddedFiles<</Names[(x.exe) <</Type/Filespec/F(x.exe)/EF<</F 6 0 R>>>>]>>>>"
    root = b"/OpenAction " + action + files
    return _one_page(
        page=page, root=root, more=(_stream(b"MZ" + chance.randbytes(5_000), b"/Type/EmbeddedFile"),)
    )


def locked(chance: random.Random) -> bytes:
    """A PDF for which one needs a password."""
    page = pdfs.prose_page()
    method = chance.choice((pymupdf.PDF_ENCRYPT_AES_256, pymupdf.PDF_ENCRYPT_RC4_40))
    password = chance.choice(("", "secret"))
    body: bytes = page.parent.tobytes(encryption=method, owner_pw="owner", user_pw=password)
    page.parent.close()
    return body


def enormous(chance: random.Random) -> bytes:
    """Numbers that are far too large where the format has numbers."""
    body = _one_page()
    number = chance.choice((b"2147483647", b"-1", b"99999999999999999999", b"9223372036854775807"))
    field = chance.choice((b"/Count 1", b"/Length %d" % len(_TEXT), b"/Size 6", b"0 6\n"))
    name = field.split()[0]
    return body.replace(field, name + b" " + number, 1)


def picture(chance: random.Random) -> bytes:
    """An image of absurd size, in a format that few decode well."""
    filter_ = chance.choice(
        (b"/JBIG2Decode", b"/JPXDecode", b"/DCTDecode", b"/CCITTFaxDecode", b"/LZWDecode")
    )
    image = (
        b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter"
        + filter_
    )
    page = _PAGE.replace(b"/Font<<", b"/XObject<</X 6 0 R>>/Font<<")
    return _one_page(page=page, content=b"/X Do " + _TEXT, more=(_stream(chance.randbytes(3_000), image),))


def bomb(chance: random.Random) -> bytes:
    """A few kilobytes that unpack to hundreds of megabytes, once or twice over."""
    size = chance.choice((5, 40, 200))
    if chance.random() < 0.5:
        return pdfs.flate_bomb(size)
    twice = zlib.compress(zlib.compress(b" " * size * 2_000_000, 9), 9)
    page = _stream(twice, b"/Filter[/FlateDecode/FlateDecode]")
    return _one_page().replace(_stream(_TEXT), page)


def endless(chance: random.Random) -> bytes:
    """Forms in forms in forms, or a page with more words than anybody reads."""
    if chance.random() < 0.5:
        return pdfs.form_bomb()
    return _one_page(content=zlib.decompress(zlib.compress(_TEXT + b"\n")) * 60_000)


def long(chance: random.Random) -> bytes:
    """Ten thousand pages."""
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 10_005))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
    pages = b"<</Type/Pages/Kids[%s]/Count 10000>>" % kids
    return pdfs.assembled([b"<</Type/Catalog/Pages 2 0 R>>", pages, _FONT, _stream(_TEXT), *[page] * 10_000])


def nothing_of_the_kind(chance: random.Random) -> bytes:
    """What is no PDF, whatever it says."""
    return chance.choice(
        (b"%PDF-1.7", b"%PDF-9.9\n" + chance.randbytes(4_000), b"%PDF-" * 4_000, b"%PDF-1.4\x00%%EOF")
    )


# Of each hundred so many; the endless take their whole time.
KINDS: tuple[tuple[Make, int], ...] = (
    (flipped, 24), (cut, 14), (blotted, 14), (looped, 9), (nested, 8), (boxed, 6), (active, 7), (locked, 3),
    (enormous, 5), (picture, 3), (bomb, 3), (endless, 1), (long, 1), (nothing_of_the_kind, 2),
)  # fmt: skip


def broken(number: int, *, seed: int = 5) -> Iterator[tuple[str, bytes]]:
    """So many of them with the names of their kinds, every kind in its share and at least once."""
    chance = random.Random(seed)
    for kind, share in KINDS:
        for _ in range(max(1, round(number * share / 100))):
            yield kind.__name__, kind(chance)
