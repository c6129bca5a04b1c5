"""Rasa's graph of a trained model, run node after node in this thread, without a scheduler."""

import json
import tarfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import yaml
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import (
    ExecutionContext,
    GraphNode,
    GraphNodeHook,
    GraphSchema,
    SchemaNode,
)
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelMetadata, ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain

from bot.datafiles import LOADER

Component = TypeVar("Component")
METADATA = "metadata.json"
"""The file of an archive that tells its graphs (``rasa/engine/storage/local_model_storage.py``)."""


class ServedModel(LocalModelStorage):
    """A model archive of which only the graph that answers is read, not the one that trained it."""

    @staticmethod
    def _extract_archive_to_directory(archive: str | Path, folder: str | Path) -> None:
        """In one pass, where Rasa's own goes through it twice; nothing lands outside the folder."""
        with tarfile.open(archive, mode="r|gz") as parts:
            for part in parts:
                path = PurePosixPath(part.name)
                if part.isfile() and not path.is_absolute() and ".." not in path.parts:
                    parts.extract(part, folder)

    @classmethod
    def _load_metadata(cls, directory: Path) -> ModelMetadata:
        held = json.loads((directory / METADATA).read_text(encoding="utf-8"))
        return ModelMetadata.from_dict({**held, "train_schema": {"nodes": {}}})


class ServedDomain(DomainProvider):
    """The domain of a trained model, which was held against its schema when it was trained."""

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> "ServedDomain":
        """Read it from the model."""
        with model_storage.read_from(resource) as folder:
            text = (folder / "domain.yml").read_text(encoding="utf-8")
        held = yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader
        return cls(model_storage, resource, Domain.from_dict(held))


class PlainRunner(GraphRunner):
    """Runs what a target needs, each node once."""

    def __init__(self, schema: GraphSchema, nodes: dict[str, GraphNode]) -> None:
        self._schema = schema
        self._nodes = nodes

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> "PlainRunner":
        """Load every node's component from the model."""
        nodes = {
            name: GraphNode.from_schema_node(
                name, _served(node), model_storage, execution_context, hooks
            )
            for name, node in graph_schema.nodes.items()
        }
        return cls(graph_schema, nodes)

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        """The outputs of the targets.

        Args:
            inputs: by the name that nodes need them under.
            targets: names of nodes; all that the graph marks when None.

        Raises:
            rasa.engine.exceptions.GraphRunError: a node needs what is neither a node nor given.
        """
        made = dict(inputs or {})
        return {name: self._output(name, made) for name in targets or self._schema.target_names}

    def _output(self, name: str, made: dict[str, Any]) -> Any:
        if name not in made:
            if name not in self._nodes:
                raise GraphRunError(f"nothing gives {name!r}")
            needs = self._schema.nodes[name].needs.values()
            made[name] = self._nodes[name](*((need, self._output(need, made)) for need in needs))[1]
        return made[name]

    def component(self, kind: type[Component]) -> Component:
        """The component of a class.

        Raises:
            LookupError: the model holds none.
        """
        for node in self._nodes.values():
            if isinstance(node._component, kind):
                return node._component
        raise LookupError(f"the model holds no {kind.__name__}")


def _served(node: SchemaNode) -> SchemaNode:
    return replace(node, uses=ServedDomain) if node.uses is DomainProvider else node
