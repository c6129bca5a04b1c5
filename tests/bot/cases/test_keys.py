"""Keys: a wrong one stops the start, a new one takes over while people go on writing."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, true

from bot.cases import keys, related, search
from bot.cases.keyring import Keyring, SealError, WrongKeyError
from bot.cases.privacy_tables import KeyRow
from bot.cases.tables import ConversationRow
from bot.clock import Clock
from bot.conversation.inbox import Inbox
from bot.database import Database
from tests.support.cases import ALONE, NOW, ODD, conversation, filed, line
from tests.support.databases import KINDS, MATERIAL, empty_url, migrated_database

ROOT = Path(__file__).resolve().parents[3]
OTHER = b"other key material, as long as it"


@pytest.fixture(params=KINDS)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A database of its own, whose keys a test may change."""
    with migrated_database(request.param, tmp_path) as database:
        yield database


def people(database: Database, count: int) -> None:
    with database.writing() as session:
        for number in range(count):
            talk = conversation(session, f"p{number}", address=f"地址{number}", state={"n": number})
            line(session, talk, f"{ODD}{number}")


def marks(database: Database) -> set[str]:
    """What the sealed values begin with."""
    found = set()
    with database.reading() as session:
        for column in keys.sealed_columns():
            for (held,) in session.execute(text(f"select {column.name} from {column.table.name}")):
                if held is not None:
                    found.add(held.rsplit(":", 1)[0])
    return found


def rotate(database: Database) -> int:
    with database.writing() as session:
        number = keys.begin(session, NOW)
    for _ in keys.reseal(database.writing, number, rest=0):
        pass
    with database.writing() as session:
        assert keys.finish(session, NOW) == []
    return number


def test_a_key_of_somebody_else_stops_the_start_with_one_sentence(fresh: Database) -> None:
    stranger = Database(fresh.url, Keyring(OTHER))
    with pytest.raises(WrongKeyError, match=r"^The setting HUTONG_SECRET_KEY [^\n]*$"):
        stranger.check()
    stranger.close()


def test_new_material_opens_what_the_old_one_sealed_once_the_old_one_is_named(
    fresh: Database,
) -> None:
    people(fresh, 3)
    looked_up = fresh.keyring.lasting
    changed = Database(fresh.url, Keyring(OTHER, before=MATERIAL))
    changed.check()
    changed.close()
    again = Database(fresh.url, Keyring(OTHER))
    again.check()
    with again.reading() as session:
        assert session.get(ConversationRow, 1).address == "地址0"
    assert again.keyring.lasting == looked_up
    again.close()
    with pytest.raises(WrongKeyError):
        fresh.check()


def test_after_a_rotation_everything_is_sealed_with_the_new_key_and_reads_as_before(
    fresh: Database,
) -> None:
    people(fresh, keys.BATCH + 5)
    with fresh.writing() as session:
        case_no = filed(session).case_no
    looked_up = fresh.keyring.lasting
    before = marks(fresh)
    number = rotate(fresh)
    assert before == {"s1:2"}
    assert marks(fresh) == {f"s1:{number}"}
    assert fresh.keyring.lasting == looked_up
    with fresh.reading() as session:
        rows = session.execute(select(ConversationRow).order_by(ConversationRow.id)).scalars().all()
        told = [row.address for row in rows]
    assert told[:-1] == [f"地址{n}" for n in range(keys.BATCH + 5)]
    assert case_no in told[-1]


def test_search_finds_the_same_under_a_new_key_and_new_material(fresh: Database) -> None:
    queries = ("HT-261121-AAAAA", "13800138000", "8000", "欧阳小雨", "没人照看", "幸福小区")

    def found(database: Database) -> list[int]:
        hashed = Inbox(database, database.keyring.lasting, Clock(NOW)).hashed
        with database.reading() as session:
            return [len(search.find(session, true(), query, hashed).ids) for query in queries]

    with fresh.writing() as session:
        hashed = Inbox(fresh, fresh.keyring.lasting, Clock(NOW)).hashed
        row = filed(session, facts={**ALONE, "phone": "+8613800138000", "name": "欧阳小雨"})
        line(session, session.get(ConversationRow, row.conversation_id), "没人照看", case_id=row.id)
        related.suggest(session, row, hashed, NOW)
        search.take_in(session, row, hashed)
    assert found(fresh) == [1] * len(queries)
    rotate(fresh)
    assert found(fresh) == [1] * len(queries)
    changed = Database(fresh.url, Keyring(OTHER, before=MATERIAL))
    changed.check()
    changed.close()
    again = Database(fresh.url, Keyring(OTHER))
    again.check()
    rotate(again)
    assert found(again) == [1] * len(queries)
    again.close()


def test_another_process_reads_and_writes_on_while_the_key_changes(fresh: Database) -> None:
    people(fresh, 2)
    other = Database(fresh.url, Keyring(MATERIAL))
    with other.reading() as session:
        assert session.get(ConversationRow, 1).address == "地址0"
    number = rotate(fresh)
    with other.reading() as session:
        assert session.get(ConversationRow, 2).address == "地址1"
    with other.writing() as session:
        conversation(session, "later", address="后来")
    assert marks(fresh) == {f"s1:{number}"}
    other.close()


