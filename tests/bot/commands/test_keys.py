"""Keys from the command line."""

from pathlib import Path

from bot.cases import store
from bot.cases.keyring import mark
from bot.database import Database
from tests.bot.commands.conftest import Call
from tests.support.cases import filed
from tests.support.private import bytes_of


def test_rotating_makes_a_new_key_and_everything_reads_as_before(
    call: Call, database: Database
) -> None:
    with database.writing() as session:
        filed(session, narrative=["两个孩子没人管"])
    done = call("keys", "rotate")
    assert done.exit_code == 0, done.output
    assert "Key 3 seals from now on." in done.output
    assert mark(2) not in bytes_of(database)
    with database.reading() as session:
        assert store.find(session, "HT-261121-AAAAA").facts["narrative"] == "两个孩子没人管"
    listed = call("keys", "list").output
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in listed.splitlines()]
    states = {row[0]: (row[1], row[3]) for row in rows if len(row) == 4}
    assert states["2"] == ("retired", "0")
    assert states["3"][0] == "current" and int(states["3"][1]) > 0


def test_a_lost_key_file_stops_every_command_with_one_sentence(
    call: Call, database: Database, data: Path
) -> None:
    (data / "secret.key").unlink()
    done = call("cases", "list")
    assert done.exit_code == 1
    (said,) = done.output.splitlines()
    assert said.startswith("Error: The setting HUTONG_SECRET_KEY (or the key file")
