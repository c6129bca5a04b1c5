"""What all data files held as YAML share: strict schemas, and the line that a mistake stands on."""

from typing import Any

import yaml
from pydantic import BaseModel, Extra

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads plain YAML; the one written in C is ten times as quick, and here wherever wheels are."""


class Strict(BaseModel):
    """A part of a data file: no key that nothing reads, no change after reading."""

    class Config:
        extra = Extra.forbid
        allow_mutation = False
        allow_population_by_field_name = True


def line_of(node: yaml.Node | None, loc: tuple[Any, ...]) -> int:
    """The line that a path of keys and indexes leads to, as far as it leads; the first is 1."""
    line = node.start_mark.line + 1 if node else 1
    for step in loc:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
