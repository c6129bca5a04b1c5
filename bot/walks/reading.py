"""A message meets a draft: what it answers, what it adds, and what is left to other actions."""

import re
from typing import Any, Literal

from bot.walks.answers import READERS, place_as_fact
from bot.walks.draft import Draft
from bot.walks.heard import MOVES, OPENERS, Heard
from bot.walks.questionnaire import Choice
from bot.walks.remarks import health_of_children, is_planned, told_beside

Result = Literal["answered", "facts", "move", "missed"]

_LIST_ENTITIES = {"need": "needs", "absence_reason": "reason", "sex": "sexes"}
_ENTITIES: dict[str, frozenset[str]] = {
    "role": frozenset({"relation"}),
    "danger": frozenset({"health", "need"}),
    "child_count": frozenset({"child_count", "sex"}),
    "ages": frozenset({"age"}),
    "sexes": frozenset({"sex"}),
    "carer": frozenset({"carer", "relation", "need"}),
    "since": frozenset({"since"}),
    "reason": frozenset({"absence_reason"}),
    "health": frozenset({"health"}),
    "location": frozenset({"location", "organisation", "person_name"}),
    "needs": frozenset({"need"}),
    "phone": frozenset({"phone"}),
    "name": frozenset({"person_name"}),
    "organisation": frozenset({"organisation", "location", "carer", "relation"}),
}
"""The entities that may be part of an answer to each question."""
_FREE_TEXT = ("name", "location", "organisation")
_HAS_A_VALUE = ("child_count", "ages", "location")
"""Questions that only a bare no leaves open: there is a number, an age, a place."""
_NOT_SHOWN = ("consent", "confirm", "role")
ROLE_WALKS = {
    "mother": "guardian_difficulty",
    "father": "guardian_difficulty",
    "self": "child_self",
    "teacher": "professional_notice",
    "doctor": "professional_notice",
    "committee": "professional_notice",
}
_ONE_VALUE = ("carer", "child_count", "phone", "since")
_SOFT_MOVES = ("greet", "thank", "goodbye", "express_distress", "out_of_scope")
_PARTICLES = re.compile("[了吧啊呀哦呢的嘛，。,.!！ ]*")
_SWITCH_AT = 0.8
_ABOUT_ONE_THING = 20
_LONG_ENOUGH_TO_KEEP = 12
_PATIENCE = 3
_SKIPS = ("dont_know", "decline_to_answer")
_ENOUGH_TO_SKIP = 0.3
"""From where on words that answer nothing skip the open question, though the bot would ask back elsewhere."""
_COMING_SOON = re.compile(
    "还没|過幾天|过几天|明天|后天|後天|下周|下星期|下礼拜|下个月|下個月|快要|即将|准备去"
)
_WRONG = re.compile(
    "(说|写|填|搞|弄)?(不对|不對|错了|錯了|唔啱|唔对|唔對)[了吧啊呀哦呢的嘛，。,.!！ ]*"
)
_WANTS_CHANGE = re.compile(
    "(我)?(想|要|需要)?(再)?(修改|更改|改正|改)(一下|一改|点|点儿)?(资料|信息|内容|前面|刚才|写|说|的)*[。！!. ]*"
)
_CORRECTION_WORDS = re.compile(
    "^.{0,6}?(不对|不是|错了|写错|搞错|说错|更正|改成|改为|应该是|應該是|唔係|唔系)[，, 。]*"
)


def read(draft: Draft, heard: Heard) -> Result:
    """Put what a message says into the draft.

    Returns:
        ``answered`` the open question is settled; ``facts`` it is not, but other facts came;
        ``move`` another action answers this message; ``missed`` nothing was understood.
    """
    if draft.read == heard.message_id:
        return "answered"
    draft.read = heard.message_id
    draft.skipped = False
    heard = heard.as_answer(_ENTITIES.get(draft.asking or "", frozenset()))
    before, asking, forced = dict(draft.facts), draft.asking, draft.forced
    _keep_account(draft, heard)
    _switch_walk(draft, heard)
    result = _read(draft, heard)
    _count_those_told(draft)
    draft.misses = draft.misses + 1 if result == "missed" else 0
    _say_what_came(draft, heard, before, asking, forced)
    if draft.misses >= _PATIENCE and asking and draft.script.question(asking).optional:
        draft.leave_open(asking, "unknown")
        draft.misses, draft.skipped = 0, True
        return "answered"
    return result


