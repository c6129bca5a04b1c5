"""The command menus that Telegram shows beside the message field."""

import logging

from telegram import BotCommand, BotCommandScopeAllPrivateChats

from bot.channels.telegram.client import TelegramClient
from bot.texts import Texts, texts

# Telegram's two-letter codes; "zh" is both scripts, so it gets the source texts. None is
# everybody else.
_LANGUAGES = {None: "zh_Hans", "zh": "zh_Hans", "en": "en"}

_log = logging.getLogger(__name__)


def commands(t: Texts) -> list[BotCommand]:
    """The menu in one language, in the order in which it is shown."""
    return [
        BotCommand("start", t("开始")),
        BotCommand("report", t("报告一个孩子的情况")),
        BotCommand("status", t("查询进度")),
        BotCommand("help", t("我能做什么，紧急电话")),
        BotCommand("language", t("更换语言")),
        BotCommand("cancel", t("停止填写")),
        BotCommand("delete", t("删除我的信息")),
    ]


async def set_menus(client: TelegramClient) -> None:
    """Set the menus of all languages; the channel works without them, so no failure stops it."""
    for code, language in _LANGUAGES.items():
        try:
            await client.set_my_commands(
                commands(texts(language)), BotCommandScopeAllPrivateChats(), language_code=code
            )
        except Exception as error:  # a missing catalogue as well as whatever Telegram says
            _log.warning("Telegram: menu for %s not set (%s)", code or "all", type(error).__name__)
