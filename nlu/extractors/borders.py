"""Where names and days really begin and end: tagger and network may cut a place, a name, an organisation or a day of the
week short or wide."""

from __future__ import annotations

import re

from nlu import lexicon
from nlu.extractors.found import Found
from nlu.extractors.people import FORMAL_TITLE
from nlu.extractors.places import find_divisions, find_latin_places, whole_place

_LEAD = re.compile(
    r"(?:我们?|俺们?|咱们?|伲|额|现?居住?于|现居|住在|家在|人在|坐标|途经|路过|老家(?![属具电乐园政])|本(?=[苑邨])|(?<=[址点置])为(?!民)"
    r"|[住在喺居于从到是,.!:;、 ])+(?=.{2})"
)
_TAIL = re.compile(
    r"(?:(?<=[镇村乡街县])街?上|居民|村民|[这那](?:边|里|儿|块儿?|头|面)?|的|网格?|(?<=[号楼室栋元])[快我]|[,.!、 ])+$"
)
_DOING = re.compile(
    r"(?:打零工|打工|上班|务工|做工|做[事家活生]|坐牢|干活|租房住?|修路|盖楼|读书|生活|居住|工作|创业|[开收卖摆养种])"
)
_NO_PART = re.compile(
    r"[的我他她它们有某\d]|居民|村民|人$|发大?水|涨水|冰面|下?高速|[碰遇撞][上到]|看[到见]|发现|路过|送货|巡逻"
    r"|[打扫赶跑卖]|开[店小]|租[房屋]|乡下|老家|老屋|山[上沟里头]|厂|茶[山厂园]|这[面边]|[那嗰][面边]|孤[女儿老]|同栋"
    r"|边上|一[家户]|孩|娃|爸|妈|爷|奶|跟|同"
)
"""What right after the name of a division is no more part of the place: "隆回[打零工]", "安吉[茶山]"."""
_ENDING = re.compile(
    r"居民|村民|发大?水|涨水|打零工|扫大?街|工作$|上班|摸排|走访|玩(?=[滑耍,.!? 没]|$)"
    r"|下?高速(?!路|公路|[东西南北]|口|服务)|某屯一|碰[上到]"
    r"|(?<=[号楼栋室户])(?=孤[女儿老]|男|女|[一两二]名)"
)
_WORD_ENDS = re.compile(
    r"(?<=码)头|(?<=[球广])场|(?<=篮)球场|(?<=医)院|(?<=学)校|(?<=车)站|(?<=[小社])区|(?<=[公花])园|(?<=街)道|(?<=市)场"
    r"|(?<=大)[桥厦道]|(?<=圩)上|(?<=门)口|(?<=旁)边|(?<=附)近|(?<=[\u4e00-\u9fff]{2}山)医院"
)
"""What a place that was cut off in the middle of a word still lacks."""
_WEEK = re.compile(r"(?:打?从|自)?(?:上上|上|这|本)?个?(?:周|星期|礼拜)")
_WEEKDAY = re.compile(r"[一二三四五六日天末](?![个直起点家共般些样处天十夜子口地下会定])")
_SCRAP_BEFORE = re.compile(r"(?:[里上下内来去急快了]|[^ ]{0,3}[她他我你它]们?) (?:就在)?(?=.{2})")
_SCRAP_AFTER = re.compile(r" (?:快[来点]?|急|救命?|求救?)$")
_ESTATES = ("小区", "社区")
_HOUSE = re.compile(r"\d+[号栋幢座]")
_FURTHER = re.compile(
    r"[,、](?![^,.!?;。 ]*(?:[我你他她孩娃爸妈爷奶姐弟妹有没在住是公婆师警匙放送蹲坐睡伤断来说跑追喝亮过这还]|人(?!民)))"
    r"[^,.!?;。 ]{0,8}(?:后(?:面(?!色)|头|边)|旁边|对面|门口|[东南西北]头|边上|第[一二三四五六七八九十\d]+[户家栋间排]|那[栋户间排])"
    r"[^,.!?;。 ]{0,3}(?=[,.!?;。 ]|$)"
)
"""Words of where that go on after a comma: ",村卫生室往北第三户"."""
_PLACE_WORD = re.compile(
    r"[省市区县旗州盟镇乡村屯寨路街巷弄号栋幢楼室组庄邨苑城湾沟坪坝坡岭桥站口厂里院家馆店园场山岛港塘河江湖\d]"
)
_UNIT = (
    r"(?:医院|卫生院|卫生站|卫生服务中心|保健院|急救中心|小学|中学|学校|高中|初中|[一二三]中|幼儿园|幼稚园|国小|国中|居委会?|村委会?|社区|派出所|公安局|分局|警署"
    r"|街道办|街道|民政局|民政所|救助站|福利院|妇联|法院|检察院|司法所|残联|工会|社工站|服务站|中心|办事处|管理站)"
)
_UNIT_FOUND = re.compile(
    _UNIT + r"|[所局院校园处署会站科室部队办府营]$|hospital|school|station|centre|center", re.I
)
_DEPARTMENT = re.compile(
    r"(?:社工|急诊|新生儿|住院|妇产|感染|心内|护理|儿|产|骨|内|外|眼)?[科室部]"
)
_BEYOND_UNIT = re.compile(
    rf"(?<=医院|健院|生院)(?:{_DEPARTMENT.pattern})|(?<=小学|中学|学校|儿园)(?:[一二三四五六七八九](?=[\d(年])|\(?\d)"
    r"|(?<=([所站局院校园处]))\1长?|(?<=学)校长"
)
"""What right after an institution's name is a ward, a class or its head."""
_BEFORE_UNIT = re.compile(
    r"(?:[\u4e00-\u9fff]{1,3}[省市区县镇乡州旗村]|第[一二三四五六七八九十\d]+|人民|中心|妇幼|中医|儿童|实验|附属)+$"
)
_INTRODUCED = r"(?:我(?:们|这里|这边)?(?:是|在|来自)|这里是|这边是|单位是|^)"
_WHOLE_UNIT = r"(?:人民医院|中心医院|医院|卫生院|派出所|小学|中学|幼儿园|妇联|居委会|村委会|救助站|福利院|民政局)"
_NAMED_UNIT = re.compile(
    rf"{_INTRODUCED}(?P<name>[\u4e00-\u9fff]{{2,4}}?[省市区县镇乡州旗]?[\u4e00-\u9fff]{{0,8}}?{_WHOLE_UNIT})"
    r"(?=的|[,.!: ]|$|护士|医生|老师|值班|民警)"
)
_NAMES = r"[\u4e00-\u9fff]{1,4}?"
_CALLED = re.compile(
    rf"(?:我叫|名叫|名字叫|名字是|姓名[:是]?|免贵姓|我姓|本人姓)\s?(?P<name>{_NAMES})(?=[,.!、: \d]|$|的|今年|电话|手机|住|在|是|叫我)"
    r"|叫我(?P<called>[老小阿][\u4e00-\u9fff])(?=[,.! ]|$|就|吧)"
)
_TITLE = re.compile(FORMAL_TITLE)
_NO_NAME = re.compile(r"[我你他她的是不在了\d ]")


