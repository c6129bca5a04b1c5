"""The Telegram channel: updates in, common messages out, replies back."""

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import Pace
from bot.channels.telegram.sender import TelegramSender
from bot.channels.telegram.webhook import WEBHOOK_PATH

__all__ = ["WEBHOOK_PATH", "Pace", "TelegramChannel", "TelegramSender"]
