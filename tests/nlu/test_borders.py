"""Names begin and end where they do, whatever part of them was found."""

from __future__ import annotations

import time

import pytest

from nlu.extractors import borders
from nlu.extractors.found import Found


def _whole(entity: str, part: str, text: str) -> str | None:
    at = text.index(part)
    found = borders.bordered(Found(entity, part, at, at + len(part)), text)
    return None if found is None else text[found.start : found.end]


@pytest.mark.parametrize(
    ("part", "text", "wanted"),
    [
        ("中心医院", "我是武汉市中心医院的护士", "武汉市中心医院"),
        ("人民医院", "孩子在第一人民医院走廊里", "第一人民医院"),
        (",县医院儿", "收个娃,县医院儿科", "县医院"),
        ("红旗小学四", "我是红旗小学四(2)班的", "红旗小学"),
        ("新苗幼儿园园", "新苗幼儿园园长", "新苗幼儿园"),
        ("城关派出所所长", "我是城关派出所所长", "城关派出所"),
        ("向阳小学校长", "向阳小学校长报", "向阳小学"),
        ("育英中学(南校区)", "育英中学(南校区)的", "育英中学(南校区)"),
        ("县教育局办公", "县教育局办公室来电", "县教育局办公室"),
        ("市医院妇产科", "这里是市医院妇产科", "市医院"),
    ],
)
def test_an_organisation_is_whole(part: str, text: str, wanted: str) -> None:
    assert _whole("organisation", part, text) == wanted


@pytest.mark.parametrize(
    ("part", "text", "wanted"),
    [
        ("在宜阳县韩城镇街上", "在宜阳县韩城镇街上", "宜阳县韩城镇"),
        ("隆回县打零工", "我在隆回县打零工", "隆回县"),
        ("江门市蓬", "在江门市蓬江区", "江门市蓬江区"),
        ("马揣", "他立马揣兜里", None),
        ("安吉茶山", "安吉茶山采茶的夫妻", "安吉"),
        ("嘉定区江桥这面", "嘉定区江桥这面", "嘉定区江桥"),
        ("东街8号孤女", "东街8号孤女小莲", "东街8号"),
        ("彰化员林,果菜市场", "彰化员林,果菜市场后面", "彰化员林,果菜市场后面"),
        ("彰化员林", "彰化员林,孩子在果菜市场后面", "彰化员林"),
        ("东马庄村", "东马庄村,卫生室往北第三户,红色铁门", "东马庄村,卫生室往北第三户"),
        ("里 福星小区9栋", "我躲在柜子里 福星小区9栋", "福星小区9栋"),
        ("太平里9号 快", "太平里9号 快来", "太平里9号"),
        ("永兴坊 17 弄 前客堂", "永兴坊 17 弄 前客堂", "永兴坊 17 弄 前客堂"),
        ("北京 海淀", "我在北京 海淀", "北京 海淀"),
        ("桂苑 7 栋 3 单元", "桂苑 7 栋 3 单元", "桂苑 7 栋 3 单元"),
        ("tai po", "tai po", "tai po"),
        ("石桥镇", "石桥镇,钥匙在隔壁", "石桥镇"),
        ("石桥镇", "石桥镇,摔断左手", "石桥镇"),
        ("石桥镇", "石桥镇,受伤后面色发白", "石桥镇"),
        ("石桥镇", "石桥镇,卫生室后面。两岁", "石桥镇,卫生室后面"),
        ("外面", "外面,第三个", None),
        ("坐标翠湖花园", "急 坐标翠湖花园", "翠湖花园"),
        ("途经柳河大桥", "途经柳河大桥,见一幼童", "柳河大桥"),
        ("老家大窑沟", "在老家大窑沟自己住", "大窑沟"),
        ("老家属院2栋", "住老家属院2栋", "老家属院2栋"),
        ("为民路12号", "在为民路12号", "为民路12号"),
        ("为建设路9栋", "地址为建设路9栋", "建设路9栋"),
        ("为民路12号", "地址为民路12号", "为民路12号"),
        ("老家具厂3栋", "孩子在老家具厂3栋", "老家具厂3栋"),
        ("东湖公园玩", "在东湖公园玩,没大人看着", "东湖公园"),
        ("快 就业路12号", "快 就业路12号", "就业路12号"),
        ("本村五组", "本村五组有个娃", "本村五组"),
        ("咱柳树屯", "咱柳树屯能不能给找个人", "柳树屯"),
        ("合平里9号一楼快", "合平里9号一楼快", "合平里9号一楼"),
        ("锦绣里3栋摸排", "锦绣里3栋摸排到一户", "锦绣里3栋"),
        ("东湖公园玩", "在东湖公园玩滑梯", "东湖公园"),
        ("康康她 下河村旁边", "康康她 下河村旁边", "下河村旁边"),
    ],
)
def test_a_place_is_whole_and_no_more(part: str, text: str, wanted: str | None) -> None:
    assert _whole("location", part, text) == wanted


