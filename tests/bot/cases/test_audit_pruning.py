"""Old rows of the audit go; that they went is vouched for, and nobody else can take any out."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.cases.audit import PRUNED, Audit
from bot.cases.staff_tables import AuditHeadRow, AuditRow
from bot.database import Database
from tests.support.cases import NOW

AUDIT = Audit(b"a key of the tests")
DAY = timedelta(days=1)


def written(database: Database, days: int) -> None:
    with database.writing() as session:
        for day in range(days):
            AUDIT.write(session, NOW + day * DAY, "王工", "case_read", f"HT-{day}")


def prune(database: Database, day: int) -> int:
    with database.writing() as session:
        return AUDIT.prune(session, NOW + day * DAY, NOW + 100 * DAY)


def broken(database: Database) -> str | None:
    with database.reading() as session:
        return AUDIT.broken(session)


def test_after_pruning_the_rest_is_whole_and_goes_on(database: Database) -> None:
    written(database, 10)
    assert prune(database, 4) == 4
    assert broken(database) is None
    with database.writing() as session:
        AUDIT.write(session, NOW + 101 * DAY, "王工", "case_read", None)
    assert prune(database, 7) == 3
    assert broken(database) is None
    with database.reading() as session:
        actions = session.execute(select(AuditRow.action).order_by(AuditRow.id)).scalars().all()
    assert actions == ["case_read"] * 3 + [PRUNED, "case_read", PRUNED]


def test_nothing_old_means_nothing_written(database: Database) -> None:
    written(database, 3)
    assert prune(database, 0) == 0
    with database.reading() as session:
        assert session.query(AuditRow).count() == 3


def test_everything_may_be_old(database: Database) -> None:
    written(database, 3)
    assert prune(database, 50) == 3
    assert broken(database) is None


@pytest.mark.parametrize("pruned_before", [False, True])
def test_rows_that_somebody_else_took_out_are_missed(
    database: Database, pruned_before: bool
) -> None:
    written(database, 10)
    if pruned_before:
        prune(database, 2)
    with database.writing() as session:
        first = session.execute(select(AuditRow).order_by(AuditRow.id).limit(3)).scalars().all()
        session.execute(delete(AuditRow).where(AuditRow.id <= first[-1].id))
        base = {"count": first[-1].id, "seal": first[-1].seal}
        if pruned_before:
            session.execute(update(AuditHeadRow).where(AuditHeadRow.id == 2).values(**base))
        else:
            session.add(AuditHeadRow(id=2, **base))
    assert broken(database) is not None
