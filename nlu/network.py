"""Run the tuned network: one pass gives the intent's scores and, for each word piece, the facts it belongs to.

ONNX Runtime runs its graph (:mod:`nlu.network_graph`). Nothing changes after loading, so threads may share it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from nlu.encoder import Pieces, embeddings, pieces

Floats = NDArray[np.float32]
FILE = "network"
_ERRORS = 3
"""What the runtime says of a graph on standard error, from this severity on."""


@dataclass(frozen=True)
class Reading:
    """What the network says of a text: intent scores, and fact probabilities (pieces, facts)."""

    intents: Floats
    facts: Floats
    pieces: Pieces


@dataclass(frozen=True)
class Network:
    """The graph as the runtime holds it; ``tuned`` maps a piece's id to its row in ``rows``."""

    labels: tuple[str, ...]
    facts: tuple[str, ...]
    tuned: Mapping[int, int]
    rows: Floats
    session: onnxruntime.InferenceSession

    def read(self, text: str) -> Reading:
        """Read one normalised text."""
        parts = pieces(text)
        intents, facts = self.session.run(None, {"vectors": self._vectors(parts.ids)})
        return Reading(intents[0], facts, parts)

    def _vectors(self, ids: NDArray[np.int64]) -> Floats:
        out = embeddings(ids)
        for i, piece in enumerate(ids):
            row = self.tuned.get(int(piece))
            if row is not None:
                out[i] = self.rows[row]
        return out

    @classmethod
    def load(cls, folder: Path) -> Network:
        """Read what :meth:`nlu.network_training.Trained.save` wrote."""
        text = json.loads((folder / f"{FILE}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{FILE}.npz", allow_pickle=False) as arrays:
            rows = arrays["rows"].astype(np.float32)
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1  # turns have their own
        settings.log_severity_level = _ERRORS
        session = onnxruntime.InferenceSession(
            (folder / f"{FILE}.onnx").read_bytes(), settings, providers=["CPUExecutionProvider"]
        )
        tuned = {int(piece): i for i, piece in enumerate(text["tuned"])}
        return cls(tuple(text["labels"]), tuple(text["facts"]), tuned, rows, session)