def test_a_day_of_the_week_is_whole() -> None:
    assert _whole("since", "上星期", "妈妈上星期五走的") == "上星期五"
    for week, text in (
        ("上星期", "妈妈上星期走的"),
        ("两周", "走了两周一直没信"),
        ("上周", "上周天天哭"),
    ):
        assert _whole("since", week, text) == week


def test_a_name_stands_alone() -> None:
    assert _whole("person_name", "田秀", "我叫田秀兰,电话晚点给") == "田秀兰"
    assert _whole("person_name", "戴", "我是内勤小戴") == "小戴"
    assert _whole("person_name", "轩 我", "轩 我七岁") is None


def test_where_the_parents_are_is_no_place_of_the_child() -> None:
    text = "我家在定边,娃他爸在银川"
    away = text.index("银川")
    assert borders.is_away(Found("location", "银川", away, away + 2), text)
    assert not borders.is_away(Found("location", "定边", 3, 5), text)


def test_an_address_without_end_takes_no_time() -> None:
    began = time.perf_counter()
    assert borders.stated_places("石盘镇" + "张村李村" * 200 + "的孩子") == []
    assert time.perf_counter() - began < 1


def test_children_counted_right_before_the_word() -> None:
    assert [fact.value for fact in borders.counted("派出所,仨孩,爹服刑")] == ["仨"]
    assert [fact.value for fact in borders.counted("第三个孩子")] == []


def test_regions_in_latin_letters() -> None:
    assert [fact.value for fact in borders.latin_places("we live in Guangdong")] == ["Guangdong"]
    assert borders.latin_places("my mum works in Guangdong") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("隆德,孩子没人管", "隆德"),
        ("桓仁这边有个娃", "桓仁"),
        ("我在宣汉这边", "宣汉"),
        ("他爸在银川,孩子没人管", None),
        ("户口在大悟,没人管", None),
        ("我在温州打工", None),
        ("我在楼道里", None),
        ("现居中山市坦洲镇月湾花园9座,望指点", "中山市坦洲镇月湾花园9座"),
        ("快来,石盘镇凉水井村 快点", "石盘镇凉水井村"),
        ("他爸爸在中山市坦洲镇,孩子没人管", None),
        ("我在中山市坦洲镇打工", None),
        ("老乡,他们城乡结合部的路", None),
        ("我爸返乡隔离在村里,我和弟弟没人管", None),
        ("以前在镇里读书现在回村,爷爷带", None),
        ("我全乡都问了没有这个村,孩子是谁家的", None),
        ("孩子在乡下奶奶家住村里", None),
        ("我在广州打工租房住在三楼,孩子在家", None),
        ("我在深圳出差住酒店五楼", None),
        ("我们小区3号楼有两个孩子没人管", "3号楼"),
        ("B栋1402里有个娃在哭", "B栋1402"),
        ("3号楼没有孩子", None),
        ("12栋的电梯坏了,有孩子困在里面", None),
    ],
)
def test_a_division_that_stands_as_a_statement_is_the_place(text: str, place: str | None) -> None:
    assert [fact.value for fact in borders.stated_places(text)] == ([place] if place else [])


def test_of_an_elder_alone_the_place_is_not_where_the_writer_is() -> None:
    text = "我妈在容城,我在兰州"
    assert borders.is_away(Found("location", "兰州", 8, 10), text, elder=True)
    assert not borders.is_away(Found("location", "容城", 3, 5), text, elder=True)


def test_a_ward_is_no_part_of_the_organisation_that_speaks() -> None:
    place = Found("location", "市第二医院急诊科", 2, 10)
    assert borders.as_unit(place, "我是市第二医院急诊科的").value == "市第二医院"


def test_a_place_that_a_professional_speaks_for_is_an_organisation() -> None:
    text = "乌海市救助管理站,送回来的男孩"
    unit = borders.as_unit(Found("location", "乌海市", 0, 3), text)
    assert (unit.entity, unit.value) == ("organisation", "乌海市救助管理站")
    street = borders.as_unit(Found("location", "澄江街道", 0, 4), "澄江街道网格长")
    assert street.entity == "location"


@pytest.mark.parametrize(
    ("text", "heard", "whole"),
    [
        ("我叫王女士", "王", "王女士"),
        ("叫我李老师就行", "李老", "李老师"),
        ("张婶在家", "张婶", "张婶"),
        ("我姓王", "王", "王"),
        ("李明明生病了", "李明明", "李明明"),
        ("弟弟叫小明姐姐叫小红", "小明", "小明"),
    ],
)
def test_somebody_is_called_as_they_ask_to_be(text: str, heard: str, whole: str) -> None:
    start = text.index(heard)
    found = borders.bordered(Found("person_name", heard, start, start + len(heard)), text)
    assert found is not None and found.value == whole


@pytest.mark.parametrize("heard_from", ["区", "3"])
@pytest.mark.parametrize("text", ["我们小区3号楼有两个孩子", "社区3号楼有两个孩子"])
def test_a_house_of_an_estate_is_said_with_the_word_for_the_estate(
    text: str, heard_from: str
) -> None:
    start, end = text.index(heard_from), text.index("有")
    found = borders.bordered(Found("location", text[start:end], start, end), text)
    assert found is not None and found.value == text[text.index("区") - 1 : end]
