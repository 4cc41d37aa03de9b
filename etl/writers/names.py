"""What a shapefile calls its columns: ten characters at most."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 10
_KNOWN = {
    "external_id": "ext_id", "reported_at": "reported", "description": "descript", "closed_at": "closed",
    "precision": "precision", "accuracy_m": "accuracy_m", "bandwidth_m": "bandwidth",
    "reporter_name": "rep_name", "reporter_phone": "rep_phone", "reporter_email": "rep_email",
    "district_code": "dist_code", "zone_environment": "zone_env", "zone_urban_order": "zone_order",
    "zone_electricity": "zone_elec", "zone_telecoms": "zone_tele", "zone_transport": "zone_bus",
    "zone_lighting": "zone_light", "zone_drainage": "zone_drain", "zone_traffic": "zone_traff",
}  # fmt: skip


def shapefile_names(columns: Sequence[str]) -> dict[str, str]:
    """Ours → the shapefile's: at most ten characters, all different. Names that fit stay."""
    names: dict[str, str] = {}
    taken = {name for name in columns if len(name) <= LONGEST}
    for name in columns:
        if len(name) <= LONGEST:
            names[name] = name
            continue
        short, number = _KNOWN.get(name, name[:LONGEST]), 1
        while short in taken:
            number += 1
            short = f"{name[: LONGEST - 1 - len(str(number))]}_{number}"
        taken.add(short)
        names[name] = short
    return names
