"""The catalogues hold every text, in every language, with the same places to fill in."""

import io
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from bot import catalogues
from bot.texts import LANGUAGES, MissingCatalogueError, texts


def test_no_text_is_missing_stale_or_changed_in_its_places() -> None:
    assert catalogues.problems() == []


def test_what_people_type_is_not_a_text_and_wordings_are() -> None:
    data = "ask: {default: 几个孩子？}\nnames: [几个]\nbuttons: [{title: 一个, says: 今天, value: 1}]\n"
    found = [
        text for _, _, text, _ in catalogues.extract_yaml(io.BytesIO(data.encode()), (), (), {})
    ]
    assert found == ["几个孩子？", "一个"]


@pytest.mark.parametrize(
    ("translated", "complaint"),
    [("", "not translated"), ("No place here", "other placeholders")],
)
def test_a_poor_translation_is_found(
    translated: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language in LANGUAGES[1:]:
        source = catalogues.LOCALE_DIR / language / "LC_MESSAGES" / "messages.po"
        with source.open("rb") as file:
            catalogue = read_po(file, locale=language)
        victim = next(message for message in catalogue if "{case_no}" in str(message.id))
        victim.string = translated
        target = tmp_path / language / "LC_MESSAGES" / "messages.po"
        target.parent.mkdir(parents=True)
        with target.open("wb") as file:
            write_po(file, catalogue)
    monkeypatch.setattr(catalogues, "LOCALE_DIR", tmp_path)
    problems = catalogues.problems()
    assert len(problems) == 2
    assert all(complaint in problem for problem in problems)


def test_every_text_is_in_the_language_asked_for() -> None:
    assert "agree" in texts("en")("同意").lower()
    assert texts("zh_Hant")("转人工") != "转人工"
    assert texts("xx").language == "zh_Hans"


def test_a_missing_catalogue_says_how_to_mend_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.texts.LOCALE_DIR", tmp_path)
    with pytest.raises(MissingCatalogueError, match="make catalogues"):
        texts.__wrapped__("en")