def bordered(span: Found, text: str) -> Found | None:
    """A place, person, organisation or day with its true borders; None where it can be none."""
    if span.entity == "location":
        start, end = _place(text, span.start, span.end)
    elif span.entity == "organisation":
        start, end = _organisation(text, span.start, span.end)
    elif span.entity == "person_name":
        start, end = _person(text, span.start, span.end)
    elif span.entity == "since" and (day := _whole_weekday(text, span.start, span.end)):
        start, end = span.start, day
    else:
        return span
    return Found(span.entity, text[start:end], start, end) if start < end else None


def _whole_weekday(text: str, start: int, end: int) -> int:
    """Where a day of the week ends of which the week alone was heard: "上星期[四]"; 0 where it was a week."""
    week, day = _WEEK.fullmatch(text, start, end), _WEEKDAY.match(text, end)
    return day.end() if week and day else 0


def _place(text: str, start: int, end: int) -> tuple[int, int]:
    divisions = [d for d in find_divisions(text) if d[0] < end and d[1] > start]
    if divisions:
        start, end = min(start, divisions[0][0]), max(end, divisions[-1][1])
    if not divisions or divisions[0][0] > start:
        lead = _LEAD.match(text, start, end)
        start = lead.end() if lead else start
    if divisions:
        last = divisions[-1][1]
        if last < end and (_DOING.match(text, last) or _no_part(text, last, end)):
            end = last
    if ending := _ENDING.search(text, start + 2, end + 3):
        end = min(end, ending.start())
    if not text[start:end].isascii() and (
        comma := re.compile(r"[,、]|(?<!^)不是").search(text, start + 2, end)
    ):
        end = comma.start()
    if rest := _WORD_ENDS.match(text, end):
        end = rest.end()
    start, end = whole_place(text, _from_the_estate(text, start), end)
    tail = _TAIL.search(text, start, end)
    if tail and tail.start() > start + 1:
        end = tail.start()
    return _told(text, *_without_scraps(text, start, end), named=bool(divisions))


