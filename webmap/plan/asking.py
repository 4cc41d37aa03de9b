"""The form of the workbench: its choices in plain words, and between its fields and a question's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from database import clock
from district_boundaries.areas import AreaIndex
from etl.analysis import Asked
from etl.analysis.asked import WHAT
from etl.hotspots.question import Question
from etl.plain import KINDS
from etl.plain.question import equal_spans
from incidents.reference import Reference
from webmap.admin.wording import called, language
from webmap.public.catalogue import HEROES

METHODS = (
    ("gi-star", "Gi*", _l("Nơi tụ lại: một nơi cùng các nơi quanh nó có nhiều hơn mức ngẫu nhiên.")),
    ("local-moran", "Moran", _l("Nơi nhiều nằm cạnh nơi nhiều, nơi ít cạnh nơi ít.")),
    ("kde", _l("Mật độ"), _l("Làm trơn thành số vụ trên km². Không thử ngẫu nhiên.")),
    ("st-dbscan", "ST-DBSCAN", _l("Những vụ gần nhau cả về nơi lẫn về ngày.")),
    ("emerging", _l("Mới nổi"), _l("Gi* cho từng tháng: nơi mới nóng, nóng mãi, đã qua.")),
)
PLAIN = (
    ("repeats", _l("Nơi báo lại"), _l("Nơi có sự cố hết lần này tới lần khác: mấy lần, cách bao lâu, còn mở không.")),
    ("closing", _l("Bao lâu xong"), _l("Thời gian xử lý, phần đúng hạn, còn mở bao nhiêu, theo khu vực hay đơn vị.")),
    ("change", _l("Trước, sau"), _l("Số vụ mỗi ngày và thời gian xử lý, hai kỳ dài bằng nhau quanh một ngày.")),
)
BY = (
    ("ward", _l("phường, xã hôm nay")),
    ("ward_then", _l("phường, xã lúc báo")),
    ("district", _l("quận, huyện cũ")),
    ("unit", _l("đơn vị")),
    ("category", _l("loại")),
)
LEAST = (2, 3, 5, 10)
SIDES = ((30, _l("30 ngày")), (91, _l("91 ngày")), (182, _l("182 ngày")), (365, _l("365 ngày")))
USUAL_SIDE = 91
CELLS = (("", 100), ("", 200), ("", 250), ("", 500), ("", 1000))
AREAS = (("ward", _l("phường, xã hôm nay")), ("district", _l("quận, huyện cũ")))
ROAD = _l("đoạn đường")
OF_AREA = "area:"
"""before the areas in the list of cells"""
H3 = ((9, 350), (8, 920))
"""resolution, and how wide such a hexagon is, metres"""
NEIGHBOURS = (
    ("queen", _l("kề nhau")),
    ("band:500", _l("trong 500 m")),
    ("band:1000", _l("trong 1 km")),
    ("nearest:8", _l("8 nơi gần nhất")),
)
COUNTS = (("incidents", _l("sự cố")), ("reports", _l("phản ánh")))
EXPOSURES = (("", _l("số vụ")), ("road", _l("số vụ trên km đường")), ("area", _l("số vụ trên km²")))
PROBABILITIES = (
    ("exact", _l("đúng cả khi số nhỏ (Gi*)")),
    ("0", _l("theo phân phối chuẩn")),
    ("999", _l("999 lần hoán vị")),
    ("9999", _l("9.999 lần hoán vị")),
)
"""`exact` is this page's own default: over the whole city few are expected in a window"""
SPANS = ((3, _l("3 tháng qua")), (6, _l("6 tháng qua")), (12, _l("12 tháng qua")))
USUAL_MONTHS = 6
GROUPS = {"tree": "fallen_trees", "subsidence": "road_subsidence", "construction": "construction"}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option of a list."""

    value: str
    name: str
    group: str = ""


def months_back(months: int, today: date) -> tuple[date, date]:
    """The first and the last day of so many months that end today."""
    month = today.year * 12 + today.month - 1 - months
    year, number = divmod(month, 12)
    first_of_next = date(year + (number == 11), (number + 1) % 12 + 1, 1)
    last_day = (first_of_next - timedelta(days=1)).day
    return date(year, number + 1, min(today.day, last_day)) + timedelta(days=1), today


def what_choices(known: Reference) -> list[Choice]:
    """All, the three layers of the map, each field, each category under its field."""
    lang = language()
    found = [Choice(value="", name=_("Mọi loại"))]
    for hero, name, _chip, _legend in HEROES:
        codes = sorted(each.code for each in known.categories.values() if each.hero == hero)
        if len(codes) > 1:
            found.append(Choice(value=f"category:{','.join(codes)}", name=str(name)))
    for field in known.fields:
        group = field.name[lang] or field.name["vi"]
        found.append(Choice(value=f"field:{field.code}", name=_("%(field)s, mọi loại", field=group), group=group))
        for each in sorted(known.categories.values(), key=lambda each: each.position):
            if each.field == field.code:
                name = each.name[lang] or each.name["vi"]
                found.append(Choice(value=f"category:{each.code}", name=name, group=group))
    return found


def where_choices(index: AreaIndex) -> list[Choice]:
    """The city, the former districts, the wards of today."""
    found = [Choice(value="", name=_("Cả thành phố"))]
    for level, group in (("district", _("Quận, huyện cũ")), ("ward", _("Phường, xã"))):
        areas = sorted(index.of_level(level), key=lambda area: (len(area.short_name), area.short_name))
        if level == "ward":
            areas = sorted(areas, key=lambda area: area.short_name)
        found += [Choice(value=f"{level}:{area.code}", name=called(area), group=group) for area in areas]
    return found


def area_choices(known: Reference) -> list[Choice]:
    """What may stand instead of cells: wards, former districts, the zones of each field."""
    lang, group = language(), _("Khu vực, theo km²")
    found = [Choice(value=OF_AREA + level, name=str(words), group=group) for level, words in AREAS]
    found.append(Choice(value=f"{OF_AREA}road", name=str(ROAD), group=_("Đường, theo km")))
    zones = _("Vùng của lĩnh vực, theo km²")
    for field in known.fields:
        name = field.name[lang] or field.name["vi"]
        found.append(Choice(value=f"{OF_AREA}zone:{field.code}", name=_("vùng: %(field)s", field=name), group=zones))
    return found


def words_of_form(form: Mapping[str, str]) -> dict[str, str]:
    """A question's words from the form's fields: two lists are folded into one field here and there, and the last day
    of a span, which people name, becomes the end that does not belong to it."""
    words = {name: form.get(name, "").strip() for name in (
        "method", "area", "within", "neighbours", "count", "per", "reach_m", "reach_days", "minimum",
        "slices", "compare",
    )}  # fmt: skip
    _what(words, form.get("what", ""), "")
    cell = form.get("cell", "")
    if cell.startswith(OF_AREA):
        words["cells"] = cell.removeprefix(OF_AREA)
    else:
        words["h3" if cell.startswith("h3:") else "cell_m"] = cell.removeprefix("h3:")
    months = form.get("last", "")
    if months.isdecimal() and 1 <= int(months) <= 120:
        first, last = months_back(int(months), clock.local(clock.now()).date())
        words["since"], words["until"] = first.isoformat(), (last + timedelta(days=1)).isoformat()
    else:
        words["since"], words["until"] = form.get("since", ""), _day_after(form.get("through", ""))
    if words["compare"] == "spans":
        words["other_since"] = form.get("other_since", "")
        words["other_until"] = _day_after(form.get("other_through", ""))
        if not words["other_since"] and not words["other_until"]:
            words["other_since"], words["other_until"] = _span_before(words["since"], words["until"])
    elif words["compare"] == "categories":
        _what(words, form.get("other_what", ""), "other_")
    if words["method"] in KINDS:
        return _plain_words(words, form)
    if words.get("cells"):
        # Areas differ in size, so the form takes rates of them; counts are for the command line.
        words["per"] = "road" if words["cells"] == "road" else words["per"] or "area"
    elif words["method"] != "gi-star":
        words["per"] = ""
    chosen = form.get("probability", "exact")
    if chosen != "exact":
        words["permutations"] = chosen
    elif words["method"] in ("", "gi-star") and not words["per"]:
        words["tail"] = "exact"
    return {name: word for name, word in words.items() if word}


def _plain_words(words: Mapping[str, str], form: Mapping[str, str]) -> dict[str, str]:
    """What a plain question takes of the form: of before and after the days follow from the date."""
    kept = {name: words.get(name, "") for name in ("method", *WHAT)}
    if kept["method"] == "repeats":
        kept["least"] = form.get("least", "")
        return {name: word for name, word in kept.items() if word}
    kept["by"] = form.get("by", "")
    if kept["method"] == "change":
        kept["date"] = form.get("date", "")
        days = form.get("side", "")
        try:
            parted = date.fromisoformat(kept["date"])
            many = int(days) if days.isdecimal() and 1 <= int(days) <= 3650 else USUAL_SIDE
            since, until = equal_spans(parted, many, clock.local(clock.now()).date())
            kept["since"], kept["until"] = since.isoformat(), until.isoformat()
        except (ValueError, OverflowError):
            pass  # the question says that a day is needed
    return {name: word for name, word in kept.items() if word}


def fields_of(asked: Asked | None) -> dict[str, str]:
    """The form's fields as they say what was asked; the usual question where nothing was."""
    question = asked.question if asked else Question()
    said = question.parameters()
    found = {name: str(getattr(question, name)) for name in ("method", "area", "within", "neighbours", "count", "per")}
    found |= {name: f"{getattr(question, name):g}" for name in ("reach_m", "reach_days", "minimum")}
    found["probability"] = "exact" if question.tail == "exact" or asked is None else str(question.permutations)
    found["slices"] = question.slices
    found["what"] = _what_of(said)
    found["cell"] = _cell_of(question)
    first, last = months_back(USUAL_MONTHS, clock.local(clock.now()).date())
    found["since"], found["through"] = first.isoformat(), last.isoformat()
    found["last"] = "" if asked else str(USUAL_MONTHS)
    if asked and question.since and question.until:
        found["since"], found["through"] = _day(question.since), _last_day(question.until)
    found |= _plain_fields(asked)
    found["compare"] = asked.compare if asked else ""
    found["other_since"] = found["other_through"] = found["other_what"] = ""
    if asked and asked.other:
        if asked.compare == "spans" and asked.other.since and asked.other.until:
            found["other_since"], found["other_through"] = _day(asked.other.since), _last_day(asked.other.until)
        else:
            found["other_what"] = _what_of(asked.other.parameters())
    return found


