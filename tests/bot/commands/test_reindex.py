"""``hutong cases reindex``: cases of a database from before are found, too."""

from __future__ import annotations

from sqlalchemy import true

from bot.cases import search
from bot.cases.tables import ConversationRow
from bot.clock import Clock
from bot.conversation.inbox import Inbox
from bot.database import Database
from bot.settings import load_settings, secret_key
from tests.bot.commands.conftest import Call, Path
from tests.support.cases import ALONE, filed, line


def test_cases_from_before_are_found_after_it(call: Call, data: Path, database: Database) -> None:
    numbers = [f"HT-261121-2222{letter}" for letter in "ABC"]
    with database.writing() as session:
        for number in numbers:
            row = filed(session, case_no=number, facts={**ALONE, "phone": "+8610012345678"})
            talk = session.get(ConversationRow, row.conversation_id)
            line(session, talk, f"门口有条黄狗{number}", case_id=row.id)
    key = secret_key(load_settings(_env_file=None, data_dir=data))
    hashed = Inbox(database, key, Clock()).hashed

    def found(query: str) -> int:
        with database.reading() as session:
            return len(search.find(session, true(), query, hashed).ids)

    assert (found("黄狗"), found("10012345678")) == (0, 0)
    for _ in range(2):
        done = call("cases", "reindex")
        assert done.exit_code == 0 and "3 cases" in done.output
        assert (found("黄狗"), found("10012345678"), found("2222B")) == (3, 3, 1)
