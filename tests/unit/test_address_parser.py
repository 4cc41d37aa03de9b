"""Ways in which people write wards and districts, each with the parts that must be found.

A part is written `level key`: w ward, d district, c city, p province, e elsewhere, h hamlet; `?` behind it: a name that
the list does not have, `~`: initials. A slash where a name may be two things, the likelier first.
"""

from __future__ import annotations

import unicodedata

import pytest

from geo.address.parser import parse
from geo.address.vocabulary import Vocabulary

DISTRICTS = (
    "Bình Thạnh|Bình Tân|Tân Bình|Tân Phú|Gò Vấp|Phú Nhuận|Thủ Đức|Củ Chi|Hóc Môn|Bình Chánh|Nhà Bè|Cần Giờ"
    "|Dĩ An|Thuận An|Thủ Dầu Một|Vũng Tàu|Bà Rịa|Phú Mỹ|Châu Đức"
)
WARDS = (
    "Bến Nghé|Bến Thành|Đa Kao|Tân Định|Cầu Ông Lãnh|Nguyễn Thái Bình|Phạm Ngũ Lão|Cô Giang|Nguyễn Cư Trinh"
    "|Thảo Điền|An Phú|Linh Xuân|Linh Trung|Hiệp Bình Chánh|Hiệp Bình Phước|Tân Phú|Tân Quý|Tân Quy"
    "|Tân Sơn Nhì|Tân Sơn Nhất|Tân Thành|Tân Thới Nhất|Tân Thới Hiệp|Hiệp Thành|Bình Trị Đông|Bình Trị Đông A"
    "|Bình Trị Đông B|An Lạc|An Lạc A|Bình Hưng Hòa|Bình Hưng Hòa A|Phước Kiển|Bà Điểm|Tân Nhựt|Vĩnh Lộc A"
    "|Vĩnh Lộc B|Vĩnh Lộc|Hóc Môn|Củ Chi|Cần Giờ|Bình Thạnh|Sài Gòn|Hòa Bình|Phú Thọ|Thủ Đức|Phú Nhuận|Gò Vấp"
    "|Bình Dương|Vũng Tàu|Dĩ An|Côn Đảo|Long Hòa|Phú Mỹ|Tân Hiệp|Võ Thị Sáu|Xuân Hòa|Thắng Tam|Quy Đức"
    "|Trung Mỹ Tây|Bình Thới|Bình Tân|Thạnh Mỹ Tây|An Nhơn Tây|Tân Tạo"
)
NAMES = Vocabulary(
    [("district", name) for name in [*map(str, range(1, 13)), *DISTRICTS.split("|")]]
    + [("ward", name) for name in [*map(str, range(1, 29)), *WARDS.split("|")]]
)

