"""The forms of the acts on a case: their fields, and what is wrong with them in words.

Labels and messages are source texts; the templates put them into the reader's language.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from starlette.datastructures import FormData
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import Field
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from bot.cases.handling import LONGEST_WORDS, MOST_PIECES
from bot.cases.vocabulary import ALLOWED
from bot.clock import SHANGHAI
from bot.texts import N_, Texts
from bot.walks.answers import place_as_fact
from bot.walks.readback import value_in_words

Choices = Sequence[tuple[str, str]] | Mapping[str, Sequence[tuple[str, str]]]

_MESSAGES = MappingProxyType(
    {
        "Not a valid choice.": N_("请选一项。"),
        "Not a valid integer value.": N_("请写一个数字。"),
        "Not a valid datetime value.": N_("请写日期和时间。"),
    }
)
_SEPARATORS = re.compile(r"[、，,；;\s]+")
YES_NO = ("yes", "no")


class _Messages:
    """WTForms' own messages, as the console's source texts."""

    def gettext(self, text: str) -> str:
        return _MESSAGES.get(text, N_("请检查这一项。"))

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one)


class ActForm(Form):
    """A form of the console; ``version`` and the token of the sign-in are not its fields."""

    class Meta:
        """How WTForms words its own messages."""

        def get_translations(self, form: Form) -> _Messages:
            """The messages; put into the reader's language by the template."""
            return _Messages()


def _words(label: str, missing: str, longest: int = LONGEST_WORDS) -> TextAreaField:
    return TextAreaField(
        label,
        [_given(missing), Length(max=longest, message=N_("写得太长了，请缩短一些。"))],
        filters=[_stripped],
        render_kw={"rows": 3},
    )


def _given(missing: str) -> InputRequired:
    return InputRequired(message=missing)


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _has_words(_: Form, field: Field) -> None:
    if not (field.data or "").strip():
        raise ValidationError(N_("请写几句话。"))


def _why() -> TextAreaField:
    return _words(N_("原因"), N_("请写原因，同事看得到。"))


class WhyForm(ActForm):
    """Only a reason."""

    why = _why()
    validate_why = staticmethod(_has_words)


class AssignForm(ActForm):
    """To which colleague a case goes."""

    worker = SelectField(N_("交给哪位同事"), [_given(N_("请选一位同事。"))], choices=[])


class TransferForm(WhyForm):
    """To whom a case is handed over, and why."""

    to = SelectField(N_("转给谁"), [_given(N_("请选单位或同事。"))], choices={})


class UnitForm(WhyForm):
    """A unit, and why."""

    unit = SelectField(N_("单位"), [_given(N_("请选单位。"))], choices=[])


class LevelForm(WhyForm):
    """A level, and why."""

    level = SelectField(N_("级别"), [_given(N_("请选级别。"))], choices=[])


class NoteForm(ActForm):
    """Words for colleagues."""

    words = _words(N_("写给同事的话"), N_("请写几句话。"))
    validate_words = staticmethod(_has_words)


class RecordForm(ActForm):
    """What was done, seen or brought."""

    kind = SelectField(N_("做了什么"), [_given(N_("请选做了什么。"))], choices=[])
    words = _words(N_("看到什么、做了什么"), N_("请写看到了什么、做了什么。"))
    quantity = IntegerField(
        N_("一共几件物资（送物资才写）"),
        [Optional(), NumberRange(1, MOST_PIECES, N_("请写 1 到 100000 之间的数。"))],
        render_kw={"inputmode": "numeric"},
    )
    validate_words = staticmethod(_has_words)


class ScheduleForm(ActForm):
    """What is to be done, when and by whom."""

    kind = SelectField(N_("要做什么"), [_given(N_("请选要做什么。"))], choices=[])
    due = DateTimeLocalField(N_("什么时候之前"), [_given(N_("请写日期和时间。"))])
    worker = SelectField(N_("谁去"), [Optional()], choices=[])


class CloseForm(ActForm):
    """How a case ends."""

    outcome = RadioField(N_("结果"), [_given(N_("请选结果。"))], choices=[])
    words = _words(N_("说明"), N_("请写怎么办结的。"))
    validate_words = staticmethod(_has_words)


class DuplicateForm(WhyForm):
    """Which case tells the same."""

    of = StringField(
        N_("和哪个案件重复（编号）"),
        [_given(N_("请写另一个案件的编号。")), Length(max=20, message=N_("编号没有这么长。"))],
        filters=[_stripped],
        render_kw={"autocapitalize": "characters", "autocomplete": "off"},
    )


