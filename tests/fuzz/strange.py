"""Strange things that people, programs and attackers send."""

from typing import Any

from hypothesis import strategies as st

HAZARDS = (
    "", " ", "\n\n", "啊" * 4096, "孩子" * 2048, "\x00", "孩\x00子", "\ud800", "孩子\udfff没人管",
    "\u202e反过来\u202c", "\u200b孩\u200d子\ufeff", "ﷺ" * 300, "👨‍👩‍👧‍👦" * 50, "é́́́́́́" * 40,
    "9" * 400, "-1岁", "1e308岁的孩子", "９９９９９９９９９９个孩子", "０岁", "一亿亿亿个孩子", "3.1415926535岁",
    "2026年2月30日", "昨天25点61分", "0000-00-00", "9999年99月99日开始没人", "公元前300年住院的", "明天以前的昨天",
    "'; DROP TABLE inbox; --", "\" OR 1=1 --", "1); DELETE FROM report_case", "%s %d %n {0} {name}",
    "<script>alert(1)</script>", "<b>孩子</b>", "</textarea><img src=x onerror=alert(1)>", "&lt;&#0;",
    "**粗** _斜_ [链](javascript:alert(1)) `码`", "{{ 7*7 }}", "{% raw %}", "${7*7}", "#{7*7}",
    "{case_no}", "{0.__class__}", "/start", "/start " + "A" * 64, "/status HT-261121-AAAAA", "/help@other_bot",
    "/cancel now", "/language xx", "/restart", "/inform{\"age\": 3}", "/report_emergency", "EXTERNAL: hi",
    "/action_listen", "/set_slot", "HT-261121-AAAAA", "电话" + "1" * 200, "+86" * 100, "\r\n.\r\n", "\x1b[2J\x07",
    "null", "None", "NaN", "[]", "{}", "true", "C:\\Windows", "../../etc/passwd", "http://127.0.0.1:8000/staff",
)  # fmt: skip
"""Each of these has broken some program."""

WORDS = (
    "楼下有两个孩子没人管", "我住院了孩子一个人在家", "我妈妈打我", "同意", "不清楚", "没有危险", "提交", "修改", "撤回",
    "三个孩子", "江门市蓬江区环市街道丹井里", "昨天开始", "发烧", "13800138000", "能领多少钱", "你是谁", "算了", "不对",
)  # fmt: skip

PAYLOADS = (
    "a:danger:0", "a:danger:99999999999999999999", "a:danger:-1", "a::", "a:confirm:0", "a:consent:0", "a:ages:²",
    "a:__class__:0", "answer:1:yes", "answer:999999999:found", "answer:x:", "pick:report_emergency", "pick:../..",
    "edit:location", "edit:", "walk:child_self", "walk:", "faq:privacy", "faq:", "more:x", "place:440703", "place:none",
    "place:٤٤٠٧٠٣", "here:", "lang:en", "lang:xx", "say:withdraw_report", "say:", "go:cancel", "go:edit", "go:", ":",
    "::::", "HT-261121-AAAAA", "{\"intent\": \"x\"}", "/submit", "\x00", "\ud83d",
)  # fmt: skip
"""Buttons of other conversations, of other people, and of nobody."""

texts = st.one_of(
    st.sampled_from(HAZARDS),
    st.sampled_from(WORDS),
    st.text(max_size=60),
    st.text(st.characters(min_codepoint=0x200B, max_codepoint=0x206F), max_size=30),
    st.text(st.characters(whitelist_categories=("Cs", "Cc", "Cf", "Co", "Mn")), max_size=20),
    st.builds(lambda a, b: a + b, st.sampled_from(WORDS), st.sampled_from(HAZARDS)),
    st.lists(st.sampled_from(WORDS), max_size=40).map("，".join),
)
presses = st.one_of(st.sampled_from(PAYLOADS), st.text(max_size=20))
commands = st.builds(
    lambda name, rest: f"/{name} {rest}",
    st.sampled_from(("start", "report", "status", "help", "language", "cancel", "x", "")),
    st.text(max_size=70),
)
kinds = st.sampled_from(("sticker", "photo", "voice", "", "unknown", "\ud800"))
messages = st.one_of(
    st.tuples(st.just("text"), texts),
    st.tuples(st.just("text"), texts),
    st.tuples(st.just("press"), presses),
    st.tuples(st.just("command"), commands),
    st.tuples(st.just("other"), kinds),
)
"""Kind and text of a message."""

_scalars: Any = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
_json: Any = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
_people = st.fixed_dictionaries(
    {"id": st.integers(1, 2**52), "is_bot": st.booleans(), "first_name": st.text(max_size=5)},
    optional={"language_code": st.one_of(st.text(max_size=5), _json)},
)
_chats = st.fixed_dictionaries(
    {"id": st.integers(-(2**52), 2**52), "type": st.sampled_from(("private", "group", "x"))}
)
_messages = st.fixed_dictionaries(
    {"message_id": st.integers(0, 2**31), "date": st.integers(0, 2**33), "chat": _chats},
    optional={
        "from": _people,
        "text": st.one_of(texts, _json),
        "caption": texts,
        "contact": _json,
        "location": _json,
        "photo": _json,
        "edit_date": st.integers(0, 2**33),
    },
)
_queries = st.fixed_dictionaries(
    {"id": st.text(max_size=20), "from": _people, "chat_instance": st.text(max_size=5)},
    optional={"data": st.one_of(presses, _json), "message": st.one_of(_messages, _json)},
)
updates = st.one_of(
    _json,
    st.fixed_dictionaries({"update_id": st.integers(), "message": _messages}),
    st.fixed_dictionaries({"update_id": st.integers(), "edited_message": _messages}),
    st.fixed_dictionaries({"update_id": st.integers(), "callback_query": _queries}),
    st.fixed_dictionaries({"update_id": st.integers(), "message": _json}),
)
"""Telegram updates, whole, broken and forged."""
