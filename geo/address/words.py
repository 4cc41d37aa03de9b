"""The words that tell what a part of a Vietnamese address is. Keys without accents, as `geo.text.fold` leaves them.

Where a word is another one without its accents ("xã" and "xa lộ", "quận" and "quán") the table says which accents
are meant: a word typed with other accents is not the marker, a word typed without any may be.
"""

from __future__ import annotations

from dataclasses import dataclass

WARD = ("ward",)
DISTRICT = ("district",)


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    """`cho|cong vien` as the phrases they are, each a tuple of words."""
    return frozenset(tuple(phrase.split()) for phrase in text.split("|"))


@dataclass(frozen=True, slots=True)
class Marker:
    """A word before a name that says what is named."""

    levels: tuple[str, ...]
    kinds: tuple[str, ...]  # of areas, as NamedArea.kind; empty: any
    accents: tuple[str, ...] = ()  # accent keys allowed where the word bears accents; empty: any
    sure: bool = True  # a single letter is not: it needs a known name behind it


_PHUONG = Marker(WARD, ("phuong",), ("phương1",))
_XA = Marker(WARD, ("xa",), ("xa4",))
_TOWN = Marker(WARD, ("thi_tran",))
_QUAN = Marker(DISTRICT, ("quan",), ("quân5",))
_HUYEN = Marker(DISTRICT, ("huyen",), ("huyên5",))
_CITY = Marker(("district", "city", "province", "elsewhere"), ("thanh_pho",))
_TX = Marker(DISTRICT, ("thi_xa", "thanh_pho"))


def _short(marker: Marker) -> Marker:
    return Marker(marker.levels, marker.kinds, (), sure=False)


# Longest first is the parser's business; keys are tuples of words.
MARKERS: dict[tuple[str, ...], Marker] = {
    ("phuong",): _PHUONG,
    ("phuog",): _PHUONG,
    ("p",): _short(_PHUONG),
    ("ph",): _short(_PHUONG),
    ("f",): _short(_PHUONG),
    ("ward",): Marker(WARD, ()),
    ("w",): Marker(WARD, (), (), sure=False),
    ("xa",): _XA,
    ("x",): _short(_XA),
    ("commune",): _XA,
    ("thi", "tran"): _TOWN,
    ("tt",): _short(_TOWN),
    ("dac", "khu"): Marker(WARD, ("dac_khu",)),
    ("quan",): _QUAN,
    ("q",): _short(_QUAN),
    ("qan",): _QUAN,
    ("district",): Marker(DISTRICT, ()),
    ("dist",): Marker(DISTRICT, ()),
    ("huyen",): _HUYEN,
    ("h",): _short(_HUYEN),
    ("thi", "xa"): _TX,
    ("tx",): _short(_TX),
    ("thanh", "pho"): _CITY,
    ("tp",): _short(_CITY),
    ("t", "p"): _short(_CITY),
    ("tinh",): Marker(("province", "elsewhere"), (), ("tinh3",)),
}

# Markers that are known with one letter wrong; the first letter is right, and a number follows.
MISSPELT: dict[str, Marker] = {"phuong": _PHUONG, "quan": _QUAN}
NOT_MISSPELT: frozenset[str] = frozenset({"phong", "phung", "quang", "phuoc", "quay", "quat"})

# English words behind a name: Binh Thanh District.
AFTER: dict[str, Marker] = {
    "district": Marker(DISTRICT, ()),
    "dist": Marker(DISTRICT, ()),
    "ward": Marker(WARD, ()),
    "commune": Marker(WARD, ()),
    "city": Marker(("district", "city", "elsewhere"), ()),
    "province": Marker(("province", "elsewhere"), ()),
}

# Smaller than a ward: what follows up to the next part is no area. True: only before a number when bare of accents.
HAMLETS: dict[tuple[str, ...], tuple[tuple[str, ...], bool]] = {
    ("khu", "pho"): ((), False),
    ("kp",): ((), False),
    ("ap",): (("âp2",), False),
    ("to", "dan", "pho"): ((), False),
    ("tdp",): ((), False),
    ("to",): (("tô3",), True),
    ("khom",): ((), False),
    ("thon",): ((), False),
    ("hamlet",): ((), False),
    ("quarter",): ((), False),
}

# A name behind one of these is a street's. A bare "pho", "ngo", "d" may be anything: they need no table of accents,
# since all they do is to take a name out of the running.
STREETS: frozenset[tuple[str, ...]] = _phrases(
    "duong|d|dg|hem|ngo|ngach|kiet|dai lo|quoc lo|ql|tinh lo|tl|huong lo|hl|xa lo|lien ap|lien khu"
    "|lien phuong|duong so|duong vao|ben|bo ke|street|so|lo|nga"
)
STREETS_AFTER = frozenset({"street", "st", "str", "road", "rd", "boulevard", "blvd", "avenue", "ave", "alley"})

# A name behind one of these is a place called after the area: in it or near it, more often than not.
LANDMARKS: frozenset[tuple[str, ...]] = _phrases(
    "cho|cau|cong vien|cv|truong|thpt|thcs|tieu hoc|mam non|mau giao|benh vien|bv|ubnd|uy ban|uy ban nhan dan"
    "|ben xe|nga ba|nga tu|nga nam|nga sau|vong xoay|bung binh|kcn|kdc|khu dan cu|khu cong nghiep"
    "|khu che xuat|kcx|kdt|khu do thi|chung cu|cc|can ho|san bay|ga|chua|nha tho|giao xu|dinh|den|mieu|tru so"
    "|cong an|tram|tram y te|buu dien|cum|khu|cao oc|toa nha|sieu thi|nha may|cong ty|cty|xi nghiep|ho|rach"
    "|kenh|cang|pha|ben pha|nha van hoa|cu xa|cong truong|ham|dan ham|duong ham|nut giao|cau vuot|cong|mieu"
    "|nha ga|tram thu phi|cho dau moi|trung tam|tttm|vincom|coopmart|co op|bach hoa|market|bridge|park"
    "|hospital|school|station|airport|kho|nghia trang"
)

