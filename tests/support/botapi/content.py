"""Minimal bodies of everything but text that a message can hold."""

from typing import Any

_FILE = {"file_id": "AgADfile", "file_unique_id": "AgADunique"}
_PICTURE = {**_FILE, "width": 320, "height": 240, "file_size": 1000}
_SHORT = {**_FILE, "duration": 3}
_PLACE = {"latitude": 39.9042, "longitude": 116.4074}

_BODIES: dict[str, Any] = {
    "animation": {**_PICTURE, "duration": 3},
    "audio": _SHORT,
    "contact": {"phone_number": "13800138000", "first_name": "邻居"},
    "dice": {"emoji": "🎲", "value": 4},
    "document": _FILE,
    "location": _PLACE,
    "photo": [_PICTURE],
    "pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}},
    "sticker": {**_PICTURE, "type": "regular", "is_animated": False, "is_video": False},
    "venue": {"location": _PLACE, "title": "东风小区", "address": "和平路3号"},
    "video": {**_PICTURE, "duration": 3},
    "video_note": {**_SHORT, "length": 240},
    "voice": _SHORT,
}


def content(kind: str) -> dict[str, Any]:
    """The fields of a message of a kind; venue and animation bring their older twin along."""
    body = {kind: _BODIES[kind]}
    if kind == "venue":
        body["location"] = _PLACE
    if kind == "animation":
        body["document"] = _FILE
    return body
