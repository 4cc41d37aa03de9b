"""An answer in plain words, in Vietnamese and English: what it says, what chance would do, what to be careful of."""

from __future__ import annotations

from dataclasses import dataclass

from etl.hotspots.answer import HOT, Answer, Warning_
from etl.hotspots.question import Question

CHANNELS = {
    "phone": ("điện thoại", "telephone"), "sms": ("tin nhắn", "SMS"), "web": ("web", "web"), "app": ("ứng dụng", "app"),
    "email": ("thư điện tử", "e-mail"), "social": ("mạng xã hội", "social media"),
}  # fmt: skip

UNITS = {
    "": ("ô", "cells", "cell"), "ward": ("phường, xã", "wards", "ward"),
    "district": ("quận, huyện cũ", "former districts", "former district"), "zone": ("vùng", "zones", "zone"),
    "road": ("đoạn đường", "pieces of road", "piece of road"),
}  # fmt: skip
"""what cells are called: in Vietnamese, in English, one of them in English"""
DEMO = (
    "Dữ liệu minh hoạ, không phải phản ánh thật: {n} trong số được hỏi.",
    "Demo data, not real reports: {n} of those asked for.",
)
_WARNINGS = {
    "demo": DEMO,
    "few": (
        "Chỉ có {n} dòng: quá ít để nói chắc điều gì.",
        "Only {n} rows: too few to be sure of anything.",
    ),
    "thin": (
        "Trung bình mỗi ô cùng lân cận chỉ có {expected} sự cố (nên từ 5): xác suất chỉ gần đúng; chọn ô lớn hơn "
        "hoặc khoảng thời gian dài hơn.",
        "On average only {expected} incidents in a cell and its neighbours (5 are wanted): the probabilities are "
        "rough; choose larger cells or a longer time.",
    ),
    "one_channel": (
        "{share} phản ánh đến từ một kênh ({channel}): bản đồ có thể cho thấy ai báo, không phải nơi xảy ra.",
        "{share} of the reports came by one channel ({channel}): the map may show who reports, not what happens.",
    ),
    "counts_reports": (
        "Đang đếm phản ánh: một sự cố được báo nhiều lần được đếm nhiều lần.",
        "Reports are counted: an incident that many people reported counts many times.",
    ),
    "follows_roads": (
        "Số đếm đi theo đường phố: chia cho chiều dài đường thì chỉ còn {still} trong {hot} {unit} là nóng. Hãy xem "
        "theo km đường.",
        "The counts follow the streets: per kilometre of road only {still} of the {hot} {unit} remain hot. Look at "
        "rates per km of road.",
    ),
    "uneven": (
        "Khu vực lớn nhỏ khác nhau mà đang đếm số vụ: nơi rộng có nhiều vụ chỉ vì rộng. Hãy xem theo km² hoặc km "
        "đường.",
        "The areas differ in size, and these are counts: a large one has many only because it is large. Look at rates "
        "per km² or per km of road.",
    ),
    "off_road": (
        "{n} sự cố trong vùng cách mọi đường hơn 30 m, không được tính.",
        "{n} incidents in the area are farther than 30 m from every road and take no part.",
    ),
    "few_areas": (
        "Chỉ có {n} khu vực (nên từ 30): xác suất chỉ gần đúng.",
        "Only {n} areas (30 are wanted): the probabilities are rough.",
    ),
    "sample_areas": (
        "Ranh giới các vùng này là cấu hình mẫu.",
        "The boundaries of these zones are a sample configuration.",
    ),
    "not_per_road": (
        "Chưa chia cho chiều dài đường; nếu chia thì {still} trong {hot} {unit} vẫn nóng.",
        "Not divided by the length of road; if it is, {still} of the {hot} {unit} remain hot.",
    ),
}

