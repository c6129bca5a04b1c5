"""Search: one box for number, phone, name, place and the words of the transcript.

What is searched for is sent in a form, not in the address: it may be a name or a phone, and
addresses end up in histories and logs.
"""

from starlette.responses import Response

from bot.cases import search
from bot.cases.search import Found
from bot.console.entries import entries
from bot.console.pages import Page, Visit

_LONGEST = 100


def show(visit: Visit) -> Response:
    """The empty box."""
    return visit.page("search.html", query="", found=None, entries=[], page=1)


def find(visit: Visit) -> Response:
    """What is found in the person's sight; the audit says that somebody searched, not for what."""
    query, behind = visit.words("query")[:_LONGEST], visit.words("after")
    after = int(behind) if behind.isascii() and behind.isdigit() and len(behind) < 10 else None
    hashed, sight = visit.console.hashed, visit.staff.sight()
    with visit.database.reading() as session:
        found = search.find(session, sight, query, hashed, after) if query else Found(short=True)
        lines = entries(session, visit, found.ids)
    with visit.database.writing() as session:
        visit.audit(session, "searched", detail={"by": found.by, "found": len(lines)})
    page = visit.words("page")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1
    return visit.page("search.html", query=query, found=found, entries=lines, page=number)


PAGES = (
    Page("/search", "read", show),
    Page("/search", "read", find, "POST"),
)
