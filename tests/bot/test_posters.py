"""A poster says whom to call, names its community, and its code is the link."""

import csv
import io
import re
import zlib
from pathlib import Path

import pytest
import segno
from PIL import Image

from bot.drawing import DrawingError
from bot.links import Community, LinkError, Links
from bot.posters import Made, make_links, print_poster, print_posters, write_links

LINKS = Links(b"a key of the tests, long enough.")
HAPPY = Community("幸福社区", "440705")
WEB = "https://hutong.example.org"


def made(community: Community = HAPPY, bot: str = "hutong_bot", web: str = WEB) -> Made:
    (only,) = make_links([community], LINKS, bot, web)
    return only


def printed(poster: Made, form: str = "png") -> bytes:
    target = io.BytesIO()
    print_poster(poster, form, target)
    return target.getvalue()


def modules_at(picture: Image.Image, columns: range, rows: range) -> list[list[bool]]:
    """The dark modules of the code that stands in a part of a picture, its quiet zone left out."""
    part = picture.convert("L").crop((columns.start, rows.start, columns.stop, rows.stop))
    box = part.point(lambda value: 255 * (value < 128)).getbbox()
    assert box is not None
    code = part.crop(box)
    finder = next(x for x in range(code.width) if code.getpixel((x, 2)) > 128)
    count = round(code.width / (finder / 7))  # a finder pattern is seven modules wide
    step = code.width / count
    return [
        [code.getpixel((int((x + 0.5) * step), int((y + 0.5) * step))) < 128 for x in range(count)]
        for y in range(count)
    ]


def modules_of(link: str) -> list[list[bool]]:
    return [[bool(each) for each in row] for row in segno.make(link, error="q", micro=False).matrix]


def test_the_codes_on_a_poster_are_its_links() -> None:
    poster = made()
    picture = Image.open(io.BytesIO(printed(poster)))
    assert picture.size == (1654, 2338)  # A4 at 200 dots an inch
    rows = range(int(picture.height * 0.37), int(picture.height * 0.71))
    half = picture.width // 2
    assert modules_at(picture, range(half), rows) == modules_of(poster.web)
    assert modules_at(picture, range(half, picture.width), rows) == modules_of(poster.telegram)


def test_a_poster_with_one_code_has_it_in_the_middle_and_larger() -> None:
    poster = made(web="")
    picture = Image.open(io.BytesIO(printed(poster)))
    rows = range(int(picture.height * 0.33), int(picture.height * 0.73))
    assert modules_at(picture, range(picture.width), rows) == modules_of(poster.telegram)


def test_posters_of_two_communities_differ_and_the_same_one_does_not() -> None:
    assert printed(made()) == printed(made())
    assert printed(made()) != printed(made(Community("平安社区", "440705")))


def inflated(content: bytes) -> list[bytes]:
    """All streams of a PDF in the clear."""
    held = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.S):
        try:
            held.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            held.append(stream)
    return held


def modules_drawn(streams: list[bytes]) -> list[list[bool]]:
    """The dark modules of the one code that is drawn in a PDF, as bars of one module's height."""
    number = rb"(-?[\d.]+) (-?[\d.]+) "
    four_sides = number + b"m\n" + (number + b"l\n") * 3
    bars = []
    for bar in max((re.findall(four_sides, held) for held in streams), key=len):
        across = [float(each) for each in bar[::2]]
        down = [-float(each) for each in bar[1::2]]  # a PDF counts from below
        bars.append((min(across), max(across), min(down), max(down)))
    bars = [bar for bar in bars if bar[1] - bar[0] < 500]  # not the page
    left, top = min(bar[0] for bar in bars), min(bar[2] for bar in bars)
    size = min(bar[3] - bar[2] for bar in bars)
    count = round((max(bar[1] for bar in bars) - left) / size)
    modules = [[False] * count for _ in range(count)]
    for begin, end, row, _ in bars:
        for column in range(round((begin - left) / size), round((end - left) / size)):
            modules[round((row - top) / size)][column] = True
    return modules


def test_the_code_in_a_pdf_is_its_link() -> None:
    poster = made(bot="")
    assert modules_drawn(inflated(printed(poster, "pdf"))) == modules_of(poster.web)


def test_the_pdf_is_one_page_of_a4_with_its_fonts_in_it() -> None:
    content = printed(made(), "pdf")
    assert content.startswith(b"%PDF")
    assert b"/Subtype /Image" not in content  # an image would be drawn in dots
    (box,) = re.findall(rb"/MediaBox \[ ?([\d. ]+) ?\]", content)
    assert [round(float(each)) for each in box.split()] == [0, 0, 595, 842]
    held = b"".join([content, *inflated(content)])
    assert b"/CharProcs" in held or b"/FontFile" in held
    assert len(content) < 1_000_000


def test_a_name_with_a_sign_that_no_font_has_is_told() -> None:
    with pytest.raises(DrawingError, match="no font has"):
        printed(made(Community("幸\U000f0000", "440705")))


def test_every_community_gets_two_files_and_a_line(tmp_path: Path) -> None:
    communities = [HAPPY, Community("前进路/东社区", "440705")]
    posters = make_links(communities, LINKS, "hutong_bot", WEB)
    assert print_posters(posters, tmp_path) == 2
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "001-幸福社区.pdf", "001-幸福社区.png", "002-前进路_东社区.pdf", "002-前进路_东社区.png",
    ]  # fmt: skip


def test_the_list_of_links_is_harmless_in_a_spreadsheet() -> None:
    target = io.BytesIO()
    communities = [HAPPY, Community("=1+1", "440705")]
    write_links(make_links(communities, LINKS, "hutong_bot", ""), target)
    rows = list(csv.DictReader(io.StringIO(target.getvalue().decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["幸福社区", "'=1+1"]
    assert LINKS.read(rows[0]["telegram"].rpartition("=")[2]) == HAPPY
    assert rows[0]["web"] == ""


def test_neither_telegram_nor_web_is_no_link() -> None:
    with pytest.raises(LinkError, match="--bot"):
        make_links([HAPPY], LINKS, "", "")
