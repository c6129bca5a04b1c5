"""``hutong audit`` on a database of its own."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from sqlalchemy import update

from bot.cases.audit import Audit
from bot.cases.staff_tables import AuditHeadRow, AuditRow
from bot.database import Database
from tests.bot.commands.conftest import Call
from tests.support.cases import NOW


def write(database: Database, actor: str = "李主任") -> None:
    audit = Audit(database.keyring.lasting)
    with database.writing() as session:
        audit.write(session, NOW, actor, "case_read", "HT-261121-AAAAA")


def test_a_whole_audit_is_verified_and_gives_its_last_seal(call: Call, database: Database) -> None:
    write(database)
    done = call("audit", "verify")
    assert done.exit_code == 0, done.output
    assert "whole: 1 rows" in done.output
    seal = done.output.split("Last seal: ")[1].strip()
    assert call("audit", "verify", "--expect", seal).exit_code == 0
    wrong = call("audit", "verify", "--expect", "0" * 64)
    assert wrong.exit_code == 1
    assert "No row of the audit has the seal" in wrong.output


def test_tampering_fails_the_check(call: Call, database: Database) -> None:
    write(database)
    write(database)
    with database.writing() as session:
        session.execute(update(AuditRow).where(AuditRow.id == 1).values(actor="nobody"))
    done = call("audit", "verify")
    assert done.exit_code == 1
    assert "Row 1 of the audit" in done.output


def test_a_missing_last_row_fails_the_check(call: Call, database: Database) -> None:
    write(database)
    write(database)
    with database.writing() as session:
        session.query(AuditRow).filter(AuditRow.id == 2).delete()
        assert session.get(AuditHeadRow, 1).count == 2
    done = call("audit", "verify")
    assert done.exit_code == 1
    assert "1 rows where 2 were written" in done.output


def test_the_audit_is_exported_and_that_is_audited(
    call: Call, database: Database, tmp_path: Path
) -> None:
    write(database)
    write(database, "王督导")
    path = tmp_path / "audit.csv"
    done = call("audit", "export", "--actor", "王督导", "--output", path)
    assert "1 rows written" in done.output
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert [(row["actor"], row["case_no"]) for row in rows] == [("王督导", "HT-261121-AAAAA")]
    with database.reading() as session:
        last = session.query(AuditRow).order_by(AuditRow.id.desc()).first()
    assert (last.actor, last.action) == ("console", "audit_exported")
