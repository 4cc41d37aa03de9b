"""Names that columns bear elsewhere, without accents and in small letters, the likeliest first; forms of dates."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, tuple[str, ...]] = {
    "external_id": ("external id", "unique key", "id", "ma", "ma so", "ma phan anh", "so phieu", "case id",
                    "service request id", "request id", "ticket", "sr number", "case number", "stt"),
    "channel": ("channel", "kenh", "open data channel type", "source", "nguon", "intake", "method received"),
    "reported_at": ("reported at", "created date", "opened", "ngay phan anh", "ngay", "thoi gian", "thoi diem", "date",
                    "ngay gio", "requested datetime", "open date", "ngay tiep nhan", "created at",
                    "thoi gian tiep nhan", "date opened", "submitted"),
    "category": ("category", "loai", "complaint type", "request type", "loai su co", "linh vuc", "service name", "type",
                 "nhom", "chu de", "loai phan anh", "issue type"),
    "description": ("description", "noi dung", "descriptor", "mo ta", "details", "chi tiet", "ghi chu", "content",
                    "status notes", "noi dung phan anh", "comments"),
    "address": ("address", "dia chi", "incident address", "location", "vi tri", "noi xay ra", "dia diem",
                "street address"),
    "lat": ("lat", "latitude", "vi do"),
    "lon": ("lon", "lng", "long", "longitude", "kinh do"),
    "x": ("x", "x coordinate", "x coordinate state plane", "easting", "toa do x", "x coord", "east", "toa do dong"),
    "y": ("y", "y coordinate", "y coordinate state plane", "northing", "toa do y", "y coord", "north", "toa do bac"),
    "reporter_name": ("reporter name", "nguoi phan anh", "ho ten", "ten nguoi phan anh", "ho va ten", "caller"),
    "reporter_phone": ("reporter phone", "dien thoai", "so dien thoai", "sdt", "phone"),
    "reporter_email": ("reporter email", "email", "thu dien tu"),
    "status": ("status", "trang thai", "tinh trang", "state", "ket qua"),
    "closed_at": ("closed at", "closed date", "closed", "ngay xu ly", "ngay hoan thanh", "resolved at", "ngay dong",
                  "thoi gian xu ly xong", "date closed"),
    "unit": ("unit", "don vi", "agency", "don vi xu ly", "agency name", "department"),
}  # fmt: skip
DATES = (
    "%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d.%m.%Y %H:%M", "%d/%m/%Y",
    "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d/%m/%y %H:%M", "%d %b %Y %H:%M",
)  # fmt: skip
STATUSES: Mapping[str, str] = {
    "closed": "closed", "open": "in_progress", "da xu ly": "closed", "dang xu ly": "in_progress", "pending": "assigned",
    "hoan thanh": "closed", "in progress": "in_progress", "assigned": "assigned", "started": "in_progress",
    "moi": "received", "da dong": "closed", "resolved": "resolved", "chua xu ly": "assigned",
}  # fmt: skip
"""Their words for what became of it → ours."""
