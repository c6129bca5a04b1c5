"""A report that comes from a community's link knows its community, over every channel."""

import pytest
from playwright.async_api import expect

from bot.bootstrap import House
from bot.cases.export import as_contract
from bot.cases.store import of_person
from bot.channels.terminal import CHANNEL, Terminal
from bot.conversation.messages import ContentKind
from bot.links import Community, Links
from bot.settings import secret_key
from tests.support.botapi import BotApi, Person
from tests.support.browser import PHONE, OpenPage
from tests.support.program import Program

pytest_plugins = ["tests.support.browser"]
WITHIN = 20.0
PATIENCE = 20_000
HAPPY = Community("幸福社区", "440705")
OPENING = "楼下有个六岁的男孩一个人在家，他妈妈前天住院了"


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return Links(secret_key(house.settings)).token(HAPPY)


def case_of(house: House, channel: str, sender: str) -> dict:
    with house.database.reading() as session:
        conversation = house.inbox.find(session, channel, sender)
        assert conversation is not None
        case = of_person(session, conversation.id)[0]
        return {**as_contract(case), "region": case.region}


class Talk:
    """A person at the terminal, who answers by buttons' titles."""

    def __init__(self, house: House, name: str) -> None:
        self._terminal = Terminal(house, name)
        self.heard = ""
        self.titles: list[str] = []
        self.case_no: str | None = None

    def says(self, text: str, kind: ContentKind = "text") -> str:
        """Say one thing; what is answered."""
        replies, result = self._terminal.say(text, kind)
        self.heard = "\n".join(reply.text for reply in replies)
        self.titles = [button.title for reply in replies for button in reply.buttons]
        self.asking, self.case_no = result.asking, result.case_no
        return self.heard

    def walks(self, **answers: str) -> None:
        """Answer every question, with what is given or with 不清楚, until the report is filed."""
        known = {"consent": "同意", "danger": "没有危险", "confirm": "提交", **answers}
        for _ in range(12):
            self.says(known.get(self.asking or "", "不清楚"))
            if self.case_no:
                return
        raise AssertionError(f"nothing was filed: {self.heard}")


def test_a_report_without_a_place_is_the_communitys(house: House, token: str) -> None:
    talk = Talk(house, "no place")
    assert "幸福社区" in talk.says(f"/start {token}", "command")
    talk.says(OPENING)
    talk.walks()
    case = case_of(house, CHANNEL, "no place")
    assert case["poster"] == {"name": "幸福社区", "adcode": "440705"}
    assert (case["region"], case["location"]["text"]) == ("440705", None)
    assert case["history"][0]["detail"] == {"poster": "幸福社区"}
    assert case["transcript"][0]["text"] == OPENING
    assert token not in str(case)


def test_the_community_is_offered_as_the_place(house: House, token: str) -> None:
    talk = Talk(house, "right here")
    talk.says(f"/start {token}", "command")
    talk.says(OPENING)
    talk.walks(location="就在幸福社区")
    case = case_of(house, CHANNEL, "right here")
    place = case["location"]
    assert (place["county"], place["adcode"]) == ("新会区", "440705")
    assert place["detail"] == "幸福社区"


def test_another_place_that_is_told_counts(house: House, token: str) -> None:
    talk = Talk(house, "elsewhere")
    talk.says(f"/start {token}", "command")
    talk.says("郑州市金水区文化路社区5号楼" + OPENING[2:])
    talk.walks()
    case = case_of(house, CHANNEL, "elsewhere")
    assert (case["region"], case["location"]["county"]) == ("410105", "金水区")
    assert case["poster"]["name"] == "幸福社区"


def test_a_link_in_the_middle_of_a_report_does_not_end_it(house: House, token: str) -> None:
    talk = Talk(house, "late link")
    talk.says(OPENING)
    talk.says(f"/start {token}", "command")
    assert talk.asking == "consent"
    talk.walks()
    assert case_of(house, CHANNEL, "late link")["region"] == "440705"


