"""The web chat: one page, its messages in, its lines out."""

from bot.channels.web.ports import Line, Lines
from bot.channels.web.routes import web_routes
from bot.channels.web.serving import Server
from bot.channels.web.streams import WebSender

__all__ = ["Line", "Lines", "Server", "WebSender", "web_routes"]
