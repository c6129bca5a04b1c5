"""The network as a long training left it, kept beside the data; every training goes on from it.

``python -m nlu.begun`` makes it anew from the data of both folders (an hour on one core), to be done when
much of the data is new: until then a training's one turn teaches what has come since.
Whatever is measured on messages of these folders begins for itself, without them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu import network_training
from nlu.network_training import BEGINNING, Trained
from nlu.training_data import DATA, FACTS, read_training

FILE = Path(__file__).parent / "data" / "begun.npz"
_SMALL = 4096
"""Numbers of a weight up to which it is kept as it is."""
_BYTE = 255
_NAMES = ("labels", "facts", "tuned")


def keep(begun: Trained, path: Path = FILE) -> None:
    """Write weights and vectors as bytes, each column of a weight and each vector with its own scale and lowest number."""
    arrays = {name: np.array(getattr(begun, name)) for name in _NAMES}
    for name, array in {**begun.weights, "rows": begun.rows.T}.items():
        if array.size <= _SMALL:
            arrays[name] = array
            continue
        lowest = array.min(0)
        scale = np.maximum(array.max(0) - lowest, np.finfo(np.float32).tiny) / _BYTE
        arrays[f"{name}.bytes"] = np.rint((array - lowest) / scale).astype(np.uint8)
        arrays[f"{name}.scale"], arrays[f"{name}.lowest"] = scale, lowest
    np.savez_compressed(path, **arrays)


def load(path: Path = FILE) -> Trained:
    """Read what :func:`keep` wrote.

    Raises:
        FileNotFoundError: it is not there.
    """
    weights: dict[str, NDArray[np.float32]] = {}
    with np.load(path, allow_pickle=False) as arrays:
        labels, facts, tuned = (tuple(arrays[name].tolist()) for name in _NAMES)
        for key in set(arrays) - set(_NAMES):
            name, _, part = key.partition(".")
            if not part:
                weights[name] = arrays[key]
            elif part == "bytes":
                weights[name] = arrays[key] * arrays[f"{name}.scale"] + arrays[f"{name}.lowest"]
    return Trained(labels, facts, tuned, weights.pop("rows").T, weights)


def main() -> None:
    """Begin on all data, and keep it."""
    keep(
        network_training.train(
            read_training(DATA),
            read_training(FACTS),
            BEGINNING,
            lambda done, steps: print(f"{done}/{steps}", file=sys.stderr),
        )
    )


if __name__ == "__main__":
    main()