_METHODS = {
    "gi-star": (
        "{hot99} {unit} “nóng 99%”: nếu sự cố rải ngẫu nhiên, dưới 1 trong 100 {unit} được đánh dấu như vậy là nhầm, "
        "sau khi hiệu chỉnh cho {cells} {unit}. Điều này nói ở đâu, không nói vì sao.",
        "{hot99} {unit99} “99% hot”: were the incidents scattered by chance, fewer than 1 in 100 {unit} so marked "
        "would be wrong, after correcting for {cells} {unit}. This says where, not why.",
    ),
    "local-moran": (
        "{hot} {unit} có nhiều sự cố nằm cạnh {unit} cũng nhiều, hơn mức ngẫu nhiên, sau khi hiệu chỉnh cho {cells} "
        "{unit}.",
        "{hot} {unit} with many incidents lie beside others with many, more than by chance, after correcting for "
        "{cells} {unit}.",
    ),
    "kde": (
        "Mật độ làm trơn, sự cố trên km². Mật độ cao không có nghĩa là khác ngẫu nhiên.",
        "Smoothed density, incidents per km². High density does not mean other than by chance.",
    ),
    "st-dbscan": (
        "{rows} cụm: ít nhất {minimum} sự cố gần nhau dưới {reach} m và {days} ngày. Phương pháp này không thử ngẫu "
        "nhiên.",
        "{rows} clusters: at least {minimum} incidents within {reach} m and {days} days of each other. The method does "
        "not test against chance.",
    ),
    "emerging": (
        "{patterns} ô có lịch sử nóng qua {slices} kỳ: mới, liên tiếp, tăng, dai dẳng, giảm, lúc có lúc không.",
        "{patterns} cells have a history of being hot over {slices} slices of time: new, consecutive, intensifying, "
        "persistent, diminishing, sporadic.",
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One sentence, one paragraph on chance, the cautions, and how many rows took part."""

    sentence: str
    chance: str
    cautions: tuple[str, ...]
    rows: str


def read(answer: Answer, lang: str = "vi") -> Reading:
    """The reading in `vi` or `en`."""
    own: Reading | None = answer.readings.get(lang)
    if own is not None:
        return own
    k = 0 if lang == "vi" else 1
    return Reading(
        sentence=_sentence(answer)[k],
        chance=_METHODS[answer.question.method][k].format(**_figures(answer, lang)),
        cautions=tuple(_caution(warning, lang, unit_of(answer.question, lang)) for warning in answer.warnings),
        rows=_rows(answer, lang)[k],
    )


def number(value: float, lang: str, digits: int = 0) -> str:
    """As people of the language write it: 7.048 and 0,2 in Vietnamese, 7,048 and 0.2 in English."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text


def _sentence(answer: Answer) -> tuple[str, str]:
    places = len(answer.clusters)
    if answer.question.method == "st-dbscan":
        return (
            (f"Có {len(answer)} cụm trong không gian và thời gian.", f"{len(answer)} clusters in space and time.")
            if len(answer)
            else ("Không có cụm nào.", "No cluster.")
        )
    if answer.question.method == "kde":
        return ("Mật độ sự cố trên toàn vùng.", "The density of incidents over the area.")
    if not places:
        return (
            "Không nơi nào có nhiều sự cố hơn mức ngẫu nhiên.",
            "Nowhere are there more incidents than chance would bring.",
        )
    vi, en = (
        ", ".join(f"{each.name} {beside(each.cells, answer.question, lang)}".strip() for each in answer.clusters[:3])
        for lang in ("vi", "en")
    )
    if places == 1:
        return (
            f"Sự cố tụ lại ở một nơi, nhiều hơn mức ngẫu nhiên: {vi}.",
            f"Incidents gather in one place more than by chance: {en}.",
        )
    most = "" if places < 26 else "ít nhất "
    return (
        f"Sự cố tụ lại ở {most}{places} nơi, nhiều hơn mức ngẫu nhiên: trước hết {vi}.",
        f"Incidents gather in {'at least ' if most else ''}{places} places more than by chance: first of all {en}.",
    )


def _figures(answer: Answer, lang: str) -> dict[str, str]:
    classes = answer.classes()
    pattern = answer.columns.get("pattern")
    question = answer.question
    return {
        "hot99": number(classes["hot99"], lang),
        "hot": number(sum(classes[name] for name in HOT), lang),
        "cells": number(len(answer), lang),
        "unit": unit_of(question, lang),
        "unit99": f"{unit_of(question, lang, classes['hot99'])} {'is' if classes['hot99'] == 1 else 'are'}",
        "rows": number(len(answer), lang),
        "patterns": number(int((pattern != "none").sum()) if pattern is not None else 0, lang),
        "slices": number(len(answer.months), lang),
        "minimum": number(question.minimum, lang),
        "reach": number(question.reach_m, lang),
        "days": number(question.reach_days, lang),
    }


def beside(cells: int, question: Question, lang: str) -> str:
    """Of a place made of several areas, which bears the name of one, that there are others; of squares nothing."""
    if cells < 2 or question.cells in ("", "road"):
        return ""
    rest, unit = number(cells - 1, lang), unit_of(question, lang, cells - 1)
    return f"và {rest} {unit} liền kề" if lang == "vi" else f"and {rest} {unit} beside it"


def unit_of(question: Question, lang: str, n: int = 2) -> str:
    """What `n` cells of a question are called."""
    return UNITS[question.cells.partition(":")[0]][0 if lang == "vi" else 2 if n == 1 else 1]


def _caution(warning: Warning_, lang: str, unit: str) -> str:
    shown = {"unit": unit}
    for name, value in warning.figures.items():
        if name == "channel":
            shown[name] = CHANNELS.get(str(value), (str(value),) * 2)[0 if lang == "vi" else 1]
        elif name == "share":
            shown[name] = f"{number(100 * float(value), lang)}%"
        else:
            shown[name] = number(float(value), lang, 0 if float(value) == int(float(value)) else 1)
    return _WARNINGS[warning.code][0 if lang == "vi" else 1].format(**shown)


def _rows(answer: Answer, lang: str) -> tuple[str, str]:
    left = answer.left_out
    reasons = [
        (left.coarse, "chỉ biết đến phường, quận", "known only to the ward or district"),
        (left.no_place, "không có vị trí", "without a place"),
        (left.outside, "ngoài vùng", "outside of the area"),
        (left.same_incident, "báo lại sự cố đã đếm", "further reports of a counted incident"),
        (left.void, "bị từ chối, rút lại hoặc đã gộp", "rejected, withdrawn or merged"),
    ]
    said = [(number(n, lang), vi, en) for n, vi, en in reasons if n]
    took = number(left.took_part, lang)
    return (
        f"{took} dòng được tính"
        + ("; không tính: " + ", ".join(f"{n} {vi}" for n, vi, _ in said) if said else "")
        + ".",
        f"{took} rows took part" + ("; left out: " + ", ".join(f"{n} {en}" for n, _, en in said) if said else "") + ".",
    )