def _told(text: str, start: int, end: int, named: bool) -> tuple[int, int]:
    """The place with what goes on after a comma; nothing where the words tell no place."""
    words = text[start:end]
    if len(words) < 2 or (len(words) < 4 and not named and not _PLACE_WORD.search(words)):
        return start, start
    while further := _FURTHER.match(text, end):
        end = further.end()
    return start, end


def _without_scraps(text: str, start: int, end: int) -> tuple[int, int]:
    """A place without what a blank parts from it and is none: "里 福星小区9栋", "太平里9号 快"."""
    if before := _SCRAP_BEFORE.match(text, start, end):
        start = before.end()
    if after := _SCRAP_AFTER.search(text, start, end):
        end = after.start()
    return start, end


def _from_the_estate(text: str, start: int) -> int:
    """Where a place begins that was heard to begin in the middle of 小区, or at the house behind it."""
    if start and text[start - 1 : start + 1] in _ESTATES:
        return start - 1
    if text[max(0, start - 2) : start] in _ESTATES and _HOUSE.match(text, start):
        return start - 2
    return start


def _no_part(text: str, last: int, end: int) -> bool:
    """Whether what stands between a division and ``end`` names no place: nothing there ends like one."""
    other = _NO_PART.match(text, last)
    if other is None:
        return end - last == 1 and not _PLACE_WORD.match(text, last)
    rest = text[last : max(end, other.end())]
    return not _PLACE_WORD.search(re.sub(r"茶?厂里?|山[上沟里头]+|茶[山园]|乡下", "", rest))


def _organisation(text: str, start: int, end: int) -> tuple[int, int]:
    for unit in named_units(text):
        if unit.start < end and unit.end > start:
            return unit.start, unit.end
    while start < end and text[start] in ",.!:;、 ":
        start += 1
    while start < end and text[end - 1] in "的 ,.!":
        end -= 1
    if before := _BEFORE_UNIT.search(text[:start]):
        start = before.start()
    for a, b in find_divisions(text):
        if a < start <= b:
            start = a
    lead = re.compile(r"(?:我们?|这里|这边|[是在])+").match(text, start, end)
    start = lead.end() if lead else start
    if ((after := _DEPARTMENT.match(text, end)) and text[end - 1] not in "的") or (
        after := re.compile(r"[所站局院校园]").match(text, end)
    ):
        end = after.end()
    if beyond := _BEYOND_UNIT.search(text, start, end + 2):
        end = min(end, beyond.start())
    fits = end - start > 2 and _UNIT_FOUND.search(text[start:end])
    return (start, end) if fits else (start, start)


