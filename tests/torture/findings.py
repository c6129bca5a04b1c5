"""What the database and the people's phones say afterwards: lost, doubled, wrong."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.export import as_contract
from bot.cases.tables import CaseRow, ConversationRow, InboxRow, TranscriptRow
from bot.conversation.inbox import Inbox
from bot.database import Database
from tests.torture.reporters import Reporter

_CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")
_HIDDEN = "····-····"


@dataclass
class Finding:
    """What came of one fault.

    Attributes:
        fault: what was done to the program, in words.
        tried: how often.
        lost: messages, replies and reports that are not there.
        doubled: messages and reports that are there twice.
        resent: replies that arrived twice because a worker died between sending and noting it.
        apologies: answers that something went wrong.
        told: how often somebody was told that nothing can be stored, and whom to call.
        slowest: the longest that anybody waited for an answer, in seconds.
        note: what else is to be known of the fault.
        wrong: sentences about everything that is not as it must be.
    """

    fault: str
    tried: int
    conversations: int = 0
    messages: int = 0
    lost: int = 0
    doubled: int = 0
    resent: int = 0
    apologies: int = 0
    told: int = 0
    slowest: float = 0.0
    note: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Something was tried, and nothing lost, nothing twice, nothing against the state."""
        return bool(self.tried and self.conversations) and not (
            self.lost or self.doubled or self.wrong
        )


def look(
    finding: Finding, reporters: Iterable[Reporter], database: Database, inbox: Inbox
) -> Finding:
    """Compare what people said and heard with what is kept."""
    with database.reading() as session:
        for reporter in reporters:
            finding.conversations += 1
            finding.messages += len(reporter.said)
            finding.slowest = max([finding.slowest, *reporter.waits])
            finding.apologies += reporter.apologies
            _look_at(finding, reporter, session, inbox)
        left = session.execute(select(InboxRow.id).where(InboxRow.done_at.is_(None))).all()
        if left:
            finding.wrong.append(f"{len(left)} messages are unanswered")
    return finding


def _look_at(finding: Finding, reporter: Reporter, session: Session, inbox: Inbox) -> None:
    who = f"person {reporter.number}"
    talk = inbox.find(session, "telegram", str(reporter.person.id))
    if talk is None:
        finding.lost += 1
        finding.wrong.append(f"{who} was never heard")
        return
    _look_at_case(finding, reporter, session, talk)
    query = select(TranscriptRow).where(TranscriptRow.conversation_id == talk.id)
    lines = session.execute(query.order_by(TranscriptRow.id)).scalars().all()
    kept = [line.text for line in lines if line.sender == "reporter"]
    if kept != reporter.said:
        finding.lost += max(0, len(reporter.said) - len(kept))
        finding.doubled += max(0, len(kept) - len(reporter.said))
        finding.wrong.append(f"{who} said {reporter.said}, kept is {kept}")
    _look_at_replies(finding, reporter, [line.text for line in lines if line.sender == "bot"])


def _look_at_case(
    finding: Finding, reporter: Reporter, session: Session, talk: ConversationRow
) -> None:
    query = select(CaseRow).where(CaseRow.conversation_id == talk.id)
    cases = [as_contract(row) for row in session.execute(query).scalars()]
    if len(cases) != 1:
        finding.lost += not cases
        finding.doubled += len(cases) > 1
        finding.wrong.append(f"person {reporter.number} has {len(cases)} cases")
        return
    case = cases[0]
    facts = {
        "status": (case["status"], "new"),
        "ages": (case["children"]["ages"], [reporter.age]),
        "carer": (case["care"]["carer"], "nobody"),
        "reasons": (case["care"]["absence_reasons"], ["hospitalised"]),
        "county": (case["location"]["county"], "金水区"),
        "house": (f"社区{reporter.house}号楼" in (case["location"]["text"] or ""), True),
        "number": (any(case["case_no"] in text for text in reporter.heard), True),
    }
    for name, (found, right) in facts.items():
        if found != right:
            finding.wrong.append(f"person {reporter.number}: {name} is {found}, not {right}")


def _look_at_replies(finding: Finding, reporter: Reporter, kept: list[str]) -> None:
    """Every reply arrived, in the order of the transcript; one may have come twice in a row."""
    # the code that shows a report's state is kept nowhere once it was sent
    heard = [_CODE.sub(_HIDDEN, text) for text in reporter.heard]
    kept = [_CODE.sub(_HIDDEN, text) for text in kept]
    once = [text for text, _ in groupby(heard)]
    right = [text for text, _ in groupby(text.strip() for text in kept)]
    if once != right:
        missing = [text for text in right if text not in once]
        finding.lost += len(missing)
        finding.wrong.append(f"person {reporter.number} heard {once}, kept is {right}")
    finding.resent += max(0, len(heard) - len(kept))
