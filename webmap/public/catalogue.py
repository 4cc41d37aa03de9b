"""What the map's filters and legend show: the three hero layers, the ten fields, the four states, in their order.

Long names of fields and categories come from the reference data; these are the short words of buttons, set by width.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

# code, name, the word of a chip on a phone, the word of the legend
HEROES = (
    ("tree", _l("Cây xanh gãy, đổ"), _l("Cây"), _l("Cây gãy, đổ")),
    ("subsidence", _l("Lún, sụt mặt đường"), _l("Lún đường"), _l("Lún mặt đường")),
    ("construction", _l("Xây dựng không phép, trái phép"), _l("Xây dựng"), _l("Xây dựng sai phép")),
)
FIELDS = (
    ("traffic", _l("Giao thông")),
    ("water", _l("Cấp nước")),
    ("drainage", _l("Thoát nước")),
    ("trees", _l("Cây xanh")),
    ("lighting", _l("Chiếu sáng")),
    ("electricity", _l("Điện lực")),
    ("telecoms", _l("Viễn thông")),
    ("transport", _l("Xe buýt")),
    ("environment", _l("Môi trường")),
    ("urban_order", _l("Trật tự ĐT")),
)
STATES = (
    ("new", _l("Mới")),
    ("progress", _l("Đang xử lý")),
    ("late", _l("Trễ hạn")),
    ("resolved", _l("Đã xong")),
)
LEGEND = {"other": _l("Lĩnh vực khác")}