class FactForm(WhyForm):
    """A fact as staff found it; ``value`` is added by ``fact_form``."""

    unknown = BooleanField(N_("没有人知道"))


def fact_form(name: str, t: Texts, data: FormData | None = None, value: Any = None) -> FactForm:
    """The form by which a fact is set.

    Args:
        name: one of ``bot.cases.overrides.FACTS``.
        data: what was sent, ``None`` for a fresh form.
        value: what is known, shown in a fresh form.
    """
    made = type(f"{name}Form", (FactForm,), {"value": _value_field(name, t)})
    form: FactForm = made(data) if data is not None else made(value=_shown(name, value))
    return form


def _value_field(name: str, t: Texts) -> Field:
    label = N_("改为")
    if name in ("danger", "health", "needs", "reason"):
        choices = [(v, value_in_words(name, [v], t)) for v in ALLOWED[name]]
        return SelectMultipleField(
            label, choices=choices, widget=ListWidget(prefix_label=False), option_widget=_Box()
        )
    if name == "carer":
        choices = [(v, value_in_words(name, v, t)) for v in ALLOWED[name]]
        return SelectField(label, [Optional()], choices=[("", t("请选")), *choices])
    if name == "child_count":
        between = NumberRange(1, 50, N_("请写 1 到 50 之间的数。"))
        return IntegerField(label, [Optional(), between], render_kw={"inputmode": "numeric"})
    if name == "since":
        return DateTimeLocalField(label, [Optional()])
    if name == "ages":
        return StringField(label, [Optional(), _are_ages], filters=[_stripped])
    if name == "location":
        short = Length(max=200, message=N_("地方最多写 200 个字。"))
        return StringField(N_("改为（从省、市写起）"), [Optional(), short], filters=[_stripped])
    kinds = {"left_behind": t("留守儿童"), "moving": t("流动儿童"), "in_difficulty": t("困境儿童")}
    yes_no = {"yes": t("是"), "no": t("不是")}
    offered = kinds if name == "kind" else yes_no
    return SelectField(label, [Optional()], choices=[("", t("请选")), *offered.items()])


class _Box(CheckboxInput):
    """One of several boxes; none of them alone has to be ticked."""

    validation_attrs = ("disabled",)


def _are_ages(_: Form, field: Field) -> None:
    try:
        ages = _ages(field.data)
    except ValueError:
        raise ValidationError(N_("请写岁数，几个孩子用顿号隔开，例如 3、6。")) from None
    if not ages or not all(0 <= age <= 120 for age in ages):
        raise ValidationError(N_("请写岁数，几个孩子用顿号隔开，例如 3、6。"))


def _ages(text: str) -> list[float]:
    return [float(part) for part in _SEPARATORS.split(text.strip()) if part]


def _shown(name: str, value: Any) -> Any:
    """A known value as its field shows it."""
    if value is None:
        return None
    if name == "ages":
        return "、".join(f"{age:g}" for age in value)
    if name == "location":
        return value["text"]
    if name == "since":
        moment = datetime.fromisoformat(value)
        return (moment.astimezone(SHANGHAI) if moment.tzinfo else moment).replace(tzinfo=None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def fact_value(name: str, form: FactForm) -> Any:
    """The value that a valid form sets, in the contract's values; ``None``: nobody knows.

    Raises:
        ValueError: nothing was filled in; no danger at all is said by ticking none.
    """
    data = form["value"].data
    if form.unknown.data:
        return None
    if name == "danger":
        return list(data or ())
    if data is None or data in ("", []):
        raise ValueError(N_("请填写，或者勾选“没有人知道”。"))
    if name == "ages":
        return _ages(data)
    if name == "location":
        return place_as_fact(data)
    if name == "since":
        return aware(data).isoformat()
    return data == "yes" if data in YES_NO else data


def aware(moment: datetime) -> datetime:
    """A moment as it was typed, in Asia/Shanghai."""
    return moment.replace(tzinfo=SHANGHAI)


def made(form: type[ActForm], offered: Mapping[str, Choices], data: FormData | None) -> ActForm:
    """A form with what its fields offer; blank when nothing was sent."""
    fresh = form(data) if data is not None else form()
    for name, choices in offered.items():
        if name in fresh:
            fresh[name].choices = choices
    return fresh
