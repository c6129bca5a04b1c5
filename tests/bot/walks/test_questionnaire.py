"""The questionnaire, walked with every kind of answer."""

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cases.vocabulary import ALLOWED, DANGERS, REPORT_TYPES
from bot.walks.draft import Draft
from bot.walks.questionnaire import Plan, Questionnaire, questionnaire

BEYOND_LIMIT = {"consent", "confirm"}
OPEN = {
    "ages": [[3], [5, 6], [0.67], [17]],
    "location": [{"text": "新会区幸福小区", "adcode": "440705"}, {"text": "幸福小区3号楼"}],
    "phone": ["+8613800138000"],
    "name": ["王女士"],
    "organisation": ["县医院"],
    "since": ["2026-11-20", "2026-11-21T08:00:00+08:00"],
}
HOTLINES = {"110", "120"}


def walk_through(
    walk: str, data: st.DataObject, by_role: bool = False, safe: bool = False
) -> list[str]:
    """Answer until nothing is asked any more; the questions in their order."""
    draft = Draft()
    if by_role:
        draft.note_asked("role")
    draft.begin(walk)
    if by_role:
        draft.take("role", walk, None)
    asked: list[str] = []
    while (name := draft.next_question()) is not None:
        assert len(asked) < 20, f"no end: {asked}"
        draft.note_asked(name)
        asked.append(name)
        if not safe and data.draw(st.integers(0, 5)) == 0:
            volunteer(draft, data)
        answer(draft, name, data, safe)
    return asked


def answer(draft: Draft, name: str, data: st.DataObject, safe: bool) -> None:
    if name in BEYOND_LIMIT:
        draft.take(name, True, None)
    elif safe and name == "danger":
        draft.take(name, [], None)
    else:
        ways = ["told", "told", "told"]
        if draft.script.question(name).optional:
            ways += ["unknown", "declined"]
        how = data.draw(st.sampled_from(ways), label=name)
        if how == "told":
            tell(draft, name, data)
        else:
            draft.leave_open(name, how)  # type: ignore[arg-type]


def tell(draft: Draft, name: str, data: st.DataObject) -> None:
    choices = [choice for choice in draft.script.choices(name) if not choice.says and not choice.go]
    values = [(choice.value, choice.facts) for choice in choices]
    values += [(value, {}) for value in OPEN.get(name, [])]
    value, more = data.draw(st.sampled_from(values), label=name)
    for other, said in more.items():
        draft.take(other, said, None)
    if value is not None:
        draft.take(name, value, None)


def volunteer(draft: Draft, data: st.DataObject) -> None:
    """Say something that was not asked, danger among it."""
    names = [n for n in draft.script.names() if n not in (*BEYOND_LIMIT, "role", draft.asking)]
    name = data.draw(st.sampled_from(["danger", *names]))
    if name == "danger":
        draft.take("danger", [data.draw(st.sampled_from(DANGERS))], None)
    elif not draft.settled(name):
        tell(draft, name, data)


def may_be_asked(walk: str) -> set[str]:
    held = questionnaire().walks[walk]
    return {step.ask for step in held.questions} | set(held.fewest) | {"confirm"}


def counted(asked: list[str]) -> list[str]:
    return [name for name in asked if name not in BEYOND_LIMIT]


@pytest.mark.parametrize("by_role", [False, True])
@pytest.mark.parametrize("walk", REPORT_TYPES)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_nobody_is_asked_more_than_eight_questions_or_one_of_them_twice(
    walk: str, by_role: bool, data: st.DataObject
) -> None:
    asked = walk_through(walk, data, by_role)
    assert len(counted(asked)) + by_role <= 8
    assert len(set(asked)) == len(asked)
    assert "consent" in asked and asked[-1] == "confirm"
    assert set(asked) <= may_be_asked(walk)


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_child_is_asked_first_whether_it_is_safe_and_then_who_is_near(
    data: st.DataObject,
) -> None:
    assert walk_through("child_self", data, safe=True)[:2] == ["danger", "carer"]


def test_a_child_is_never_asked_what_a_child_cannot_know() -> None:
    assert not {"since", "organisation", "name"} & may_be_asked("child_self")


def test_a_neighbour_is_never_asked_for_a_name_or_a_phone() -> None:
    assert not {"name", "phone"} & may_be_asked("unattended_child")


@pytest.mark.parametrize("walk", REPORT_TYPES)
def test_in_danger_only_the_fewest_questions_are_left(walk: str) -> None:
    draft = Draft()
    draft.begin(walk)
    draft.take("danger", ["violence"], None)
    asked = []
    while (name := draft.next_question()) is not None:
        draft.note_asked(name)
        asked.append(name)
        draft.take(name, True if name in BEYOND_LIMIT else OPEN.get(name, [1])[0], None)
    assert asked == [*questionnaire().walks[walk].fewest, "confirm"]
    assert "location" in asked and len(counted(asked)) <= 3


@pytest.mark.parametrize("walk", REPORT_TYPES)
def test_consent_comes_before_anything_that_says_who_or_where(walk: str) -> None:
    for order in (
        [step.ask for step in questionnaire().walks[walk].questions],
        questionnaire().walks[walk].fewest,
    ):
        personal = [
            order.index(n) for n in ("name", "phone", "location", "organisation") if n in order
        ]
        assert order.index("consent") < min(personal)