def test_a_value_that_a_late_process_wrote_with_the_old_key_is_found_and_sealed_anew(
    fresh: Database,
) -> None:
    people(fresh, 1)
    with fresh.writing() as late:
        late.execute(select(ConversationRow)).all()
        held = fresh.keyring.seal("conversation.address", b'"before"')
    with fresh.writing() as session:
        number = keys.begin(session, NOW)
    for _ in keys.reseal(fresh.writing, number, rest=0):
        pass
    with fresh.writing() as session:
        session.execute(text("update conversation set address = :held"), {"held": held})
    with fresh.writing() as session:
        assert keys.finish(session, NOW) == [2]
    assert rotate(fresh) == number  # it goes on with the key that was made
    assert marks(fresh) == {f"s1:{number}"}


def test_a_retired_key_is_kept_a_day_and_never_destroyed_while_it_seals_something(
    fresh: Database,
) -> None:
    people(fresh, 1)
    held = fresh.keyring.seal("conversation.address", b'"before"')
    rotate(fresh)
    with fresh.writing() as session:
        assert keys.destroy_retired(session, NOW + timedelta(hours=23)) == []
        session.execute(text("update conversation set address = :held"), {"held": held})
    with fresh.writing() as session:
        assert keys.destroy_retired(session, NOW + timedelta(days=2)) == []
    rotate(fresh)
    with fresh.reading() as session:
        assert session.get(ConversationRow, 1).address == "before"
    with fresh.writing() as session:
        assert keys.destroy_retired(session, NOW + timedelta(days=2)) == [2]
    fresh.check()
    with pytest.raises(SealError, match="key 2, which is not here"):
        fresh.keyring.open("conversation.address", held)


def test_keys_are_listed_with_what_they_seal(fresh: Database) -> None:
    people(fresh, 2)
    rotate(fresh)
    with fresh.reading() as session:
        listed = [(each.id, each.state, each.values) for each in keys.figures(session)]
    assert listed == [(2, "retired", 0), (3, "current", 6)]


def test_people_write_on_while_everything_is_sealed_anew(fresh: Database) -> None:
    """Every change stays, and nobody waits long."""
    people(fresh, 300)
    stop, errors, slowest = threading.Event(), [], [0.0]
    written: dict[int, int] = {}

    def write(who: int) -> None:
        own = Database(fresh.url, Keyring(MATERIAL))
        count = 0
        try:
            while not stop.is_set():
                began = time.monotonic()
                with own.writing() as session:
                    row = session.get(ConversationRow, who, with_for_update=True)
                    assert row.state["n"] in (who - 1, count)
                    count += 1
                    row.state = {"n": count}
                written[who] = count
                slowest[0] = max(slowest[0], time.monotonic() - began)
        except Exception as error:
            errors.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=write, args=(who,)) for who in (1, 150, 300)]
    for thread in threads:
        thread.start()
    with fresh.writing() as session:
        number = keys.begin(session, NOW)
    left = [0]
    until = time.monotonic() + 30
    while left and time.monotonic() < until:
        for _ in keys.reseal(fresh.writing, number):
            pass
        with fresh.writing() as session:
            left = keys.finish(session, NOW)
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert left == []
    assert slowest[0] < 5
    with fresh.reading() as session:
        for who, count in written.items():
            assert count > 0
            assert session.get(ConversationRow, who).state == {"n": count}


KILLED = """
import sys
from bot.cases import keys
from bot.cases.keyring import Keyring
from bot.database import Database
from tests.support.cases import NOW
database = Database(sys.argv[1], Keyring(sys.argv[2].encode()))
with database.writing() as session:
    number = keys.begin(session, NOW)
print("begun", flush=True)
for _ in keys.reseal(database.writing, number, rest=0.05):
    pass
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_rotation_that_was_killed_goes_on_where_it_was(kind: str, tmp_path: Path) -> None:
    with empty_url(kind, tmp_path) as url:
        database = Database(url, Keyring(MATERIAL))
        database.upgrade()
        people(database, 5 * keys.BATCH)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", KILLED, url, MATERIAL.decode()]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=ROOT)
        assert process.stdout and process.stdout.readline() == b"begun\n"
        until = time.monotonic() + 20
        while len(marks(database)) == 1 and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert marks(database) == {"s1:2", "s1:3"}
        with database.reading() as session:
            states = session.execute(select(KeyRow.state).order_by(KeyRow.id)).scalars().all()
            assert session.get(ConversationRow, 1).address == "地址0"
            assert session.get(ConversationRow, 5 * keys.BATCH).state == {"n": 5 * keys.BATCH - 1}
        assert states == ["lasting", "old", "current"]
        assert rotate(database) == 3
        assert marks(database) == {"s1:3"}
        database.close()
