"""Whatever comes in, a turn answers in words, and nobody reads what another one wrote."""

import os
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.bootstrap import House
from bot.channels.telegram.reading import read_update
from bot.channels.telegram.sender import keyboard, split
from bot.clock import Clock
from bot.conversation.messages import Incoming, Reply
from tests.bot.conversation.conftest import MOMENT
from tests.fuzz.strange import messages, updates

MESSAGES = int(os.environ.get("HUTONG_FUZZ", "240"))
A_TALK = 6
SECRETS = ("紫藤巷九十九号", "欧阳不存在")
_numbers = count()
_house = settings(
    max_examples=max(1, MESSAGES // A_TALK),
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def say(house: House, sender: str, kind: str, text: str) -> list[Reply]:
    """One message through inbox and turn; the replies."""
    incoming = Incoming("fuzz", sender, f"{sender}:{next(_numbers)}", MOMENT, text, kind)  # type: ignore[arg-type]
    conversation = house.inbox.accept(incoming)
    assert conversation is not None
    replies: list[Reply] = []
    while (number := house.inbox.next_open(conversation)) is not None:
        result = house.turns.handle(number)
        replies += result.replies if result else ()
    return replies


@_house
@given(talk=st.lists(messages, min_size=A_TALK, max_size=A_TALK))
def test_every_message_is_answered_in_words_that_the_platform_takes(
    house: House, talk: list[tuple[str, str]]
) -> None:
    own, other = f"own-{next(_numbers)}", f"other-{next(_numbers)}"
    say(house, other, "text", f"{SECRETS[0]}有个孩子没人管，找{SECRETS[1]}")
    for kind, text in talk:
        replies = say(house, own, kind, text)
        assert replies, f"{kind} {text!r} got no answer"
        for reply in replies:
            assert "出了点问题" not in reply.text, f"{kind} {text!r} broke the turn"
            assert not any(secret in reply.text for secret in SECRETS)
            assert split(reply.text)
            keyboard(reply.buttons)
            assert all(0 < len(b.payload.encode()) <= 64 and b.title for b in reply.buttons)


@settings(max_examples=max(50, MESSAGES // 4), deadline=None, database=None)
@given(update=updates)
def test_no_update_breaks_the_channel(update: object) -> None:
    heard = read_update(update, Clock(MOMENT))
    if heard.incoming is not None:
        text = heard.incoming.text
        assert "\x00" not in text
        text.encode("utf-8")
        assert heard.incoming.sender