def _count_those_told(draft: Draft) -> None:
    """A notice asks for the ages of all children at once: as many ages, as many children."""
    asked_for = draft.walk == "professional_notice" and "ages" in draft.asked
    if asked_for and "ages" in draft.facts and not draft.settled("child_count"):
        draft.take("child_count", len(draft.facts["ages"]), draft.sources.get("ages"))


def _say_what_came(
    draft: Draft, heard: Heard, before: dict[str, Any], asking: str | None, forced: str | None
) -> None:
    """Keep which fields the message changed, and which it told besides the open question."""
    draft.changed, draft.noted = [], []
    if asking is None or heard.intent == "report_emergency":
        return
    for name in draft.script.names():
        if name in _NOT_SHOWN or draft.facts.get(name) == before.get(name):
            continue
        if heard.intent == "correct_information" or (name == forced and name in before):
            draft.changed.append(name)
        elif name != asking:
            draft.noted.append(name)


def _read(draft: Draft, heard: Heard) -> Result:
    if heard.edit:
        draft.reopen(heard.edit)
        return "answered"
    if heard.choice:
        return _press(draft, heard)
    if heard.intent == "start_report":
        return "answered"
    if heard.intent == "report_emergency":
        draft.take("danger", list(heard.dangers) or ["other"], heard.message_id)
        _take_all(draft, heard)
        return "move"
    if heard.intent == "correct_information" or _WRONG.fullmatch(heard.text.strip()):
        return _correct(draft, heard)
    return _hear(draft, heard)


def _hear(draft: Draft, heard: Heard) -> Result:
    """Words that are no press, no alarm and no correction."""
    asking = draft.asking
    if heard.sure and (heard.is_question or heard.intent in MOVES):
        if not heard.is_question and _short_answer(draft, heard):
            return "answered"
        _take_all(draft, heard)
        return "move"
    fresh = _take_all(draft, heard)
    if asking is None or asking in fresh or _answer(draft, heard):
        return "answered"
    if fresh:
        return "facts"
    turned_down = asking == "confirm" and heard.intent == "deny"
    adds = heard.sure and heard.intent == "add_information"
    return "move" if turned_down or adds else "missed"


def _press(draft: Draft, heard: Heard) -> Result:
    assert heard.choice is not None
    name, index = heard.choice
    choices = draft.script.choices(name)
    choice = choices[index]
    if choice.says is not None:
        value = READERS[draft.script.question(name).reader](choice.says, heard.now)
        draft.take(name, value, heard.message_id, replace=True)
    else:
        _choose(draft, name, choice, heard)
    return "move" if name == "danger" and draft.in_danger else "answered"


def _choose(draft: Draft, name: str, choice: Choice, heard: Heard) -> None:
    for field, value in choice.facts.items():
        draft.take(field, value, heard.message_id)
    if choice.walk:
        draft.begin(choice.walk)
    if choice.value is None:
        draft.facts.pop(name, None)
    else:
        draft.take(name, choice.value, heard.message_id, replace=True)


def _ages(heard: Heard) -> list[float]:
    """Every age in an answer to how old the children are, also in bare numbers."""
    return READERS["ages"](heard.text, heard.now) or []


def _take_all(draft: Draft, heard: Heard, replace: bool = False) -> set[str]:
    """Take every fact that the message carries; the fields that were new or replaced."""
    found = facts_of(heard, draft)
    if draft.asking == "organisation":
        found.pop("carer", None)  # "居委会" is where the writer works
    if draft.asking == "health" and "health" in found:
        found["health"] = READERS["health"](heard.text, heard.now) or found["health"]
    if draft.asking == "ages":
        ages = max(_ages(heard), found.get("ages", []), key=len)
        found |= {"ages": ages} if ages else {}
    fresh = set()
    if heard.intent == "report_own_difficulty" and is_planned(heard.text):
        draft.take("planned", True, heard.message_id)
    for name, value in found.items():
        wanted = replace or name == draft.asking or name == draft.forced
        if name == "location":
            wanted = wanted or bool(draft.vague_place)
        if name in _ONE_VALUE and len(heard.text) <= _ABOUT_ONE_THING:
            wanted = True
        grows = name in ("health", "needs", "reason") and heard.intent != "out_of_scope"
        if wanted or grows or name not in draft.facts:
            if draft.facts.get(name) != value or name == draft.asking:
                fresh.add(name)
            draft.take(name, value, heard.message_id, replace=replace or name == draft.forced)
    return fresh


