"""Who may do what: roles, the rights of each, and the cases that are in a person's sight.

Denied by default: a page without a right cannot be made (``bot.console.pages``), a role has the
rights that stand here and no other, and the region is part of the query, not a check after it.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, or_

from bot.cases.tables import CaseRow

SIGNED_IN = "signed_in"
"""The one right that every role has: pages about oneself."""

_WORKER = {
    SIGNED_IN, "read", "accept", "transfer", "note", "reply", "record", "close", "relate",
}  # fmt: skip
_SUPERVISOR = _WORKER | {"assign", "refer", "override", "reopen", "review", "overview", "export"}

RIGHTS = MappingProxyType(
    {
        "worker": frozenset(_WORKER),
        "supervisor": frozenset(_SUPERVISOR),
        "county": frozenset(_SUPERVISOR),
        "administrator": frozenset(_SUPERVISOR | {"audit", "accounts"}),
        "auditor": frozenset({SIGNED_IN, "overview", "audit"}),
    }
)
ROLES = tuple(RIGHTS)
_SEES_PLACELESS = ("supervisor", "county", "administrator")


@dataclass(frozen=True)
class Staff:
    """A signed-in member of staff. ``region``: the code (GB/T 2260) they work for, empty: all."""

    id: int
    name: str
    role: str
    region: str
    unit: str | None
    language: str

    def may(self, right: str) -> bool:
        """Whether the role has the right."""
        return right in RIGHTS.get(self.role, frozenset())

    @property
    def sees_placeless(self) -> bool:
        """Whether cases and conversations whose place is unknown are in this person's sight."""
        if not self.may("read"):
            return False
        return not stem_of(self.region) or self.role in _SEES_PLACELESS

    @property
    def home(self) -> str:
        """The page to begin with: the queue, or the overview for whoever sees no cases."""
        return "/" if self.may("read") else "/overview"

    def sight(self) -> Any:
        """The condition on ``CaseRow`` that holds for the cases this person may see.

        A case whose place is unknown, or known only as the city or province around the person's
        region, is in the sight of supervisors and above, so that none is in nobody's sight.
        """
        if not self.may("read"):
            return CaseRow.id.is_(None)
        if not stem_of(self.region):
            return CaseRow.id.is_not(None)
        mine = within(self.region)
        if not self.sees_placeless:
            return or_(mine, CaseRow.assigned == self.name)
        around = [self.region[:2] + "0000", self.region[:4] + "00"]
        return or_(
            mine,
            CaseRow.region.is_(None),
            CaseRow.region.in_(around),
            CaseRow.assigned == self.name,
        )

    def counted(self) -> Any:
        """The condition on ``CaseRow`` for figures: the person's sight, or without one their region."""
        if self.may("read"):
            return self.sight()
        return within(self.region) if stem_of(self.region) else CaseRow.id.is_not(None)


def within(region: str) -> Any:
    """The condition on ``CaseRow`` that it lies in a region; a range, so that an index serves it."""
    stem = stem_of(region)
    if len(stem) == len("440703"):
        return CaseRow.region == stem
    return and_(CaseRow.region >= stem, CaseRow.region < str(int(stem) + 1))


def stem_of(region: str) -> str:
    """The digits that the codes of a region begin with: 440000 → 44, 440700 → 4407."""
    if region.endswith("0000"):
        return region[:2]
    return region[:4] if region.endswith("00") else region
