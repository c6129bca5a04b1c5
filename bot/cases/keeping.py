"""How many days what is kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keeping:
    """How many days what is kept.

    Args:
        drafts: unfinished reports, after the last contact.
        closed: cases, after they ended and the last contact.
        transcripts: what was said, after the case ended and the last contact; talks without a
            case, after the last contact.
        messages: answered messages and sent replies beside the transcript.
        audit: who read or did what.
        warning: how long before a deletion staff are told.
    """

    drafts: int
    closed: int
    transcripts: int
    messages: int
    audit: int
    warning: int
