"""The model's graph, run node after node."""

from typing import Any

import pytest
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode

from bot.conversation.graph import PlainRunner


class Count(GraphComponent):
    """Gives one more than what it needs, and how often it ran."""

    ran = 0

    @classmethod
    def create(cls, config: dict, model_storage: Any, resource: Any, execution_context: Any) -> Any:
        """Make it."""
        return cls()

    load = create

    def more(self, value: int) -> int:
        """One more."""
        type(self).ran += 1
        return value + 1

    def both(self, left: int, right: int) -> tuple[int, int]:
        """The two of them."""
        return left, right


def node(fn: str, **needs: str) -> SchemaNode:
    return SchemaNode(needs, Count, "load", fn, {}, eager=True)


@pytest.fixture
def runner() -> PlainRunner:
    schema = GraphSchema(
        {
            "one": node("more", value="__given__"),
            "two": node("more", value="one"),
            "end": node("both", left="one", right="two"),
            "lost": node("more", value="nowhere"),
        }
    )
    Count.ran = 0
    return PlainRunner.create(schema, None, ExecutionContext(schema))


def test_a_target_gets_what_it_needs_and_each_node_runs_once(runner: PlainRunner) -> None:
    assert runner.run({"__given__": 4}, ["end"]) == {"end": (5, 6)}
    assert Count.ran == 2


def test_one_run_leaves_nothing_for_the_next(runner: PlainRunner) -> None:
    runner.run({"__given__": 4}, ["two"])
    assert runner.run({"__given__": 10}, ["two"]) == {"two": 12}


def test_a_need_that_nothing_gives_is_named(runner: PlainRunner) -> None:
    with pytest.raises(GraphRunError, match="nowhere"):
        runner.run({"__given__": 4}, ["lost"])


def test_a_component_is_found_by_its_class(runner: PlainRunner) -> None:
    assert isinstance(runner.component(Count), Count)
    with pytest.raises(LookupError, match="str"):
        runner.component(str)
