"""What the program understood of a message, in words: intents, entities and their values."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from actions.titles import TITLES
from bot.texts import N_, Texts
from bot.walks.readback import value_in_words

INTENTS: Mapping[str, str] = MappingProxyType(
    {
        "report_own_difficulty": N_("自己照看不了孩子"),
        "report_unattended_child": N_("别人的孩子没人照看"),
        "child_seeking_help": N_("孩子自己来求助"),
        "report_as_professional": N_("代表单位报告"),
        "preregister_child": N_("提前登记孩子"),
        "report_elder_alone": N_("老人独自在家"),
        "report_emergency": N_("现在有危险"),
        "inform": N_("回答问题或说明情况"),
        "affirm": N_("说是"),
        "deny": N_("说不是"),
        "dont_know": N_("说不知道"),
        "decline_to_answer": N_("不想回答"),
        "correct_information": N_("更正前面说的"),
        "go_back": N_("回到上一个问题"),
        "cancel": N_("不填了"),
        "restart": N_("从头开始"),
        "resume": N_("接着上次的填"),
        "ask_clarification": N_("没看懂，问什么意思"),
        "request_human": N_("要找真人"),
        "greet": N_("打招呼"),
        "goodbye": N_("告别"),
        "thank": N_("道谢"),
        "express_distress": N_("说心里难受"),
        "add_information": N_("给报告补充情况"),
        "withdraw_report": N_("撤回报告"),
        "check_status": N_("问办得怎样了"),
        "change_language": N_("换语言"),
        "out_of_scope": N_("和护童无关的话"),
        "nlu_fallback": N_("没听懂"),
        "wordless": N_("没有文字"),
        "stale_button": N_("按了过时的按钮"),
        "start_report": N_("开始填报告"),
        "choose_field": N_("选要改的一项"),
        "receipt": N_("要看回执"),
        "followup": N_("回答提醒"),
    }
    | {name: title for name, title in TITLES.items() if name.startswith("faq/")}
)
"""Every intent of the contract, and the moves that only buttons make, in words."""
ENTITIES: Mapping[str, str] = MappingProxyType(
    {
        "child_count": N_("几个孩子"),
        "age": N_("年龄"),
        "sex": N_("男孩女孩"),
        "absence_reason": N_("家长的情况"),
        "carer": N_("谁在身边"),
        "relation": N_("和孩子的关系"),
        "since": N_("从什么时候起"),
        "location": N_("地方"),
        "health": N_("身体情况"),
        "need": N_("需要什么"),
        "phone": N_("电话"),
        "person_name": N_("姓名"),
        "organisation": N_("单位"),
        "case_no": N_("案件编号"),
    }
)
"""Every entity of the contract in words."""
RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "mother": N_("妈妈"),
        "father": N_("爸爸"),
        "grandparent": N_("爷爷奶奶、外公外婆"),
        "relative": N_("其他亲戚"),
        "neighbour": N_("邻居"),
        "teacher": N_("老师"),
        "doctor": N_("医生"),
        "committee": N_("村里或社区的人"),
        "passerby": N_("路人"),
        "self": N_("孩子自己"),
        "other": N_("其他人"),
    }
)
_QUESTIONS = MappingProxyType(
    {
        "age": "ages",
        "sex": "sexes",
        "absence_reason": "reason",
        "carer": "carer",
        "since": "since",
        "health": "health",
        "need": "needs",
        "phone": "phone",
    }
)
"""The question whose words an entity's values have."""
_LISTS = ("ages", "sexes", "reason", "health", "needs")


def intent_in_words(name: str | None, t: Texts) -> str:
    """An intent in words; a question about help by the topic's title."""
    if not name:
        return "–"
    kind, _, rest = name.partition("/")
    words = INTENTS.get(name) or INTENTS.get(f"faq/{rest}" if kind == "more" else kind)
    return t(words) if words else name


def entity_in_words(entity: Mapping[str, Any], t: Texts) -> tuple[str, str]:
    """What an entity is called, and its value in words."""
    name, value = entity["entity"], entity["value"]
    return t(ENTITIES[name]) if name in ENTITIES else str(name), _value(name, value, t)


def _value(name: str, value: Any, t: Texts) -> str:
    if name == "relation":
        return t(RELATIONS[value]) if value in RELATIONS else str(value)
    if name not in _QUESTIONS or value is None:
        return str(value)
    question = _QUESTIONS[name]
    try:
        return value_in_words(question, [value] if question in _LISTS else value, t)
    except (KeyError, TypeError, ValueError):  # an older program may have understood otherwise
        return str(value)
