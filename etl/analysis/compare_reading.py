"""A comparison in plain words, in Vietnamese and English."""

from __future__ import annotations

from typing import Any

from etl.hotspots.answer import COLD, HOT, Answer, Warning_
from etl.hotspots.reading import CHANNELS, DEMO, Reading, number

_WARNINGS = {
    "demo": DEMO,
    "channel_opened": (
        "Kỳ trước chưa có phản ánh qua {channel}; kỳ sau {share}: một phần mức tăng có thể là người báo nhiều hơn.",
        "No report came by {channel} before, {share} after: part of what grew may be more people reporting.",
    ),
    "channel_grew": (
        "Phản ánh qua {channel} tăng từ {was} lên {share}: một phần mức tăng có thể là người báo nhiều hơn.",
        "Reports by {channel} went from {was} to {share}: part of what grew may be more people reporting.",
    ),
    "unequal": (
        "Hai kỳ dài khác nhau ({before} và {after} ngày): mức chung của thành phố đã tính tới điều đó.",
        "The spans differ in length ({before} and {after} days): the city-wide level takes care of that.",
    ),
    "reform": (
        "Hai kỳ nằm hai bên ngày 1/7/2025: cả hai được đếm theo cùng ô và cùng ranh hôm nay, quận cũ theo ranh cuối.",
        "The spans lie on both sides of 1 July 2025: both are counted by the same cells and by today's boundaries, "
        "former districts by their last ones.",
    ),
    "carried": (
        "Trong bảng và bản đồ theo khu vực, {n} sự cố chỉ biết tới một phường, quận thời trước được chia theo "
        "phần đất của "
        "nơi đó nằm trong mỗi khu vực, nên số đếm có phần lẻ; chúng không tham gia vào các ô.",
        "In the tables and maps by areas, {n} incidents known only to a ward or district of their day are "
        "carried over by "
        "the share of its land in each area, so counts may be fractions; they take no part in the cells.",
    ),
}


def read(answer: Answer, more: dict[str, Any], warnings: list[Warning_], lang: str) -> Reading:
    """One sentence, a paragraph on chance, the cautions, and how many took part."""
    k = 0 if lang == "vi" else 1
    classes = answer.classes()
    up, down = sum(classes[name] for name in HOT), sum(classes[name] for name in COLD)
    before, after = more["totals"]
    chance = (
        "Đỏ là tăng, xanh là giảm. Mỗi ô cùng các ô quanh nó: nếu không có gì đổi, phần của kỳ sau phải gần {share}. "
        "Chỉ tô ô khác đi nhiều hơn mức ngẫu nhiên cho phép trong {tested} phép thử (ô dưới 6 vụ không thử).",
        "Red is more, blue is less. Of each cell and those around it: had nothing changed, the later span's share "
        "would be near {share}. Only cells that differ by more than chance allows in {tested} tests are coloured "
        "(cells with fewer than 6 are not tested).",
    )[k]
    if more["kind"] == "categories":
        chance = (
            "Đỏ là nhiều loại thứ nhất hơn, xanh là nhiều loại thứ hai hơn, so với tỉ lệ chung {share}; {tested} "
            "phép "
            "thử (ô dưới 6 vụ không thử).",
            "Red is more of the first kind, blue more of the second, against the common share of {share}; {tested} "
            "tests (cells with fewer than 6 are not tested).",
        )[k]
    return Reading(
        sentence=_sentence(more, up, down, before, after)[k].replace(
            "{change}", number(100 * abs(after / before - 1), lang, 1) + "%" if before else ""
        ),
        chance=chance.format(share=f"{number(100 * more['share'], lang, 1)}%", tested=number(more["tested"], lang)),
        cautions=tuple(_caution(each, lang) for each in warnings),
        rows=(
            f"{number(before, lang)} và {number(after, lang)} dòng được tính.",
            f"{number(before, lang)} and {number(after, lang)} rows took part.",
        )[k],
    )


def _sentence(more: dict[str, Any], up: int, down: int, before: int, after: int) -> tuple[str, str]:
    if more["kind"] == "categories":
        if not up and not down:
            return ("Hai loại rải như nhau khắp nơi.", "Both kinds are spread alike.")
        return (
            f"Hai loại tụ ở nơi khác nhau: {up} ô nhiều loại thứ nhất hơn, {down} ô nhiều loại thứ hai hơn.",
            f"The two gather in different places: {up} cells have more of the first, {down} more of the second.",
        )
    if not before:
        city = ("Kỳ trước không có vụ nào.", "There were none before.")
    elif after >= before:
        city = ("Cả thành phố tăng {change}, đã tính tới.", "The whole city rose by {change}, which is taken out.")
    else:
        city = ("Cả thành phố giảm {change}, đã tính tới.", "The whole city fell by {change}, which is taken out.")
    if not up and not down:
        here = ("Không nơi nào đổi nhiều hơn mức ngẫu nhiên.", "Nowhere changed by more than chance.")
    elif up and down:
        here = (f"Sự cố dời chỗ: {up} ô tăng, {down} ô giảm.", f"Incidents moved: {up} cells rose, {down} fell.")
    elif up:
        here = (f"{up} ô tăng, không ô nào giảm.", f"{up} cells rose, none fell.")
    else:
        here = (f"{down} ô giảm, không ô nào tăng.", f"{down} cells fell, none rose.")
    return f"{here[0]} {city[0]}", f"{here[1]} {city[1]}"


def _caution(warning: Warning_, lang: str) -> str:
    k = 0 if lang == "vi" else 1
    shown: dict[str, str] = {}
    for name, value in warning.figures.items():
        if name == "channel":
            shown[name] = CHANNELS.get(str(value), (str(value),) * 2)[k]
        elif name in ("was", "share"):
            shown[name] = f"{number(100 * float(value), lang)}%"
        else:
            shown[name] = number(float(value), lang)
    return _WARNINGS[warning.code][k].format(**shown)