def _cell_of(question: Question) -> str:
    if question.cells:
        return OF_AREA + question.cells
    return f"h3:{question.h3}" if question.h3 is not None else f"{question.cell_m:g}"


def _plain_fields(asked: Asked | None) -> dict[str, str]:
    plain = asked.plain if asked else None
    usual = clock.local(clock.now()).date() - timedelta(days=USUAL_SIDE)
    found = {"least": "3", "by": "ward", "date": usual.isoformat(), "side": str(USUAL_SIDE)}
    if asked is None or plain is None:
        return found
    found |= {"method": plain.kind, "least": str(plain.least), "by": plain.by}
    if plain.date is not None and asked.question.since is not None:
        found |= {"date": _day(plain.date), "side": str((plain.date - asked.question.since).days)}
    return found


def _what(words: dict[str, str], chosen: str, prefix: str) -> None:
    kind, _colon, codes = chosen.partition(":")
    if kind in ("field", "category") and codes:
        words[f"{prefix}{kind}"] = codes


def _what_of(said: Mapping[str, str]) -> str:
    for kind in ("category", "field"):
        if said.get(kind):
            return f"{kind}:{said[kind]}"
    return ""


def _day_after(word: str) -> str:
    try:
        return (date.fromisoformat(word) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return word


def _span_before(since: str, until: str) -> tuple[str, str]:
    """A span as long as the one asked for that ends where it begins."""
    try:
        first, end = date.fromisoformat(since), date.fromisoformat(until)
        return (first - (end - first)).isoformat(), since
    except (ValueError, OverflowError):
        return "", ""


def _day(at: datetime) -> str:
    return clock.local(at).date().isoformat()


def _last_day(until: datetime) -> str:
    return clock.local(until - timedelta(microseconds=1)).date().isoformat()
