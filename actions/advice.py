"""What to do at once, by kind of danger. One wording each: safety texts do not vary."""

from collections.abc import Iterable

from bot.texts import N_, Texts

_CALL = {
    "fire": N_("现在就打 119！人先出来，关不了阀门、拿不到东西都别管。"),
    "injury": N_("现在就打 120！别乱动受伤的人，流血的地方用干净的布按住。"),
    "unconscious": N_("现在就打 120！叫得醒叫不醒、有没有呼吸，告诉接电话的人，照他说的做。"),
    "suicide": N_("现在就打 110 或 120！陪在身边，别让人独自待着，把刀、药、绳子拿开。"),
    "violence": N_("现在就打 110！先到安全的地方，别硬拦，叫邻居一起。"),
    "abuse": N_("现在就打 110！孩子受伤再打 120。"),
    "missing": N_("现在就打 110！不用等 24 小时，说清孩子的样子、衣服和最后在哪里。"),
    "no_food": N_("孩子没力气、叫不醒就打 120！能给就先给点水和吃的。"),
    "other": N_("有危险现在就打：110 报警、120 急救、119 火警。"),
}
_CHILD_CALL = {
    "fire": N_("快跑出去，别拿东西！出去以后打 119。"),
    "injury": N_("快打 120，说你受伤了、你在哪里。用干净的布按住流血的地方。"),
    "unconscious": N_("快打 120，说有人叫不醒、你在哪里。再去喊一个大人来。"),
    "suicide": N_(
        "你很重要，我想你好好的。现在就打 110 或 120，或者去找一个你信得过的大人，别一个人待着。"
    ),
    "violence": N_(
        "快躲到安全的地方，能跑就跑去邻居家或者商店。打 110，说有人打你、你在哪里。这不是你的错。"
    ),
    "abuse": N_("这不是你的错。打 110，说有人欺负你、你在哪里，警察叔叔会来。"),
    "missing": N_("站在原地别乱走，找穿制服的人或店里的人，请他打 110。"),
    "no_food": N_("先喝点水。去邻居家要点吃的，没力气就打 120。"),
    "other": N_("有危险就打 110，受伤了打 120，着火了打 119。说你在哪里，大人会来。"),
}
_ORDER = tuple(_CALL)


def advice(kinds: Iterable[str], child: bool, t: Texts) -> list[str]:
    """The sentences for these dangers, the most pressing first, and that we go on together.

    Args:
        kinds: kinds of danger (contract, section 3).
        child: whether a child is reading.
    """
    table = _CHILD_CALL if child else _CALL
    sentences = [t(table[kind]) for kind in _ORDER if kind in set(kinds)]
    if set(kinds) != {"other"}:
        sentences.append(t("110 报警 · 120 急救 · 119 火警"))
    after = (
        N_("打完电话再回来告诉我，我陪着你。")
        if child
        else N_("打完电话再接着写，我已经标成紧急。")
    )
    return [*sentences, t(after)]
