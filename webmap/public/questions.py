"""What the report sheet asks besides: one question for the categories whose crew needs the answer, nothing for others.

The answer goes into the report's description as a line of its own, in Vietnamese, since that is what a crew reads. A
category whose facts are no list (a bus's number, the hours of noise) opens the description with a hint instead.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _


def N_(text: str) -> str:
    """A text that is translated where it is shown."""
    return text


_TREE = (
    N_("Cây chắn gì?"),
    (N_("Lòng đường"), N_("Vỉa hè"), N_("Đè lên dây điện"), N_("Đè xe hoặc nhà"), N_("Không chắn gì")),
)
_HOLE = (N_("Hố rộng chừng nào?"), (N_("Nhỏ hơn nắp cống"), N_("Lọt bánh xe máy"), N_("Rộng hơn một mét")))
_CABLE = (
    N_("Dây đang thế nào?"),
    (N_("Chạm đất hoặc nước"), N_("Tóe lửa"), N_("Võng thấp"), N_("Đứt, chưa chạm ai")),
)
_BUILDING = (N_("Đang làm tới đâu?"), (N_("Đào móng"), N_("Đang xây"), N_("Cơi thêm tầng"), N_("Đã xây xong")))
_POLE = (N_("Cột đang thế nào?"), (N_("Đã ngã"), N_("Nghiêng"), N_("Nứt, gãy chân")))

QUESTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "fallen_tree": _TREE,
    "dangerous_tree": (
        N_("Cây đang thế nào?"),
        (N_("Nghiêng"), N_("Khô, mục"), N_("Cành sắp rơi"), N_("Vướng dây điện")),
    ),
    "road_subsidence": _HOLE,
    "drain_subsidence": _HOLE,
    "manhole_cover": (N_("Nắp cống thế nào?"), (N_("Mất nắp"), N_("Vỡ"), N_("Kênh, lệch"))),
    "flooding": (N_("Nước sâu tới đâu?"), (N_("Mắt cá chân"), N_("Đầu gối"), N_("Trên đầu gối"))),
    "burst_pipe": (N_("Nước chảy thế nào?"), (N_("Rỉ"), N_("Chảy mạnh"), N_("Phun cao"))),
    "light_out": (N_("Mấy đèn tắt?"), (N_("Một đèn"), N_("Vài đèn"), N_("Cả đoạn đường"))),
    "power_cable": _CABLE,
    "telecom_cable": _CABLE,
    "power_pole": _POLE,
    "telecom_pole": _POLE,
    "construction_without_permit": _BUILDING,
    "construction_against_permit": _BUILDING,
    "waste": (N_("Rác gì?"), (N_("Rác sinh hoạt"), N_("Xà bần"), N_("Đồ lớn"), N_("Hóa chất, dầu"))),
    "street_encroachment": (N_("Chiếm chỗ nào?"), (N_("Vỉa hè"), N_("Lòng đường"), N_("Hẻm"))),
}
HINTS: dict[str, str] = {
    "bus_quality": N_("Tuyến số mấy, biển số xe, lúc mấy giờ"),
    "noise": N_("Tiếng gì, từ mấy giờ tới mấy giờ"),
    "public_order": N_("Chuyện gì, thường vào lúc nào"),
    "water_quality": N_("Nước màu gì, mùi gì, từ khi nào"),
}


def of(category: str) -> dict[str, Any]:
    """What the sheet's script needs: `ask` and `answers` as [what is written down, what is shown], or `hint`."""
    found: dict[str, Any] = {}
    if category in QUESTIONS:
        ask, answers = QUESTIONS[category]
        found["ask"] = [ask, _(ask)]
        found["answers"] = [[answer, _(answer)] for answer in answers]
    if category in HINTS:
        found["hint"] = _(HINTS[category])
    return found
