"""Answer a question about help, rules or the bot."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.basis import Event, draft, heard, say, topic_buttons, words
from bot.help.catalogue import catalogue


class ActionAnswerQuestion(Action):
    """The short answer from the catalogue with its source, and neighbouring topics."""

    def name(self) -> str:
        """The name in the domain."""
        return "action_answer_question"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Answer once."""
        t, message, report = words(tracker), heard(tracker), draft(tracker)
        known = catalogue()
        name = message.intent.removeprefix("faq/")
        topic = known.topics.get(name, known.topics["available_help"])
        named = [known.sources[source] for source in topic.sources]
        origin = t("；").join(t("{title}（{date}）", title=t(s.title), date=s.date) for s in named)
        buttons = [] if report.is_open else topic_buttons(t, topic.next)
        say(dispatcher, t(topic.short), t("依据：{origin}", origin=origin), buttons=buttons)
        return []
