"""The actions of the stock project, as the manual shows them: one validates, one files."""

import sqlite3
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher


class ValidateReportForm(FormValidationAction):
    """A place has two characters or more."""

    def name(self) -> str:
        """The name in the domain."""
        return "validate_report_form"

    def validate_place(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict
    ) -> dict[str, Any]:
        """Take the place or ask again."""
        return {"place": value if len(str(value)) > 1 else None}


class ActionFileReport(Action):
    """Write the report into a table and tell its number."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_file_report"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list:
        """File it."""
        with sqlite3.connect("reports.db", timeout=30) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS reports (place, condition, count)")
            values = [tracker.get_slot(name) for name in ("place", "condition", "child_count")]
            row = connection.execute("INSERT INTO reports VALUES (?, ?, ?)", list(map(str, values)))
            dispatcher.utter_message(text=f"报告已提交，编号 {row.lastrowid}。")
        return []
