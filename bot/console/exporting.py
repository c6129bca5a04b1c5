"""Cases as files: those of the queue's filter, or one of them.

The rows are read and the audit is written in one transaction, so that no file leaves without its
row. A file is bounded, since a transaction that reads much keeps others waiting.
"""

import io
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from starlette.responses import Response

from bot.cases.export import FORMATS, write
from bot.cases.tables import CaseRow
from bot.console import queue
from bot.console.pages import Page, Visit

MOST = 2000
"""Cases a file."""
_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export(visit: Visit) -> Response:
    """The cases that the queue's address asks for, as csv, xlsx or json."""
    form = _form(visit)
    query = queue.filtered(visit).order_by(None).order_by(CaseRow.id).limit(MOST + 1)
    told = {"format": form, "filter": queue.asked(visit)}
    return _file(visit, query, form, f"cases-{visit.now:%y%m%d-%H%M}", ("cases_exported", told))


def export_one(visit: Visit) -> Response:
    """One case, as json unless another form is named."""
    number, form = visit.part("case_no"), _form(visit, "json")
    query = select(CaseRow).where(CaseRow.case_no == number, visit.staff.sight())
    return _file(visit, query, form, number, ("case_exported", {"format": form}))


def _form(visit: Visit, default: str = "") -> str:
    form = visit.words("format") or visit.query("format") or default
    if form not in FORMATS:
        raise visit.refuse(visit.t("请选文件的格式：csv、xlsx 或 json。"))
    return form


def _file(
    visit: Visit, query: Any, form: str, name: str, told: tuple[str, dict[str, Any]]
) -> Response:
    action, detail = told
    options = (
        selectinload(CaseRow.history),
        selectinload(CaseRow.transcript),
        selectinload(CaseRow.followups),
    )
    file = io.BytesIO()  # never a temporary file: what people said would lie on the disk
    with visit.database.writing() as session:
        rows = list(session.execute(query.options(*options)).scalars())
        if action == "case_exported" and not rows:
            raise visit.refuse(visit.t("没有这个案件，或不在您的范围内。"), 404)
        if len(rows) > MOST:
            raise visit.refuse(
                visit.t("一次最多导出 {n} 件，请把筛选缩小一些再导出。", n=visit.t.number(MOST))
            )
        count = write(rows, form, file)
        number = rows[0].case_no if action == "case_exported" else None
        visit.audit(session, action, number, {**detail, "count": count})
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(file.getvalue(), media_type=_TYPES[form], headers=headers)


PAGES = (
    Page("/export", "export", export, "POST"),
    Page("/cases/{case_no}/export", "export", export_one, "POST"),
)
