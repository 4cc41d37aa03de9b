"""What somebody wrote into a street's name is words on a taken-away page, never markup."""

from __future__ import annotations

from etl.hotspots import webpage


def test_a_name_is_no_markup() -> None:
    assert webpage._word("<img src=x onerror=alert(1)>", "vi") == "&lt;img src=x onerror=alert(1)&gt;"
    assert webpage._word("Đường số 7", "vi") == "Đường số 7"
