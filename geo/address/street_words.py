"""The words of the street part of an address. Keys as `geo.gazetteer.keys.words_of` has them: no accents, i for y."""

from __future__ import annotations

import re

from geo.address.mentions import Relation
from geo.address.vocabulary import spelling
from geo.address.words import BRANDS, LANDMARKS
from geo.text import fold, nfc

Phrases = tuple[tuple[str, ...], ...]


def _phrases(text: str) -> Phrases:
    """`doi dien|gan` as phrases of words, the longest first."""
    return tuple(sorted((tuple(phrase.split()) for phrase in text.split("|")), key=lambda words: -len(words)))


_HOW_MANY = {"3": "ba", "4": "tu", "5": "nam", "6": "sau", "7": "bay"}
_NGA = re.compile(r"^nga ?([3-7])(?: (?=ba|tu|nam|sau|bay)\w+)?(?= |$)")


def junction_name(words: str) -> str:
    """ngã 4 is ngã tư, and so is nga4 tu (VNI)."""
    return _NGA.sub(_nga, words)


def _nga(found: re.Match[str]) -> str:
    said = found.group().split()
    spoken = said[-1] if len(said) > 1 and not said[-1].isdigit() else _HOW_MANY[found.group(1)]
    return f"nga {spoken}"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LONGEST = 8  # words of a street's name
MARKERS = frozenset({"duong", "pho", "dg"})
STREET_WORDS = frozenset({"duong", "pho", "dg", "ql", "tl", "hl", "quoc", "tinh", "huong", "xa", "dai", "ben"})
ALLEYS = frozenset({"hem", "hxh", "hxt", "kiet", "ngo", "ngach", "allei", "lane"})
# What may stand between "hẻm" and its number.
OF_ALLEYS = _phrases("so|xe hoi|xe tai|be tong|nho|xe hoi so")
NOISE = BRANDS | frozenset(
    {"so", "nha", "sn", "no", "number", "num", "dia", "chi", "dc", "shop", "shophouse", "ch", "bta", "ngai", "trong"}
)
_RELATIONS: dict[Relation, str] = {
    "opposite": "doi dien|dd|opposite|ben kia duong|doi dien voi|phia doi dien",
    "near": "sat ben|ke ben|canh ben|ben canh|phia truoc|phia sau|sau lung|ben hong|truoc mat|truoc cong|sat|gan|ke"
    "|canh|truoc|sau|near|next to|behind|in front of|lien ke|duoi chan|duoi da|duoi|quanh|xung quanh",
    "start": "dau",
    "end": "cuoi",
}
RELATIONS: tuple[tuple[tuple[str, ...], Relation], ...] = tuple(
    sorted(
        ((words, relation) for relation, text in _RELATIONS.items() for words in _phrases(text)),
        key=lambda pair: -len(pair[0]),
    )
)
RELATION_BEGINS = frozenset(words[0] for words, _ in RELATIONS)
# "đầu", "cuối" say an end of a street only before one of these.
HAVE_ENDS = MARKERS | ALLEYS | {"cau", "cho", "ngo", "ql", "tl", "hl"}
# A post that bears the number of the house beside it.
POLES = _phrases(
    "cot dien|tru dien|cot den|tru den|tru dien luc|cot vien thong|tru vien thong|tu dien"
    "|tru cuu hoa|ho ga|nap cong|mieng cong|cot thu loi chieu sang|tru chieu sang|cot chieu sang"
)
POLE_BEGINS = frozenset(words[0] for words in POLES)
# Places where streets meet; these may be names of their own (ngã tư Hàng Xanh) …
NAMED_JUNCTIONS = _phrases(
    "nga ba|nga tu|nga nam|nga sau|nga bai|nga 3|nga 4|nga 5|nga 6|nga 7|nga3|nga4|nga5|nga6|nga7|nga4 ba|nga4 tu"
    "|nga4 nam|nga4 sau|nga4 bai|vong xoai|bung binh|nut giao|giao lo|vong xoi|roundabout|nut giao thong|cong truong"
)


def is_junction(name: str) -> bool:
    """Whether a name, as written, is one of a junction or roundabout: Ngã tư Hàng Xanh."""
    return tuple(spelling(word) for word in fold(nfc(name)).split()[:2]) in NAMED_JUNCTIONS