FORMS: list[tuple[str, str]] = [
    # markers in all their spellings
    ("P.12, Q. Bình Thạnh", "w 12, d binh thanh"),
    ("P.12,Q.Bình Thạnh", "w 12, d binh thanh"),
    ("P 12 Q Bình Thạnh", "w 12, d binh thanh"),
    ("p12 q10", "w 12, d 10"),
    ("P12, Q10", "w 12, d 10"),
    ("p12q10", "w 12, d 10"),
    ("P. 5. Q. Phú Nhuận", "w 5, d phu nhuan"),
    ("P.4-Q.Tân Bình", "w 4, d tan binh"),
    ("P.4 - Q.Tân Bình", "w 4, d tan binh"),
    ("P4/Q8", "w 4, d 8"),
    ("phường 12 quận Bình Thạnh", "w 12, d binh thanh"),
    ("Phường 12, Quận Bình Thạnh", "w 12, d binh thanh"),
    ("PHƯỜNG 12, QUẬN BÌNH THẠNH", "w 12, d binh thanh"),
    ("phuong 12 quan binh thanh", "w 12, d binh thanh"),
    ("PHUONG 12 QUAN BINH THANH", "w 12, d binh thanh"),
    ("phường4, quận8", "w 4, d 8"),
    ("Quan1", "d 1"),
    ("quận 01", "d 1"),
    ("Phường 06, Quận 03", "w 6, d 3"),
    ("F.12 Q.10", "w 12, d 10"),
    ("F8 Q8", "w 8, d 8"),
    ("Ph. 3, Q. 5", "w 3, d 5"),
    ("X.Bà Điểm H.Hóc Môn", "w ba diem, d hoc mon"),
    ("X. Phước Kiển, H. Nhà Bè", "w phuoc kien, d nha be"),
    ("xã Bà Điểm huyện Hóc Môn", "w ba diem, d hoc mon"),
    ("xa ba diem huyen hoc mon", "w ba diem, d hoc mon"),
    ("TT. Hóc Môn, H. Hóc Môn", "w hoc mon, d hoc mon"),
    ("thị trấn Củ Chi huyện Củ Chi", "w cu chi, d cu chi"),
    ("đặc khu Côn Đảo", "w con dao"),
    ("TP. Thủ Đức", "d thu duc"),
    ("TP Thủ Đức", "d thu duc"),
    ("Tp.Thủ Đức", "d thu duc"),
    ("T.P Thủ Đức", "d thu duc"),
    ("thành phố Thủ Đức", "d thu duc"),
    ("Q. Thủ Đức cũ", "d thu duc"),
    ("TP. Thủ Đức (Q. 9 cũ)", "d thu duc, d 9"),
    ("P. Linh Xuân, TP. Thủ Đức (Q. Thủ Đức cũ), TP. Hồ Chí Minh", "w linh xuan, d thu duc, d thu duc, c ho chi minh"),
    # numbers in words and Roman ones
    ("quận nhất", "d 1"),
    ("phường mười hai, quận ba", "w 12, d 3"),
    ("Quận Mười", "d 10"),
    ("Q. III", "d 3"),
    ("phường bốn quận tám", "w 4, d 8"),
    ("Phường Hai Mươi Hai, Bình Thạnh", "w 22, d/w binh thanh"),
    # initials
    ("26 Huỳnh Thúc Kháng P.BN Q1", "w bn~, d 1"),
    ("P.12,Q.BT", "w 12, d bt~"),
    ("12/3 Phan Huy Ích P12 GV", "w 12, d gv~"),
    ("12/3 Phan Huy Ích, P.12, TP HCM", "w 12, c hcm"),
    # other order
    ("Quận 1, Phường Bến Nghé, 12 Lê Lợi", "d 1, w ben nghe"),
    ("Q1 P. Bến Nghé 12 Lê Lợi", "d 1, w ben nghe"),
    ("Q.Phú Nhuận, P.2, số 5 Phan Xích Long", "d phu nhuan, w 2"),
    ("Phú Nhuận P2", "d/w phu nhuan, w 2"),
    ("TP.HCM, Quận 7, P. Tân Phú", "c hcm, d 7, w tan phu"),
    ("Bình Thạnh, phường 25, Ung Văn Khiêm số 24", "d/w binh thanh, w 25"),
    # bare names: parts of their own
    ("Bình Thạnh", "d/w binh thanh"),
    ("binh thanh", "d/w binh thanh"),
    ("Tân Phú", "d/w tan phu"),
    ("Tân Sơn Nhì", "w tan son nhi"),
    ("ĐA KAO", "w da kao"),
    ("Thảo Điền, Quận 2", "w thao dien, d 2"),
    ("356 Tên Lửa, Bình Trị Đông B, Bình Tân, Thành phố Hồ Chí Minh", "w binh tri dong b, d/w binh tan, c ho chi minh"),
    ("37 Nguyễn Văn Lượng, Phường 17, Gò Vấp, Hồ Chí Minh", "w 17, d/w go vap, c ho chi minh"),
    ("12 le loi, ben thanh, q1", "w ben thanh, d 1"),
    ("12 Lê Lợi, Bến Thành", "w ben thanh"),
    ("12 le loi ben thanh quan 1", "w ben thanh, d 1"),
    ("12 Lê Lợi Bến Thành", "w ben thanh"),
    ("45/6 lê đức thọ gò vấp", "d/w go vap"),
    ("BHX A9/13 Đường 1A (Vĩnh Lộc B)", "w vinh loc b"),
    ("Phường 22, Bình Thạnh", "w 22, d/w binh thanh"),
    ("Ngập nước ở Bình Thạnh", "d/w binh thanh"),
    ("cây đổ tại phường 5 quận 3", "w 5, d 3"),
    ("hẻm 51 đường số 7, Bình Tân, gần chợ", "d/w binh tan"),
    # longest names win
    ("Phường Bình Trị Đông A, Quận Bình Tân", "w binh tri dong a, d binh tan"),
    ("P Bình Hưng Hòa A, Q Bình Tân", "w binh hung hoa a, d binh tan"),
    ("Hiệp Bình Chánh, Thủ Đức", "w hiep binh chanh, d/w thu duc"),
    ("Hiệp Bình Phước", "w hiep binh phuoc"),
    ("phường Tân Thới Nhất, q12", "w tan thoi nhat, d 12"),
    # the same word in other letters
    ("P Tân Quí Q Tân Phú", "w tan qui, d tan phu"),
    ("Phường Bình Hưng Hoà", "w binh hung hoa"),
    ("ÐA KAO", "w da kao"),
    ("phường Ða Kao, quận 1", "w da kao, d 1"),
    ("phừơng 12", "w 12"),
    # English forms
    ("District 1", "d 1"),
    ("Dist. 1", "d 1"),
    ("Ward 12, District 10", "w 12, d 10"),
    ("12 Nguyen Hue St., Ben Nghe Ward, District 1, HCMC", "w ben nghe, d 1, c hcmc"),
    ("Binh Thanh District", "d binh thanh"),
    ("Binh Thanh Dist., Ho Chi Minh City", "d binh thanh, c ho chi minh"),
    ("Thu Duc City", "d thu duc"),
    ("Thao Dien Ward, Thu Duc City, Ho Chi Minh City, Vietnam", "w thao dien, d thu duc, c ho chi minh, v vietnam"),
    # the city and its provinces
    ("TP.HCM", "c hcm"),
    ("TPHCM", "c tphcm"),
    ("Tp. Hồ Chí Minh", "c ho chi minh"),
    ("thành phố Hồ Chí Minh - Việt Nam", "c ho chi minh, v viet nam"),
    ("Sài Gòn", "c sai gon"),
    ("phường Sài Gòn", "w sai gon"),
    ("Phường Bến Thành, Thành phố Hồ Chí Minh", "w ben thanh, c ho chi minh"),
    ("Bà Rịa - Vũng Tàu", "p ba ria vung tau"),
    ("TP. Vũng Tàu, tỉnh Bà Rịa - Vũng Tàu", "d vung tau, p ba ria vung tau"),
    ("Dĩ An, Bình Dương", "d/w di an, w/p binh duong"),
    ("tỉnh Bình Dương", "p binh duong"),
    # smaller than a ward
    ("KP. 3", "h 3"),
    ("KP3", "h 3"),
    ("Khu phố 17, Phường Bình Trị Đông", "h 17, w binh tri dong"),
    ("khu pho 3 phuong 5", "h 3, w 5"),
    ("96 Đường số 8, KP. 3, P. Linh Xuân", "h 3, w linh xuan"),
    ("tổ 5 ấp 2 xã Tân Nhựt", "h 5, h 2, w tan nhut"),
    ("Ấp Tân Tiến, xã Tân Hiệp, Hóc Môn", "h tan tien, w tan hiep, d/w hoc mon"),
    ("93/8A ấp Mỹ Hòa 1, xã Bà Điểm, huyện Hóc Môn", "h my hoa 1, w ba diem, d hoc mon"),
    ("82 đường số 9 - KP3 - phường Bình Hưng Hòa - quận Bình Tân", "h 3, w binh hung hoa, d binh tan"),
    # streets and places that bear an area's name are no areas
    ("đường Tân Sơn Nhì", ""),
    ("45 Tân Sơn Nhì", ""),
    ("45 Tân Sơn Nhì, Tân Phú", "d/w tan phu"),
    ("Lê Lợi", ""),
    ("12 Lê Lợi", ""),
    ("100 Bình Thới", ""),
    ("BHX 100 Bình Thới", ""),
    ("173b nguyen cu trinh q1", "d 1"),
    ("Tân Thới Nhất 8", ""),
    ("42E Hiệp Thành 22", ""),
    ("239-241 Hòa Bình, Phường Tân Thành, Quận Tân Phú", "w tan thanh, d tan phu"),
    ("7B (Bến xe buýt Đầm Sen) Hòa Bình, Quận 11", "d 11"),
    ("60 Tân Kỳ Tân Quý, Tân Phú", "d/w tan phu"),
    ("60 cach mang thang tam q3", "d 3"),
    ("Nguyễn Tri Phương, Quận 10", "d 10"),
    ("nguyen tri phuong quan 10", "d 10"),
    ("quán cơm Phương Nam", ""),
    ("12 Tan Thanh Street, Tan Phu District", "d tan phu"),
    ("xa lộ Hà Nội", ""),
    ("xa lo ha noi, thu duc", "d/w thu duc"),
    ("xã hội hóa", ""),
    ("Khu nhà ở xã hội Hưng Phát, Phường 6, Quận 8", "w 6, d 8"),
    ("Quân Khu 7", ""),
    ("Shop house P1.09 Vinhomes, Phường 22", "w 22"),
    ("Lô R1-72, R4-71 Khu R20, Quận 7", "d 7"),
    ("3C Đường 3/2, Phường 11, Quận 10", "w 11, d 10"),
    ("Cột điện 137 Nguyễn Văn Linh", ""),
    ("ngã tư Hàng Xanh", ""),
    ("đối diện 205 Nguyễn Văn Quá, quận 12", "d 12"),
    ("cầu Sài Gòn, hướng ra Thủ Đức", "c sai gon"),
    ("chợ Bến Thành", "w ben thanh"),
    # a letter wrong
    ("77 Trần Nhân Tôn, Phưhng 9, Quận 5", "w 9, d 5"),
    ("77 Trần Nhân Tôn, Phường 9, Quậm 5", "w 9, d 5"),
    ("12 Nguyễn Xí, Phường 26, Bình Thnh", "w 26, d binh thnh?"),
    ("Phường 5, Quận Phú Nhuận, Thành phố Hi Chí Minh", "w 5, d phu nhuan, c ho chi minh"),
    ("Phường 5, Quận Phú Nhuận, Hồ Chí Mih", "w 5, d phu nhuan, c ho chi minh"),
    ("Phường Bn Nghé, Quận 1", "w bn nghe?, d 1"),
    ("phòng 5, tầng 3", ""),
    ("Quang 1", ""),
    # other places
    ("12 Lê Lợi, Hà Nội", "e ha noi"),
    ("Phường 5, TP. Mỹ Tho, Tiền Giang", "w 5, d my tho?, e tien giang"),
    ("Quận Hải Châu, Đà Nẵng", "d hai chau?, e da nang"),
    ("", ""),
    ("   ", ""),
    ("P.", ""),
    ("Quận", ""),
    ("phường , quận ,", ""),
    ("12345", ""),
    ("🌳 đổ P.12", "w 12"),
]