def test_somebody_who_already_told_everything_is_asked_nothing_but_consent() -> None:
    draft = Draft()
    draft.begin("unattended_child")
    for name, value in {
        "danger": [], "location": OPEN["location"][0], "child_count": 1, "ages": [5], "carer": "nobody",
        "since": "2026-11-20", "health": ["healthy"], "reason": ["isolated"], "needs": ["care"],
    }.items():  # fmt: skip
        draft.take(name, value, None)
    assert draft.next_question() == "consent"
    draft.take("consent", True, None)
    assert draft.next_question() == "confirm"


def test_a_place_that_nobody_could_find_is_asked_for_once_and_only_once() -> None:
    draft = Draft()
    draft.begin("unattended_child")
    draft.take("location", {"text": "我们小区3号楼"}, None)
    asked = []
    while (name := draft.next_question()) != "confirm":
        assert name is not None and name not in asked
        draft.note_asked(name)
        asked.append(name)
        draft.take(name, True if name == "consent" else OPEN["location"][1], None)
    assert "location" in asked


def test_since_is_not_asked_where_a_grown_up_is_there() -> None:
    draft = Draft()
    draft.begin("unattended_child")
    draft.take("carer", "grandparent", None)
    assert "since" not in [draft.next_question(), *_rest(draft)]


def _rest(draft: Draft) -> list[str]:
    asked = []
    while (name := draft.next_question()) is not None:
        asked.append(name)
        draft.take(name, True if name in BEYOND_LIMIT else [], None)
    return asked


@pytest.mark.parametrize("name", sorted(questionnaire().questions))
def test_every_button_gives_a_value_of_the_contract(name: str) -> None:
    for choices in questionnaire().questions[name].buttons.values():
        for choice in choices:
            given = choice.value if isinstance(choice.value, list) else [choice.value]
            if name in ALLOWED and not choice.says:
                assert set(given) <= set(ALLOWED[name])
            assert choice.walk is None or choice.walk in REPORT_TYPES


def test_no_number_to_call_is_made_up_in_a_question() -> None:
    written = json.dumps(questionnaire().dict(), ensure_ascii=False)
    assert set(re.findall(r"(?<!\d)\d{3,}(?!\d)", written)) <= HOTLINES


def older_plan() -> dict[str, Any]:
    """What a report kept that began under another version: other words, order and buttons."""
    kept = copy.deepcopy(Plan("unattended_child").to_json())
    kept["version"] = "0"
    kept["steps"] = [{"ask": "consent"}, {"ask": "pets"}, {"ask": "location"}]
    kept["questions"]["pets"] = {
        "reader": "child_count",
        "label": "宠物",
        "ask": {"default": "家里有几只猫？"},
        "explain": {"default": "写个数字。"},
        "buttons": {"default": [{"title": "一只", "value": 1}]},
    }
    kept["questions"]["location"]["ask"] = {"default": "在哪个村？"}
    return kept


def test_a_report_goes_on_with_the_questionnaire_that_it_began_with() -> None:
    before = Draft(walk="unattended_child", plan=older_plan())
    draft = Draft.from_json(json.loads(json.dumps(before.to_json())))
    assert draft.script.version == "0"
    assert _rest(draft) == ["consent", "pets", "location", "confirm"]
    assert draft.script.wording(draft.script.question("location").ask) == "在哪个村？"
    assert [choice.title for choice in draft.script.choices("pets")] == ["一只"]
    fresh = Draft()
    fresh.begin("unattended_child")
    assert fresh.script.version == questionnaire().version
    assert "pets" not in fresh.script.names()


@pytest.mark.parametrize("walk", REPORT_TYPES)
def test_a_kept_plan_says_the_same_as_the_questionnaire_it_was_taken_from(walk: str) -> None:
    plan = Plan(walk, json.loads(json.dumps(Plan(walk).to_json())))
    assert plan.steps == questionnaire().walks[walk].questions
    for name in plan.names():
        assert plan.question(name) == questionnaire().questions[name]


def broken(path: str, value: Any) -> dict[str, Any]:
    held = questionnaire().dict(by_alias=True)
    *way, last = path.split("/")
    place: Any = held
    for key in way:
        place = place[key]
    place[last] = value
    return held


WALK = "walks/preregistration/"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (broken("questions/ages/reader", "agse"), "there is no reader 'agse'"),
        (broken("questions/ages/ask", {"child_self": "几岁"}), "needs a wording under 'default'"),
        (broken("questions/ages/explain", {"default": ""}), "needs a wording under 'default'"),
        (broken("questions/ages/labl", "x"), "labl"),
        (broken("questions/ages/buttons", [{"value": 1}]), "title"),
        (broken(WALK + "questions", ["consent", "agse"]), "'agse', which is no question"),
        (broken(WALK + "fewest", ["agse"]), "'agse', which is no question"),
        (broken("walks/gossip", questionnaire().walks["child_self"].dict()), "the walks must be"),
        (broken("limit", 3), "asks more than 3 questions"),
        (broken("limit", "many"), "limit"),
    ],
)
def test_a_mistake_in_the_questionnaire_is_named(content: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Questionnaire.parse_obj(content)
