"""Lines of rules over areas and days: what is accepted is single, an area's own line before the line for all."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from incidents.reference import BadReference
from incidents.reference.committees import AreaRow
from incidents.reference.expansion import expand
from incidents.reference.files import ResponsibilityLine
from incidents.reference.spans import ALWAYS, Span, common, without

START = date(2020, 1, 1).toordinal()
DAYS = range(START - 1, START + 13)


@st.composite
def spans(draw) -> Span:
    first = draw(st.integers(0, 11))
    return (START + first, START + draw(st.integers(first, 11)))


def area(number: int, valid: Span) -> AreaRow:
    return AreaRow(
        id=number,
        level="zone",
        field="trees",
        code=f"Z{number}",
        name=f"Zone {number}",
        name_en="",
        kind="",
        valid=valid,
    )


def line(number: int, where: str, valid: Span) -> ResponsibilityLine:
    return ResponsibilityLine(
        line=number, rule=f"rule-{number}", category=None, field="trees", level="zone", area=where, unit=f"U{number}",
        told=None, valid=valid, sample=True, source="sample",
    )  # fmt: skip


@given(
    st.lists(st.one_of(st.just(ALWAYS), spans()), min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from(["*", "Z0", "Z1", "Z2"]), st.one_of(st.just(ALWAYS), spans())), max_size=6),
)
def test_what_is_accepted_is_single_and_the_nearest_line_wins(valid: list[Span], given_lines) -> None:
    areas = [area(number, span) for number, span in enumerate(valid)]
    codes = {"*"} | {each.code for each in areas}
    lines = [line(n, where, span) for n, (where, span) in enumerate(given_lines) if where in codes]

    def wanted(each: AreaRow, day: int) -> list[str]:
        """The units that the lines name for an area on a day, by the words of the file's rules."""
        if not each.valid[0] <= day <= each.valid[1]:
            return []
        holding = [one for one in lines if one.valid[0] <= day <= one.valid[1] and one.area in (each.code, "*")]
        own = [one for one in holding if one.area != "*"]
        return [one.unit for one in own or holding]

    try:
        made = expand(lines, areas, {}, {})
    except BadReference:
        assert any(len(wanted(each, day)) > 1 for each in areas for day in DAYS)
        return
    for each in areas:
        for day in DAYS:
            found = [rule.unit for rule in made if rule.area_id == each.id and rule.valid[0] <= day <= rule.valid[1]]
            assert found == wanted(each, day)
            assert len(found) <= 1


@given(spans(), st.lists(spans(), max_size=4))
def test_what_is_taken_out_of_a_span_is_out_and_nothing_else(whole: Span, taken: list[Span]) -> None:
    left = without(whole, taken)
    for day in DAYS:
        inside = whole[0] <= day <= whole[1] and not any(first <= day <= last for first, last in taken)
        assert sum(first <= day <= last for first, last in left) == inside
    assert all(common(part, out) is None for part in left for out in taken)