SHORT = {"ward": "w", "district": "d", "city": "c", "province": "p", "elsewhere": "e", "hamlet": "h", "country": "v"}


def written(text: str) -> str:
    parts = []
    for part in parse(text, NAMES).parts:
        levels = [level for level in part.levels if level != "elsewhere" or len(part.levels) == 1]
        levels = levels[:1] if part.manner == "marked" else levels
        mark = "~" if part.initials else "" if part.known else "?"
        parts.append("/".join(SHORT[level] for level in levels) + f" {part.key}{mark}")
    return ", ".join(parts)


@pytest.mark.parametrize(("text", "expected"), FORMS, ids=[text or "nothing" for text, _ in FORMS])
def test_the_parts_of_an_address(text, expected):
    assert written(text) == expected


@pytest.mark.parametrize(("text", "expected"), FORMS[::3], ids=[text or "nothing" for text, _ in FORMS[::3]])
def test_decomposed_letters_give_the_same_parts(text, expected):
    assert written(unicodedata.normalize("NFD", text)) == expected


def test_each_part_knows_where_it_stood():
    address = parse("12 Lê Lợi, P.Bến Nghé, Quận 1, TP.HCM", NAMES)
    assert [address.text[part.start : part.end] for part in address.parts] == ["P.Bến Nghé", "Quận 1", "TP.HCM"]
    assert [part.text for part in address.parts] == ["P.Bến Nghé", "Quận 1", "TP.HCM"]


def test_the_manner_of_a_name():
    manners = {text: [part.manner for part in parse(text, NAMES).areas()] for text, _ in FORMS}
    assert manners["P.12, Q. Bình Thạnh"] == ["marked", "marked"]
    assert manners["12 Lê Lợi, Bến Thành"] == ["alone"]
    assert manners["12 Lê Lợi Bến Thành"] == ["trailing"]
    assert manners["chợ Bến Thành"] == ["landmark"]
    assert manners["Thảo Điền, Quận 2"] == ["leading", "marked"]
