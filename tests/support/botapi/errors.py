"""Errors in the Bot API's shape (core.telegram.org/bots/api#making-requests)."""

import json
from typing import Any


class ApiError(Exception):
    """A method refused; the server answers with its code and description."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


def refusal(description: str) -> ApiError:
    """A 400."""
    return ApiError(400, f"Bad Request: {description}")


def error_body(code: int, description: str, parameters: dict[str, Any] | None = None) -> bytes:
    """The JSON of an error."""
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return json.dumps(body, ensure_ascii=False).encode()
