"""Answer what is not ours."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, heard, say, start_buttons, words
from bot.texts import N_

_RUDE = re.compile(
    "滚|妈的|媽的|他妈|傻[逼子叉瓜x]|廢物|废物|垃圾|骗子|騙子|操你|去死|有病|智障|仆街|屌|扑街|神经病|王八"
)


_SEEN_BY_STAFF = frozenset({"photo", "voice", "audio", "video", "video_note", "document"})
_KEPT = N_(
    "收到了，工作人员打开就能看到。我自己只看得懂文字，请再用文字说说发生了什么，用手机的语音输入也行。"
)
_WORDS_PLEASE = N_("收到了。我只看得懂文字，请用文字告诉我发生了什么，用手机的语音输入也行。")


class ActionStayOnTopic(Action):
    """Say kindly what this is for; keep nothing against anybody."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_stay_on_topic"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Say what this is for."""
        t, message = words(tracker), heard(tracker)
        if message.intent == "wordless":
            kept = message.text[1:-1] in _SEEN_BY_STAFF
            say(dispatcher, t(_KEPT) if kept else t(_WORDS_PLEASE))
        elif _RUDE.search(message.text):
            say(dispatcher, t("着急的心情我明白。想直接和人说，请打 12345；有危险打 110。"))
        else:
            say(dispatcher, t("这个我帮不上，我只管孩子没人照看的事。政务的事可以打 12345。"))
        if not draft(tracker).is_open:
            say(
                dispatcher,
                t("有孩子需要帮忙，点一下您是谁，或者直接写："),
                buttons=start_buttons(t),
            )
        return []
