"""A library that is left out may be mentioned, and says so when somebody calls it."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from bot.conversation.leaving_out import LeftOutError, leaving_out

USER = """
import heavy_library as heavy
from heavy_library.layers import Layer
from typing import Optional

class Own(Layer):
    def run(self, x: Optional["heavy.Tensor"]) -> "heavy.Tensor":
        return heavy.multiply(x, 2)

    @classmethod
    def load(cls):
        return 7

KIND = heavy.dtypes.float32
"""


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "uses_heavy_library.py").write_text(USER)
    monkeypatch.syspath_prepend(str(tmp_path))
    with leaving_out(["heavy_library"]):
        yield import_module("uses_heavy_library")
    sys.modules.pop("uses_heavy_library", None)


def test_what_only_mentions_the_library_works(user) -> None:
    assert user.Own.load() == 7


@pytest.mark.parametrize("call", [lambda u: u.Own(), lambda u: u.Layer(3), lambda u: u.KIND()])
def test_calling_it_names_what_was_called(user, call) -> None:
    with pytest.raises(LeftOutError, match=r"heavy_library\.\w+"):
        call(user)


def test_a_function_of_it_fails_where_it_is_called(user) -> None:
    with pytest.raises(LeftOutError, match=r"heavy_library\.multiply"):
        user.Own.run(None, 3)


def test_one_name_is_one_class(user) -> None:
    assert user.heavy.Tensor is user.heavy.Tensor


def test_the_real_library_can_be_imported_afterwards(tmp_path: Path, monkeypatch) -> None:
    with leaving_out(["late_library"]):
        assert import_module("late_library").anything
    (tmp_path / "late_library.py").write_text("VALUE = 1")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert import_module("late_library").VALUE == 1
    del sys.modules["late_library"]


def test_a_library_that_is_loaded_already_stays_itself() -> None:
    with leaving_out(["json"]):
        assert import_module("json").loads("1") == 1


def test_other_missing_libraries_are_still_missing() -> None:
    with leaving_out(["heavy_library"]), pytest.raises(ModuleNotFoundError):
        import_module("no_such_library")