def _person(text: str, start: int, end: int) -> tuple[int, int]:
    if match := _called(text, start, end):
        return match.start, match.end
    title = _TITLE.search(text, start + 1, end + 3)
    if title and title.start() <= end < title.end():  # 王女士 is how somebody wants to be called
        end = title.end()
    if start and text[start - 1] in "老小阿" and end - start == 1:
        return start - 1, end
    if end - start == 1 and not (start and text[start - 1] == "姓"):
        return start, start
    return (start, start) if _NO_NAME.search(text[start:end]) else (start, end)


def _called(text: str, start: int, end: int) -> Found | None:
    return next((f for f in introduced(text) if f.start < end and f.end > start), None)


def introduced(text: str) -> list[Found]:
    """Names that their bearers introduce themselves by: "我叫…", "免贵姓…", "叫我老周"."""
    found = []
    for match in _CALLED.finditer(text):
        group = "name" if match["name"] else "called"
        if not _NO_NAME.search(match[group]):
            found.append(Found("person_name", match[group], *match.span(group)))
    return found


def named_units(text: str) -> list[Found]:
    """Organisations that a writer says to be of: "我是武汉市中心医院的"."""
    return [
        Found("organisation", match["name"], *match.span("name"))
        for match in _NAMED_UNIT.finditer(text)
        if any(match.start("name") == a for a, _ in find_divisions(text))
    ]


_PARENT = r"(?:爸妈?|妈|爹|娘|父|母|老公|老婆|对象|男人|丈夫|妻子?|爱人|先生|太太|媳妇|婆娘|两口子|女婿|老汉儿?|爸爸|妈妈)"
_AWAY = re.compile(
    _PARENT + r"[都也又还就现如今人]{0,3}(?:[在去到喺往下上回]|返咗?|去了|去咗|跑去|人在)$"
)
_WORKS = re.compile(r"(?:那边|这边)?(?:的?厂里?|工地)?(?:打工|务工|打供|打功)")


_WRITER_IS = re.compile(r"[我额俺](?:人|自己|们)?[都也又还就现如今]{0,3}(?:[在到]|远嫁|嫁到)$")


def is_away(span: Found, text: str, elder: bool = False) -> bool:
    """Whether a place is where the parents are, not the child: "他爸在银川", "我在温州打工".

    Of an ``elder`` alone it is where the writer is.
    """
    if elder:
        return bool(_WRITER_IS.search(text[: span.start]) or _WORKS.match(text, span.end))
    return bool(_AWAY.search(text[: span.start]) or _WORKS.match(text, span.end))


_CHILDREN = re.compile(
    r"(?<![第\d零一二三四五六七八九十])(?P<count>[\d一二两三四五六七八九十]{1,2}(?:个|名|位|只)?|[俩仨])(?=(?:小|男|女|留守|孤|细)?(?:孩|娃|崽|伢|囡|细路|小朋友|孤儿|幼童|孙孙))"
)


def counted(text: str) -> list[Found]:
    """Numbers that stand right before a word for children: "仨孩儿", "一名孤儿"."""
    return [
        Found("child_count", match["count"], *match.span("count"))
        for match in _CHILDREN.finditer(text)
    ]


_THERE = re.compile(r"\b(?:in|at|near|from|to)\s$")
_WORKING = re.compile(r"\b(?:work|job|moved|gone|went)\w*\b[^,.]*$")


def latin_places(text: str) -> list[Found]:
    """Provinces and cities in an English message: where somebody is, not where they work."""
    return [
        Found("location", text[start:end], start, end)
        for start, end in find_latin_places(text)
        if text.isascii()
        and (start == 0 or _THERE.search(text[:start]))
        and not _WORKING.search(text[:start])
    ]


