"""Every conversation of the data files, held against the trained model."""

import pytest

from bot.bootstrap import House
from tests.support.conversations import FOLDER, Conversation, conversations, play


@pytest.mark.parametrize("conversation", conversations(), ids=str)
def test_a_person_is_answered_as_the_file_says(house: House, conversation: Conversation) -> None:
    play(house, conversation)


def test_every_action_has_conversations_and_every_file_an_action() -> None:
    actions = {path.stem for path in (FOLDER.parent.parent / "actions").glob("*.py")}
    actions -= {
        "__init__",
        "basis",
        "advice",
        "states",
        "titles",
        "help_talk",
        "receipts",
    }  # no actions, their helpers
    files = {path.stem for path in FOLDER.glob("*.yml")}
    assert files == actions
