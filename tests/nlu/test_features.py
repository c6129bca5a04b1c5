from __future__ import annotations

from nlu.features import GramSpace, grams, sound


def test_words_that_sound_alike_share_their_sounds() -> None:
    assert sound("离") == sound("理")
    assert sound("三") == sound("山")
    assert set(grams("隔离")) & set(grams("格理"))


def test_a_text_of_unknown_words_has_an_empty_row() -> None:
    space = GramSpace.fit(["甲乙丙丁戊", "甲乙丙丁己"], min_documents=2)
    index, values = space.row("xyz")
    known = {gram for gram, at in space.vocabulary.items() if at in index}
    assert space.vocabulary
    assert len(index) == len(values)
    assert known <= {"^", "$", "#short"}


def test_rows_have_length_one() -> None:
    space = GramSpace.fit(["孩子没人管", "孩子没人看", "孩子在家"])
    _, values = space.row("孩子没人管")
    assert abs(float((values**2).sum()) - 1) < 1e-5
