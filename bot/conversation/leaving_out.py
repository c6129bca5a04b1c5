"""Import a library without the libraries that it names but that nothing of ours comes to.

Rasa imports TensorFlow, an HTTP server, a dozen messengers and three cloud stores wherever one
of its modules mentions them. A serving process uses none of that: its network runs on ONNX Runtime, its
channels and its database are its own. While such a library is left out, importing it gives a
stand-in whose names may be mentioned, as in an annotation, or be the base of a class. Whoever
calls one gets a ``LeftOutError``. Afterwards the stand-ins are gone from ``sys.modules``: who
imports the library from then on gets the real one.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class LeftOutError(RuntimeError):
    """Something was called of a library that this process does without."""


class _StandIn(type):
    """A name of a library that was left out: may be mentioned and inherited from, not called."""

    def __getattr__(cls, name: str) -> Any:
        return _named(f"{cls.__module__}.{cls.__qualname__}", name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        left_out = cls._left_out
        raise LeftOutError(f"{left_out} is called, but this process was started without it")


def _named(where: str, name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return _StandIn(name, (), {"__module__": where, "_left_out": f"{where}.{name}"})


class _StandInModule(ModuleType):
    __path__: list[str] = []  # noqa: RUF012 - a module's own attribute: its parts can be imported

    def __getattr__(self, name: str) -> Any:
        found = _named(self.__name__, name)
        setattr(self, name, found)  # the same name is the same class each time
        return found


class _Finder(MetaPathFinder, Loader):
    def __init__(self, libraries: frozenset[str]) -> None:
        self._libraries = libraries

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] in self._libraries:
            return ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing runs: a stand-in is empty."""


@contextmanager
def leaving_out(libraries: Iterable[str]) -> Iterator[None]:
    """Within the block, these libraries are stand-ins; one that is loaded already stays itself.

    Args:
        libraries: names of top-level modules.
    """
    finder = _Finder(frozenset(libraries) - sys.modules.keys())
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name, module in list(sys.modules.items()):
            if isinstance(module, _StandInModule):
                del sys.modules[name]
