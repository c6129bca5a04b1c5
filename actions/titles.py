"""What a reading is called when the bot asks which one was meant."""

from bot.help.catalogue import catalogue
from bot.texts import N_

_OWN = {
    "report_own_difficulty": N_("我照看不了自己的孩子"),
    "report_unattended_child": N_("有个孩子没人照看"),
    "child_seeking_help": N_("我是孩子，我要帮助"),
    "report_as_professional": N_("我代表单位通报"),
    "preregister_child": N_("我想提前登记"),
    "report_elder_alone": N_("有老人独自在家"),
    "report_emergency": N_("现在有危险"),
    "request_human": N_("我要找真人"),
    "add_information": N_("补充一份报告"),
    "withdraw_report": N_("撤回一份报告"),
    "check_status": N_("查一份报告"),
    "resume": N_("接着写没写完的报告"),
    "change_language": N_("换一种文字"),
}
TITLES = _OWN | {f"faq/{name}": topic.title for name, topic in catalogue().topics.items()}
