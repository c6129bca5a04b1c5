"""Names of people and organisations in bare answers."""

from __future__ import annotations

import re

from nlu.normaliser import written_form

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪"
    "陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戚莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章"
    "鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟"
    "艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛"
)
_COMPOUND = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "令狐",
    "端木",
    "司徒",
    "慕容",
)
FORMAL_TITLE = r"(?:先生|女士|小姐|老师|医生|大夫|护士长|护士|师傅|主任|书记|校长|园长|警官|太太)"
"""What nothing else but a name is followed by: "姐" may begin the next word, "生" be the first of 生病."""
_TITLE = (
    rf"(?:{FORMAL_TITLE}|阿姨|叔叔|大姐|大哥|大爷"
    r"|大妈|嫂子|奶奶|爷爷|婶|嫂|姐|哥|叔|姨|伯|总|工|生|太)"
)
_SURNAME = f"(?:{'|'.join(_COMPOUND)}|[{_SURNAMES}])"
_ADDRESSED = re.compile(
    rf"((?:老|小|阿){_SURNAME}(?!\w{{3,}})|{_SURNAME}[\u4e00-\u9fff]?{_TITLE}|{_SURNAME}某某?)"
)
_INTRODUCED = re.compile(
    rf"(?:我叫|名叫|名字叫|名字是|姓名[:：是]?|叫做|称呼我|我是|本人|喊我|叫我|我姓|免贵姓|姓|叫|名字)\s*"
    rf"({_SURNAME}[\u4e00-\u9fff·]{{0,3}}?{_TITLE}?)(?=[,，。.、 !！;；\d]|$|就|的|吧|就行|电话|手机|了|啊|呢|住|今年)"
)
_WHOLE = re.compile(
    rf"{_SURNAME}[\u4e00-\u9fff]{{1,2}}|[\u4e00-\u9fff]{{2,6}}·[\u4e00-\u9fff·]{{2,8}}|[A-Za-z]+(?: [A-Za-z]+){{0,3}}"
)
_FILLER = re.compile(r"^(?:嗯|哦|好的?|那|我|就|是|写|记|你好|您好|,|，| )+")
_NOT_NAMES = re.compile(
    r"^(?:不|没|匿名|保密|无|随便|算了|谁|什么|为什么|可以|方便|能|要|yes|no|ok|hi|hello)"
)
_ORGANISATION = re.compile(
    r"([\u4e00-\u9fffA-Za-z0-9]{1,16}(?:人民医院|中医院|医院|卫生院|诊所|卫生室|小学|中学|高中|初中|大学|学校|一中|二中|三中|"
    r"幼儿园|幼稚园|托儿所|国小|国中|居委会|村委会|社区居委|社区|派出所|公安局|分局|街道办|街道办事处|民政局|救助站|福利院|妇联|"
    r"服务中心|物业|公司|厂|机构|协会|基金会|工作站|中心|法院|检察院|司法所|教育局|书院))"
)


def read_name(text: str) -> str | None:
    """A name from an answer to "怎么称呼您".

    Args:
        text: "我姓王" (王), "王秀英", "叫我老李就行" (老李), "我是陈医生" (陈医生).

    Returns:
        The name in simplified characters, or None when the answer holds none.
    """
    written = written_form(text)
    plain = re.sub(r"[\d+\-]{5,}", "", _FILLER.sub("", written)).strip(" ,，。.!！、~")
    addressed = _ADDRESSED.search(written)
    introduced = _INTRODUCED.search(written)
    if addressed and (not introduced or addressed.start() <= introduced.start(1)):
        return addressed.group(1)
    if introduced:
        return introduced.group(1)
    if not plain or _NOT_NAMES.match(plain.lower()):
        return None
    if whole := _WHOLE.fullmatch(plain):
        return whole.group()
    if re.fullmatch(_SURNAME, plain):
        return plain
    first = re.split(r"[,，。.、 ]", plain)[0]
    whole = _WHOLE.fullmatch(first)
    return whole.group() if whole else None


def read_organisation(text: str) -> str | None:
    """The organisation in an answer to "您是哪个单位的": "我是城关镇中心小学的" → 城关镇中心小学."""
    written = _FILLER.sub("", written_form(text))
    written = re.sub(
        r"^(?:我们?|这里|这边|这里是|单位|本人)?(?:是|在|来自|叫|单位是)*", "", written
    )
    matches = _ORGANISATION.findall(written)
    if matches:
        return str(matches[0] if len(matches) == 1 else _joined(written))
    bare = written.strip(" ,，。.!！的吧啊呢")
    return bare if 3 <= len(bare) <= 24 and not _NOT_NAMES.match(bare) else None


def _joined(written: str) -> str:
    """Adjacent parts of one name: 城关街道 + 阳光社区居委会."""
    found = list(_ORGANISATION.finditer(written))
    end = found[0].end()
    for match in found[1:]:
        if match.start() != end:
            break
        end = match.end()
    return written[found[0].start() : end]