def test_without_a_link_there_is_no_such_button(house: House) -> None:
    talk = Talk(house, "no link")
    talk.says(OPENING)
    while talk.asking != "location":
        talk.says({"consent": "同意", "danger": "没有危险"}.get(talk.asking or "", "不清楚"))
    assert not [title for title in talk.titles if title.startswith("就在")]
    talk.says("here:", "press")
    assert talk.asking == "location"
    talk.walks()
    case = case_of(house, CHANNEL, "no link")
    assert case["poster"] == {"name": None, "adcode": None}
    assert case["region"] is None


def test_a_forged_token_is_a_friendly_start_and_leaves_no_trace(house: House, token: str) -> None:
    plain, forged, foreign = (Talk(house, name) for name in ("plain", "forged", "foreign"))
    strange = Links(b"the key of another house, long.").token(HAPPY)
    expected = plain.says("/start", "command")
    assert forged.says("/start " + token[:-1] + "?", "command") == expected
    assert foreign.says(f"/start {strange}", "command") == expected
    with house.database.reading() as session:
        for name in ("forged", "foreign"):
            conversation = house.inbox.find(session, CHANNEL, name)
            assert conversation is not None
            assert conversation.state.get("community") is None


async def over_telegram(person: Person) -> None:
    """Report with 不清楚 for everything that is asked."""
    person.says(OPENING)
    _, consent = await person.replies(2, WITHIN)
    person.presses(consent.button("同意"))
    (question,) = await person.replies(1, WITHIN)
    person.presses(question.button("没有危险"))
    for _ in range(8):
        (question,) = await person.replies(1, WITHIN)
        titles = [button.title for button in question.buttons]
        if "提交" in titles:
            break
        here = "就在幸福社区" if "就在幸福社区" in titles else "不清楚"
        person.presses(question.button(here))
    person.presses(question.button("提交"))
    await person.replies(1, WITHIN)


@pytest.mark.service
async def test_a_telegram_link_brings_its_community(house: House, token: str) -> None:
    with BotApi() as api, Program(house, telegram_token=api.token, telegram_api_url=api.url):
        person = api.person()
        person.says(f"/start {token}")
        (greeting,) = await person.replies(1, WITHIN)
        assert "幸福社区" in greeting.text
        await over_telegram(person)
        stranger = api.person()
        stranger.says("/start " + token[:-4] + "AAAA")
        (greeting,) = await stranger.replies(1, WITHIN)
        assert "护童" in greeting.text and "幸福社区" not in greeting.text
    case = case_of(house, "telegram", str(person.id))
    assert case["poster"]["name"] == "幸福社区"
    assert case["location"]["detail"] == "幸福社区"
    assert case["region"] == "440705"


@pytest.mark.service
@pytest.mark.asyncio(loop_scope="session")
async def test_a_web_link_brings_its_community_once(
    house: House, token: str, open_page: OpenPage
) -> None:
    with Program(house) as program:
        page = await open_page(f"{program.url}?c={token}", **PHONE)
        log = page.get_by_role("log")
        welcome = log.get_by_text("您是扫幸福社区的码来的")
        await expect(welcome).to_be_visible(timeout=PATIENCE)
        assert await page.locator("#greeting").is_hidden()
        await page.reload()
        await expect(welcome).to_be_visible(timeout=PATIENCE)
        await page.get_by_label("写给护童的话").fill(OPENING)
        await page.keyboard.press("Enter")
        choices = page.get_by_role("group", name="可以选的回答")
        await choices.get_by_role("button", name="同意", exact=True).click(timeout=PATIENCE)
        await choices.get_by_role("button", name="没有危险").click(timeout=PATIENCE)
        here = choices.get_by_role("button", name="就在幸福社区")
        await expect(here).to_be_visible(timeout=PATIENCE)
        assert await welcome.count() == 1
        stranger = await open_page(f"{program.url}?c={token[:-4]}AAAA", **PHONE)
        other = stranger.get_by_role("log")
        await expect(other.get_by_text("我是护童")).to_be_visible(timeout=PATIENCE)
        assert await stranger.get_by_text("幸福社区").count() == 0