def facts_of(heard: Heard, draft: Draft) -> dict[str, Any]:
    """The facts that a message's entities give, keyed by question."""
    found: dict[str, Any] = {}
    for entity, name in _LIST_ENTITIES.items():
        if values := heard.values(entity):
            found[name] = values
    if health := health_of_children(heard, draft.walk):
        found["health"] = health
    ages = [value for name, value in heard.entities if name == "age"]
    if ages:
        found["ages"] = ages
    if counts := heard.values("child_count"):  # "两个孩子，一个三岁一个六岁": 2, and never 1
        found["child_count"] = max(*map(int, counts), len(ages))
    elif len(ages) > 1 and "child_count" not in draft.facts:
        found["child_count"] = len(ages)
    for entity, name in {"carer": "carer", "since": "since", "phone": "phone"}.items():
        if values := heard.values(entity):
            found[name] = values[-1]
    if (places := heard.values("location")) and (place := place_as_fact(max(places, key=len))):
        found["location"] = place
    found |= _who_writes(heard, draft)
    return found | told_beside([*draft.narrative, heard.text], {**draft.facts, **found})


def _who_writes(heard: Heard, draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (relations := heard.values("relation")) and draft.walk != "child_self":
        found["relation"] = relations[0]
    if draft.walk == "professional_notice" and (names := heard.values("organisation")):
        found["organisation"] = names[0]
    if draft.asking == "name" and (names := heard.values("person_name")):
        found["name"] = names[0]
    return found


def _answer(draft: Draft, heard: Heard) -> bool:
    """Read the message as an answer to the open question; true when it settles it."""
    name = draft.asking or ""
    question = draft.script.question(name)
    if heard.intent in _SKIPS and heard.sure:
        return _leave_open(draft, heard, name)
    if (heard.sure and heard.intent in ("affirm", "deny")) or name in ("consent", "confirm"):
        answer = _yes_or_no(draft, heard, name)
        if answer is not None:
            draft.take(name, answer, heard.message_id, replace=True)
            return True
    if name == "role":
        return _role(draft, heard)
    if name in ("consent", "confirm"):
        return False
    if name in _FREE_TEXT and heard.sure and heard.intent == "affirm":
        return False
    value = READERS[question.reader](heard.without_entities(_ENTITIES[name]), heard.now)
    if value is None and name == "since" and _COMING_SOON.search(heard.text):
        draft.take("planned", True, heard.message_id)
        return True
    if value is not None:
        draft.take(name, value, heard.message_id, replace=name != "location")
        return True
    empty = name not in _HAS_A_VALUE or READERS["consent"](heard.text, heard.now) is False
    if heard.intent == "deny" and heard.sure and question.optional and empty:
        draft.leave_open(name, "unknown")
        return True
    skips = heard.intent in _SKIPS and heard.confidence >= _ENOUGH_TO_SKIP and not heard.entities
    return skips and _leave_open(draft, heard, name)


def _short_answer(draft: Draft, heard: Heard) -> bool:
    """A few words that fit the open question exactly are its answer, whatever they sound like."""
    name = draft.asking or ""
    if name in ("", "role", *_FREE_TEXT):
        return False
    if len(heard.text) >= _LONG_ENOUGH_TO_KEEP or heard.intent not in _SOFT_MOVES:
        return False
    if name in ("consent", "confirm"):
        value = _yes_or_no(draft, heard, name)
    else:
        value = READERS[draft.script.question(name).reader](heard.text, heard.now)
    if value is None:
        return False
    draft.take(name, value, heard.message_id, replace=True)
    return True


def _leave_open(draft: Draft, heard: Heard, name: str) -> bool:
    if name == "consent" and heard.intent == "decline_to_answer" and draft.misses:
        draft.take("consent", False, heard.message_id)  # told once that no name is needed
        return True
    if not draft.script.question(name).optional:
        return False
    draft.leave_open(name, "unknown" if heard.intent == "dont_know" else "declined")
    return True


def _yes_or_no(draft: Draft, heard: Heard, name: str) -> Any:
    question = draft.script.question(name)
    said = READERS["consent"](heard.text, heard.now)
    if said is None and heard.sure and not _tells_more(heard, name):
        said = {"affirm": True, "deny": False}.get(heard.intent)
    if said is None:
        return None
    return draft.script.wording(question.if_yes if said else question.if_no)


def _tells_more(heard: Heard, name: str) -> bool:
    """A long no to consent ("没人管孩子已经三天了") is rather a piece of the story."""
    return name == "consent" and heard.intent == "deny" and len(heard.text) > _ABOUT_ONE_THING // 2


def _role(draft: Draft, heard: Heard) -> bool:
    if heard.intent in OPENERS:
        walk = OPENERS[heard.intent]
    else:
        relation = next(iter(heard.values("relation")), None)
        relation = relation or READERS["role"](heard.text, heard.now)
        if not relation:
            return False
        draft.take("relation", relation, heard.message_id)
        walk = ROLE_WALKS.get(relation, "unattended_child")
    draft.begin(walk)
    draft.take("role", walk, heard.message_id)
    return True


def _correct(draft: Draft, heard: Heard) -> Result:
    named = _field_named(draft, heard.text)
    facts = _take_all(draft, heard, replace=True)
    if facts:
        return "answered"
    if _WANTS_CHANGE.fullmatch(heard.text.strip()):
        return "move" if heard.intent == "correct_information" else "missed"
    rest = _CORRECTION_WORDS.sub("", heard.text)
    if _PARTICLES.fullmatch(rest):
        rest = ""
    last = next((n for n in reversed(draft.asked) if n in draft.facts and n != "consent"), None)
    if named is None or named != draft.asking:
        for name in filter(None, (named, last, draft.asking)):
            if (
                not rest
                or name in ("confirm", "role")
                or (name in _FREE_TEXT and rest == heard.text)
            ):
                continue
            value = READERS[draft.script.question(name).reader](rest, heard.now)
            if value is not None:
                draft.take(name, value, heard.message_id, replace=True)
                return "answered"
    if named is None and draft.asking == "confirm":
        return "move" if heard.intent in ("correct_information", "deny") else "missed"
    if named or last:
        draft.reopen(named or last or "")
        return "answered"
    return "missed"


def _field_named(draft: Draft, text: str) -> str | None:
    """The question that a correction speaks of by one of its names ("地址写错了")."""
    script = draft.script
    for name in script.names():
        if any(word in text for word in script.question(name).names):
            return name
    return None


def _switch_walk(draft: Draft, heard: Heard) -> None:
    """An opener may change the walk: always while the role is open, early on if it is sure."""
    walk = OPENERS.get(heard.intent)
    if walk is None or walk == draft.walk or heard.choice or not heard.sure:
        return
    early = len(draft.asked) <= 2 or walk == "child_self"
    if draft.walk is None or (early and heard.confidence >= _SWITCH_AT):
        draft.begin(walk)
        asked = {*draft.script.names(), "role"}
        if draft.asking not in asked:
            draft.asking = None  # only the walk before asks this
        if draft.forced not in asked:
            draft.forced = None


def _keep_account(draft: Draft, heard: Heard) -> None:
    """Keep the reporter's own words: openers, facts, and whatever was not understood."""
    if heard.choice or heard.edit or (heard.is_question and heard.sure):
        return
    if heard.sure and heard.intent in MOVES and heard.intent != "express_distress":
        return
    telling = heard.intent in OPENERS or heard.intent == "add_information"
    if heard.text in draft.narrative[-1:]:
        return
    if len(heard.text) >= _LONG_ENOUGH_TO_KEEP or not heard.sure or telling:
        draft.narrative = [*draft.narrative, heard.text]