_STATED = re.compile(
    r"(?:^|[,.!?:; ]|这里是|屋在|[我妈爸人]搁|[我俺额]家?是|[我俺]在|家在|家住|人在|住在?|现居|就在|[孩娃]子?[都还]?在)$"
)
_FROM = re.compile(
    r"(?:户[口籍]在?|老家在?|原籍|从|由|嫁到|回|去|到|往|上|下|返|飞|来自|远嫁)$"
    r"|(?:爸|妈|爹|娘|父|母|老公|老婆|男人|媳妇|儿子|儿媳|女儿|闺女|子女|丈夫|对象|两口子?|夫妻|人)[^,.!?;]{0,6}$"
)
_AT_WORK = re.compile(
    r"(?:那边|这边|市|县|城)?(?:的?(?:[^,.]{0,3}厂|工地|矿)|[^,.]{0,3}(?:打工|上班|务工|做工|坐牢|工作|读书|上学|出差|隔离|方舱|封)|不是)"
)
_PLACE_ENDS = re.compile(
    r"[,.!?:; ]|这[边里儿块面]|那[边里儿块面]|的|乡下|山[上里沟]|县?城|有[个户一两]|人[,的]|呢|$"
)


_PART = "市县镇乡村街路区里组社屯庄号栋幢楼座室巷园道弄"
_NO_NAME_OF_PLACE = "我你他她们爸妈爷奶孩娃没不了住在是打"
_ADDRESS = re.compile(
    rf"(?:(?:(?![{_PART}{_NO_NAME_OF_PLACE}])[\u4e00-\u9fff\d]){{0,7}}[{_PART}])+(?=[,.!?;。 ]|$)"
)
"""The rest of an address, part after part, to where the clause ends."""
_TOWN = re.compile(
    rf"(?:^|(?<=[,.!?:; ]))(?:(?![{_NO_NAME_OF_PLACE}去到从回往来])[\u4e00-\u9fff]){{2,3}}"
    r"(?<![外下城返离全本该老家同])[镇乡](?=[\u4e00-\u9fff])"
)

_HOUSE = re.compile(
    r"(?:[A-Za-z]|\d{1,3}|[一二三四五六七八九十]{1,3})(?:号楼|栋|幢|号院)(?:[\d一二三四五六七八九]单元)?(?:\d{3,4}[室号]?)?"
    r"(?=里?有[^,.!?;]{0,6}?[孩娃])"
)
"""A house by its number, in which there is a child: "3号楼有两个孩子"."""


def stated_places(text: str) -> list[Found]:
    """The first name of a division that stands as a statement of where: "隆德,孩子没人管", "我在宣汉这边"; an address goes on
    to its end: "现居中山市坦洲镇月湾花园9座". Where there is none, a house by its number.
    """
    everyday = lexicon.load("no_place")["words"].split()
    for start, end in find_divisions(text):
        before = text[:start]
        native = before[-1:] in ("我", "俺", "额") and text[end : end + 1] == "人"
        if text[start:end] in everyday or not (native or _STATED.search(before)):
            continue
        if _FROM.search(before) or _AT_WORK.match(text, end):
            continue
        if whole := _ADDRESS.match(text, end):
            return [Found("location", text[start : whole.end()], start, whole.end())]
        if _PLACE_ENDS.match(text, end):
            return [Found("location", text[start:end], start, end)]
    if (town := _TOWN.search(text)) and (whole := _ADDRESS.match(text, town.end())):
        return [Found("location", text[town.start() : whole.end()], town.start(), whole.end())]
    house = _HOUSE.search(text)
    return [Found("location", house.group(), *house.span())] if house else []


_SELF_NAMED = re.compile(
    r"(?:^|[,.!?:; ]|我是|[我俺咱]们是?|我院是|这里是?|这[边块]儿?是|俺是|系)$"
)
_SELF_UNIT = re.compile(
    rf"(?P<unit>[\u4e00-\u9fff]{{0,8}}?(?:{_UNIT}|公安|政府|救援站|消防站|卫生室|服务中心|管理站))(?:{_DEPARTMENT.pattern})?"
)


def as_unit(span: Found, text: str) -> Found:
    """A place that a professional names first is the organisation that speaks: "乌海市救助管理站,…"."""
    if span.entity != "location" or not _SELF_NAMED.search(text[: span.start]):
        return span
    unit = _SELF_UNIT.match(text, span.start)
    vague = unit is None or re.search(r"街道$|[这那]边|乡里", unit.group())
    if unit is None or vague or unit.end() < span.end - 2:
        return span
    return Found("organisation", unit["unit"], *unit.span("unit"))