# … and these only say that two do.
MEETING = _phrases("goc|goc nga tu|goc nga ba|giao|corner|corner of|junction|junction of|intersection|intersection of")
JUNCTIONS: Phrases = tuple(sorted((*NAMED_JUNCTIONS, *MEETING), key=lambda words: -len(words)))
JUNCTION_BEGINS = frozenset(words[0] for words in JUNCTIONS)
MEETS = frozenset({"giao", "va", "voi", "cat", "and", "x", "nga", "goc", "gap"})
# "3 thang 2": a number that begins a name.
MONTHS = frozenset({"thang"})
# What ends a name though its part goes on.
ENDS = _words(
    "goc gan giao va voi cat doi ke canh hem khu kp ap to huong street st duong noi phuong quan p q f o tai cho cau"
    " and corner cu moi tp chung cc so hien truoc sau ra ve tx xa x d cua nhanh keo dai doan kdc kcn near km"
)
# One-word places at which a name of the place ends.
PLACE_ENDS = _words("duong goc gan doi ke canh hem giao va o tai noi cua truoc sau km near hxh dd kp")
SURE = frozenset({"le loi", "tran phu", "ham nghi", "quang trung", "cong hoa", "truong chinh", "au co"})
NUMERIC = re.compile(r"^(?:\d+[a-z]{0,3}|[a-z]{1,2}\d+[a-z]{0,2}|\d+bis)$")
PLAIN = re.compile(r"^\d+[a-z]{0,3}$")
ROAD_CODE = re.compile(r"^(?:ql|tl|hl|dt)\d")
# Names of roads that end in a number; a number behind one belongs to it.
ROAD_CLASSES = frozenset({"quoc lo", "tinh lo", "huong lo", "lien ap", "lien khu", "lien phuong"})
CODE_NAME = re.compile(r"^[a-z]{1,4}\d+[a-z]?$")
# Floors, rooms, blocks: what is numbered and is no house.
INDOORS = _words(
    "tang lau phong block lo khoi thap can gian kios ki toa floor lot gate tret thua cc kdc khu shop shophouse sh"
)
# Of these the parts that are said in full: tầng trệt, lầu 2, phòng 302, lô B2.
FLOORS = _words("tang lau phong block khoi thap can gian kios ki floor gate tret")
LOTS = frozenset({"lo", "lot", "thua"})
CALLED_AFTER = frozenset({"cau", "ga", "cang", "ham", "song", "kenh"})
JOINS = frozenset({"/", "-", "–", ".", "\\", "+"})
BESIDE_LANDMARK = frozenset(
    {"plaza", "tower", "towers", "building", "residence", "apartment", "center", "mall", "park", "garden"}
)
# Words that begin a place's name, and more streets' names: a place only where no street is known by it.
_SHARED = _phrases("cau|ho|rach|kenh|cong|ham|den|dinh|kho|ga|cang|pha|mieu")
_LANDMARKS = frozenset(tuple(spelling(word) for word in words) for words in LANDMARKS)
PLACES = _LANDMARKS - set(_SHARED) - set(NAMED_JUNCTIONS)
MORE_PLACES = frozenset(_SHARED) | frozenset(
    _phrases("tram xe buit|tram buit|tram dung|nha cho xe buit|ben tau|ga metro|tram xe bus|tru so|chan cau|da cau"
             "|nha sach|khach san|san van dong|tram bien ap|cafe|cong ti|toa nha|cay xang|tram xang|chot|kdt")
)  # fmt: skip
ENGLISH_PLACES = _words("market bridge park hospital school station airport church pagoda tower towers building plaza")
# Where the text has accents, a place's word bears its own: cầu and no "cậu", chợ and no "cho".
ACCENTS = {
    "cau": "cầu", "ho": "hồ", "rach": "rạch", "kenh": "kênh", "cong": "cống", "ham": "hầm", "den": "đền",
    "dinh": "đình", "kho": "kho", "ga": "ga", "cang": "cảng", "pha": "phà", "mieu": "miếu", "cho": "chợ",
    "truong": "trường", "tram": "trạm", "chua": "chùa", "cum": "cụm", "khu": "khu",
}  # fmt: skip
# A street of such a name, said without a number, is the thing itself.
THINGS = frozenset({"cau", "ham", "pha", "cang", "cho", "ga"})
PLACE_BEGINS = frozenset(words[0] for words in PLACES | MORE_PLACES)
TOWARDS = frozenset({"ra", "ve", "di", "vao", "sang", "qua", "tu", "den", "len", "xuong", "towards", "to"})
HEADING = frozenset({"huong", "chieu", "towards", "toward"})
