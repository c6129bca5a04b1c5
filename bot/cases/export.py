"""Cases as the contract's JSON, as rows for a spreadsheet, and as files."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from bot.cases import related
from bot.cases.tables import CaseRow

FORMATS = ("json", "csv", "xlsx")
_PHONE = re.compile(r"\+\d{6,15}", re.ASCII)
_FORMULA_BEGINS = tuple("=+-@\t\r\n＝＋－＠")  # OWASP, "CSV Injection", 2024


def as_contract(row: CaseRow) -> dict[str, Any]:
    """One case in the shape of the contract, section 3. Unknown is ``None`` or an empty list."""
    facts = row.facts["facts"]
    location = facts.get("location") or {}
    return {
        "case_no": row.case_no,
        "status": row.status,
        "report_type": row.report_type,
        "created_at": _iso(row.created_at),
        "submitted_at": _iso(row.submitted_at),
        "channel": row.channel,
        "language": row.language,
        "reporter": {
            "role": facts.get("relation"),
            "name": facts.get("name"),
            "phone": facts.get("phone"),
            "anonymous": not facts.get("name"),
            "organisation": facts.get("organisation"),
        },
        "children": {
            "count": facts.get("child_count"),
            "ages": facts.get("ages") or [],
            "sexes": facts.get("sexes") or [],
            "health": facts.get("health") or [],
        },
        "care": {
            "carer": facts.get("carer"),
            "unattended_since": facts.get("since"),
            "absence_reasons": facts.get("reason") or [],
        },
        "location": {
            name: location.get(name)
            for name in ("text", "province", "city", "county", "township", "detail", "adcode")
        },
        "needs": facts.get("needs") or [],
        "danger": facts.get("danger") or [],
        "risk": {
            "level": row.level,
            "reasons": row.assessment["reasons"],
            "due_at": _iso(row.due_at),
        },
        "routing": {"unit": row.unit, "referrals": row.assessment["referrals"]},
        "poster": {name: (row.facts.get("poster") or {}).get(name) for name in ("name", "adcode")},
        "related": related.listed(row),
        "unanswered": row.facts["unanswered"],
        "narrative": row.facts["narrative"],
        "transcript": [
            {
                "at": _iso(line.at),
                "sender": line.sender,
                "text": line.text,
                "intent": line.intent,
                "confidence": line.confidence,
            }
            for line in row.transcript
        ],
        "history": [
            {"at": _iso(h.at), "actor": h.actor, "event": h.event, "detail": h.detail}
            for h in row.history
        ],
    }


def as_columns(case: dict[str, Any]) -> dict[str, str | int | float | None]:
    """One case as a flat row; lists joined with "; ", the transcript left out."""
    flat: dict[str, str | int | float | None] = {}
    for name, value in case.items():
        if name in ("transcript", "history"):
            continue
        if name == "related":
            value = [f"{each['case_no']} ({each['state']}, {each['strength']})" for each in value]
        if isinstance(value, dict):
            for inner, content in value.items():
                flat[f"{name}.{inner}"] = _cell(content)
        else:
            flat[name] = _cell(value)
    flat.pop("unanswered", None)
    for key in [key for key in flat if key.startswith("unanswered.")]:
        del flat[key]
    flat["unanswered"] = _cell([f"{k}={v}" for k, v in case["unanswered"].items()])
    return flat


def write(rows: Iterable[CaseRow], form: str, target: IO[bytes]) -> int:
    """Write cases as ``json``, ``csv`` (UTF-8 with BOM, as spreadsheets want) or ``xlsx``.

    Returns:
        how many cases were written.

    Raises:
        ValueError: the format is none of the three.
    """
    if form not in FORMATS:
        raise ValueError(f"there is no format {form!r}")
    cases = (as_contract(row) for row in rows)
    if form == "json":
        return _write_json(cases, target)
    return {"csv": _write_csv, "xlsx": _write_xlsx}[form]([as_columns(c) for c in cases], target)


def _write_json(cases: Iterator[dict[str, Any]], target: IO[bytes]) -> int:
    count = 0
    target.write(b"[")
    for count, case in enumerate(cases, 1):
        target.write(b"\n" if count == 1 else b",\n")
        target.write(json.dumps(case, ensure_ascii=False).encode("utf-8", "replace"))
    target.write(b"\n]\n")
    return count


def _write_csv(rows: list[dict[str, Any]], target: IO[bytes]) -> int:
    text = io.TextIOWrapper(target, encoding="utf-8-sig", errors="replace", newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["case_no"])
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
    text.flush()
    text.detach()
    return len(rows)


def _write_xlsx(rows: list[dict[str, Any]], target: IO[bytes]) -> int:
    from openpyxl import Workbook

    from bot.cases.spreadsheet import save

    book = Workbook()
    sheet = book.active
    sheet.title = "cases"
    sheet.append(list(rows[0]) if rows else ["case_no"])
    for row in rows:
        sheet.append([harmless(value) for value in row.values()])
    sheet.freeze_panes = "A2"
    save(book, target)
    return len(rows)


def _cell(value: Any) -> str | int | float | None:
    if isinstance(value, list):
        return "; ".join(str(entry) for entry in value)
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def harmless(value: Any) -> Any:
    """What people wrote never becomes a formula or breaks a spreadsheet."""
    if not isinstance(value, str):
        return value
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # a start does not wait for it

    value = ILLEGAL_CHARACTERS_RE.sub("", value).encode("utf-8", "replace").decode("utf-8")
    if _PHONE.fullmatch(value):
        return value
    return "'" + value if value.startswith(_FORMULA_BEGINS) else value


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