# Streets whose names end like an area's (Tân Kỳ Tân Quý, and Thắng Tam is a ward of Vũng Tàu): of the names of
# OpenStreetMap and of the list of 2019, those that no marker and no other rule tells apart.
STREET_NAMES: frozenset[tuple[str, ...]] = _phrases(
    "ba huyen thanh quan"
    "|cach mang thang tam|hai muoi thang tam|tan ky tan quy|nguyen quy duc|tran quy duc|le thi ha tan xuan"
    "|trung my tan xuan|trung chanh tan xuan|hung long quy duc|an phu tay hung long"
    "|lanh binh thang|xuan thoi son xuan thoi dong|tran bach dang|nguyen thanh tuyen|vo dinh thanh"
    "|tran phu cuong|tran xuan hoa|le vinh hoa|bo doi an dien|tan thong tan phu|tay tan hiep"
    "|thoi tay tan hiep|lieu binh hung"
)

# Somebody telling where: a name behind one of these is meant as an area.
AT: frozenset[str] = frozenset({"o", "tai", "thuoc", "vuc", "gan", "trong", "in", "at"})
# … and behind one of these, where somebody is going: no part of the place (hướng ra Thủ Đức).
TOWARDS: frozenset[str] = frozenset({"huong", "ra", "ve", "qua", "di", "den", "sang", "vao", "toward", "towards"})
HEADING: frozenset[str] = frozenset({"huong", "chieu"})
# A name behind one of these is a street's that meets another (Nguyễn Trãi góc Nguyễn Cư Trinh).
MEETS: frozenset[str] = frozenset({"goc", "giao", "voi", "cat"})
# Wards are called after a bridge or a market; behind these words it is the bridge (dưới chân cầu Kiệu).
CALLED: frozenset[str] = frozenset({"cau", "cho"})
BESIDE: frozenset[str] = frozenset(
    {"chan", "da", "duoi", "gan", "tren", "truoc", "sau", "canh", "ke", "qua", "dau", "cuoi"}
)
# Two capitals behind a ward may be its district (P12 GV); these are not.
NO_DISTRICT: frozenset[str] = frozenset({"tp", "vn", "kp", "hcm", "sg", "cc", "ap"})

# Chains of shops write their mark first; it is no part of a street's name.
BRANDS: frozenset[str] = frozenset(
    {"bhx", "hcm", "ch", "wm", "vm", "vmp", "plvm", "wcm", "tgdd", "dmx", "gs25", "sg", "hcmc"}
)

# What the merged city is called, and the country.
CITY = ("ho chi minh", "hcm", "tphcm", "hcmc", "sai gon", "saigon", "sg", "tp ho chi minh")
COUNTRY = ("viet nam", "vietnam", "vn")
PROVINCES = ("binh duong", "ba ria vung tau", "brvt", "br vt")
# Provinces and cities that are not this one, of before and after July 2025: an address there is not answered.
ELSEWHERE = tuple(
    " ".join(words)
    for words in sorted(
        _phrases(
            "an giang|bac giang|bac kan|bac lieu|bac ninh|ben tre|binh dinh|binh phuoc|binh thuan|ca mau|can tho"
            "|cao bang|da nang|dak lak|dac lac|dak nong|dien bien|dong nai|dong thap|gia lai|ha giang|ha nam|ha noi"
            "|hanoi|ha tinh|hai duong|hai phong|hau giang|hoa binh|hung yen|khanh hoa|kien giang|kon tum|lai chau"
            "|lam dong|lang son|lao cai|long an|nam dinh|nghe an|ninh binh|ninh thuan|phu tho|phu yen|quang binh"
            "|quang nam|quang ngai|quang ninh|quang tri|soc trang|son la|tay ninh|thai binh|thai nguyen|thanh hoa"
            "|thua thien hue|hue|tien giang|tra vinh|tuyen quang|vinh long|vinh phuc|yen bai"
        )
    )
)

_UNITS = {
    "mot": 1,
    "nhat": 1,
    "hai": 2,
    "nhi": 2,
    "ba": 3,
    "bon": 4,
    "tu": 4,
    "nam": 5,
    "lam": 5,
    "sau": 6,
    "bay": 7,
    "tam": 8,
    "chin": 9,
}
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


def numbers_in_words() -> dict[tuple[str, ...], int]:
    """The numbers 1 to 29 as they are said and as Romans wrote them, for wards and districts: mười hai, XII."""
    said: dict[tuple[str, ...], int] = {(word,): value for word, value in _UNITS.items()}
    said[("muoi",)] = 10
    said[("hai", "muoi")] = 20
    for word, value in _UNITS.items():
        if word in ("nhat", "nhi", "tu"):
            continue
        said[("muoi", word)] = 10 + value
        said[("hai", "muoi", word)] = 20 + value
    for value, word in enumerate(_ROMAN, 1):
        said[(word,)] = value
    return said


NUMBERS = numbers_in_words()
