"""``hutong review export`` on a database of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cases import reviewing
from bot.cases.reviewing import Fact, Meant
from bot.cases.staff_tables import AuditRow
from bot.database import Database
from nlu.training_data import read_labelled, read_training
from tests.bot.commands.conftest import Call
from tests.support.cases import NOW, conversation, line

SAID = "打13826547781找我，我是菲菲她邻居来着"


@pytest.fixture(autouse=True)
def _reviewed(database: Database) -> None:
    with database.writing() as session:
        talk = conversation(session)
        said = line(session, talk, SAID, doubt="low")
        phone = Fact("phone", "+8613826547781", 1, 12)
        name = Fact("person_name", "菲菲", 17, 19)
        reviewing.take(session, said, Meant("corrected", "inform", (phone, name)), "w", NOW)
        bare = line(session, talk, "张小明在家没大人", doubt="low")
        reviewing.take(session, bare, Meant("right", "inform"), "w", NOW)


def test_reviewed_lines_become_training_data_without_anybody_in_them(
    call: Call, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "reviewed.yml"
    done = call("review", "export", "--output", path)
    assert done.exit_code == 0, done.output
    assert "1 examples; 0 known already; 1 refused." in done.output
    assert "line 2: a name may not be marked" in done.output
    text = path.read_text(encoding="utf-8")
    for gone in ("26547781", "菲菲", "张小明"):
        assert gone not in text + done.output
    (example,) = read_training(tmp_path)
    assert (example.intent, [span.entity for span in example.spans]) == (
        "inform", ["phone", "person_name"],
    )  # fmt: skip
    with database.reading() as session:
        (row,) = session.query(AuditRow)
    assert (row.action, row.detail["lines"], row.detail["refused"]) == ("review_exported", 1, 1)


def test_reviewed_lines_become_messages_that_the_evaluation_reads(
    call: Call, tmp_path: Path
) -> None:
    path = tmp_path / "reviewed.jsonl"
    assert call("review", "export", "--format", "jsonl", "--output", path).exit_code == 0
    (message,) = read_labelled([path])
    assert message.intent == "inform"
    assert dict(message.facts)["phone"].startswith("+8613800138")
    assert json.loads(path.read_text(encoding="utf-8"))["style"] == "reviewed"
