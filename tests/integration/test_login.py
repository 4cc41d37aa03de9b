"""Logging in: what it says and what it does not, locks, cookies, tokens, sessions, passwords."""

from __future__ import annotations

import re
import statistics
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from database import clock
from database.engine import OPERATOR, transaction
from incidents import accounts, passwords
from tests import logins

WRONG = "Tên hoặc mật khẩu không đúng."


@pytest.fixture
def staff(client, empty_database):
    logins.create("quan-tri", "administrator")
    logins.create("tho", "unit", unit_id=logins.unit("CX-1"))
    return client


def cookies(answer) -> dict[str, str]:
    return {each.partition("=")[0]: each for each in answer.headers.getlist("Set-Cookie")}


def test_the_right_password_opens_a_session_and_logging_out_ends_it(staff) -> None:
    answer = logins.log_in(staff, "quan-tri")
    assert (answer.status_code, answer.location) == (303, "/admin")
    cookie = cookies(answer)["session"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie and "Secure" not in cookie
    secret = re.match(r"session=([^;]+)", cookie)[1]
    with transaction(OPERATOR) as connection:
        kept = connection.execute(text("SELECT id FROM account_session")).scalar_one()
    assert bytes(kept) == accounts.session_id(secret) and secret.encode() not in bytes(kept)
    assert staff.get("/account").status_code == 200
    form = {"csrf_token": logins.token(staff, "/account")}
    assert staff.post("/logout", data=form, headers=logins.ORIGIN).status_code == 303
    with transaction(OPERATOR) as connection:
        assert connection.execute(text("SELECT count(*) FROM account_session")).scalar() == 0
    staff.set_cookie("session", secret)  # kept by somebody: it opens nothing any more
    assert staff.get("/account").status_code == 303


def test_behind_https_the_cookie_is_bound_to_this_host(staff) -> None:
    https = {"base_url": "https://localhost", "headers": {"Origin": "https://localhost"}}
    page = staff.get("/login", base_url="https://localhost")
    assert "__Host-login=" in page.headers["Set-Cookie"] and "Strict-Transport-Security" in page.headers
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    form = {"username": "quan-tri", "password": logins.PASSWORD, "csrf_token": token}
    answer = staff.post("/login", data=form, **https)
    assert "Secure" in cookies(answer)["__Host-session"] and "session" not in cookies(answer)
    plain = staff.post("/logout", data={}, base_url="https://localhost", headers={"Origin": "http://localhost"})
    assert plain.status_code == 403  # the same host without encryption is another origin


@pytest.mark.parametrize("case", ["password", "name", "disabled", "locked", "token", "origin"])
def test_whatever_is_wrong_is_one_and_the_same_answer(staff, case) -> None:
    def body(answer) -> str:
        return re.sub(r'(name="csrf_token"|id="username" name="username") value="[^"]*"', "", answer.text)

    usual = logins.log_in(staff, "quan-tri", "không phải mật khẩu này")
    name, password, form, headers = "quan-tri", logins.PASSWORD, {}, logins.ORIGIN
    if case == "password":
        password = "cũng không phải mật khẩu"
    elif case == "name":
        name = "khong-co-ai"
    elif case == "disabled":
        with transaction(OPERATOR) as connection:
            accounts.disable(connection, name)
    elif case == "locked":
        for _ in range(accounts.FREE_TRIES):
            logins.log_in(staff, name, "sai mật khẩu rồi")
    elif case == "token":
        form = {"csrf_token": "0" * 64}
    else:
        headers = {"Origin": "https://elsewhere.example"}
    sent = {"username": name, "password": password, "csrf_token": logins.token(staff)} | form
    answer = staff.post("/login", data=sent, headers=headers)
    assert answer.status_code == usual.status_code == 401
    assert WRONG in answer.text and body(answer) == body(usual)
    assert "session" not in cookies(answer)


def test_a_name_tried_many_times_is_locked_and_opens_again(staff) -> None:
    at = clock.now()
    with clock.frozen(at):
        for _ in range(30):
            assert logins.log_in(staff, "quan-tri", "sai mật khẩu rồi").status_code == 401
        assert logins.log_in(staff, "quan-tri").status_code == 401
        assert logins.log_in(staff, "tho").status_code == 303  # nobody else is locked out
    with clock.frozen(at + timedelta(seconds=accounts.FIRST_LOCK_S + 1)):
        assert logins.log_in(staff, "quan-tri", "sai mật khẩu rồi").status_code == 401
    with clock.frozen(at + timedelta(seconds=2 * accounts.FIRST_LOCK_S)):
        assert logins.log_in(staff, "quan-tri").status_code == 401  # the next lock is twice as long
    with clock.frozen(at + timedelta(seconds=4 * accounts.FIRST_LOCK_S)):
        staff.delete_cookie("session")
        assert logins.log_in(staff, "quan-tri").status_code == 303


def test_a_thousand_tries_never_get_through(empty_database) -> None:
    """In the database: through HTTP the address's own limit comes first."""
    logins.create("quan-tri", "administrator")
    quick = passwords.verify
    passwords.verify = lambda stored, given: given == logins.PASSWORD and stored is not None  # as if hashing were free
    try:
        tried = [logins.PASSWORD if number > 10 else "sai" for number in range(1000)]
        with clock.frozen(clock.now()):
            for password in tried:
                with transaction(accounts.LOGIN) as connection:
                    assert accounts.log_in(connection, "quan-tri", password) is None
    finally:
        passwords.verify = quick


def test_a_known_and_an_unknown_name_take_the_same_time_and_write_the_same(empty_database) -> None:
    logins.create("quan-tri", "administrator")
    spent: dict[str, list[float]] = {"quan-tri": [], "khong-co-ai": []}
    for _ in range(8):
        for name, times in spent.items():
            began = time.thread_time()
            with transaction(accounts.LOGIN) as connection:
                assert accounts.log_in(connection, name, "sai mật khẩu rồi") is None
            times.append(time.thread_time() - began)
    known, unknown = (statistics.median(times[1:]) for times in spent.values())
    assert abs(known - unknown) < 0.2 * max(known, unknown), spent
    with transaction(OPERATOR) as connection:
        rows = connection.execute(text("SELECT failed, locked_until IS NULL FROM login_attempt")).all()
    assert len(rows) == 2 and len(set(rows)) == 1


def test_a_write_with_the_session_needs_token_and_origin(staff) -> None:
    logins.log_in(staff, "quan-tri")
    token = logins.token(staff, "/account")
    stranger = {"Origin": "https://elsewhere.example"}
    body = {"channel": "web", "category": "fallen_tree", "lat": 10.7725, "lon": 106.6980}
    for headers in ({}, logins.ORIGIN, {"X-CSRF-Token": token}, stranger | {"X-CSRF-Token": token},
                    logins.ORIGIN | {"X-CSRF-Token": token[::-1]}):  # fmt: skip
        assert staff.post("/logout", headers=headers).status_code == 403, headers
        refused = staff.post("/api/v1/reports", json=body, headers=headers)
        assert refused.status_code == 403 and refused.mimetype == "application/problem+json"
    assert staff.post("/api/v1/reports", json=body, headers=logins.ORIGIN | {"X-CSRF-Token": token}).status_code == 201
    assert staff.post("/logout", headers=logins.ORIGIN | {"X-CSRF-Token": token}).status_code == 303
    assert staff.post("/api/v1/reports", json=body).status_code == 201  # without a cookie no token is needed


def test_a_call_taker_writes_down_what_came_by_telephone_and_nobody_else_does(staff) -> None:
    logins.create("tong-dai", "call_taker")
    body = {"channel": "phone", "category": "fallen_tree", "lat": 10.7725, "lon": 106.6980}

    def send(**headers: str):
        headers |= logins.ORIGIN | {"X-CSRF-Token": logins.token(staff, "/account")}
        return staff.post("/api/v1/reports", json=body, headers=headers)

    assert staff.post("/api/v1/reports", json=body).status_code == 403
    logins.log_in(staff, "tho")
    assert send().status_code == 403
    logins.log_in(staff, "tong-dai")
    first, again = send(**{"Idempotency-Key": "one"}), send(**{"Idempotency-Key": "one"})
    assert first.status_code == 201 and first.json == again.json
    with transaction(OPERATOR) as connection:
        actors = connection.execute(text("SELECT actor FROM event WHERE kind = 'report.received'")).scalars().all()
        callers = connection.execute(text("SELECT caller FROM idempotency")).scalars().all()
    assert len(actors) == 1 and re.fullmatch(r"account:\d+", actors[0]) and callers == actors


def test_the_token_of_one_session_is_none_of_another(staff, application) -> None:
    logins.log_in(staff, "quan-tri")
    other = application.test_client()
    logins.log_in(other, "tho")
    headers = logins.ORIGIN | {"X-CSRF-Token": logins.token(other, "/account")}
    assert staff.post("/logout", headers=headers).status_code == 403


def test_logging_in_again_makes_a_new_session(staff) -> None:
    first = re.match(r"session=([^;]+)", cookies(logins.log_in(staff, "quan-tri"))["session"])[1]
    second = re.match(r"session=([^;]+)", cookies(logins.log_in(staff, "quan-tri"))["session"])[1]
    assert first != second
    with transaction(accounts.LOGIN) as connection:
        assert accounts.of_session(connection, first) is None
        assert accounts.of_session(connection, second).username == "quan-tri"


def test_sessions_end_when_left_alone_and_after_a_shift(staff) -> None:
    at = clock.now()
    with clock.frozen(at):
        logins.log_in(staff, "quan-tri")
    with clock.frozen(at + timedelta(seconds=accounts.IDLE_S - 60)):
        assert staff.get("/account").status_code == 200
    with clock.frozen(at + timedelta(seconds=2 * accounts.IDLE_S - 120)):
        assert staff.get("/account").status_code == 200  # used in between
    with clock.frozen(at + timedelta(seconds=4 * accounts.IDLE_S)):
        assert staff.get("/account").status_code == 303
    with clock.frozen(at):
        logins.log_in(staff, "quan-tri")
        shift = range(1800, accounts.LONGEST_S, 1800)
    for seconds in shift:
        with clock.frozen(at + timedelta(seconds=seconds)):
            assert staff.get("/account").status_code == 200
    with clock.frozen(at + timedelta(seconds=accounts.LONGEST_S + 1)):
        assert staff.get("/account").status_code == 303


def test_one_sees_and_ends_ones_own_sessions_only(staff, application) -> None:
    logins.log_in(staff, "quan-tri")
    elsewhere, stranger = application.test_client(), application.test_client()
    logins.log_in(elsewhere, "quan-tri")
    logins.log_in(stranger, "tho")
    page = staff.get("/account").text
    (other,) = set(re.findall(r"/account/sessions/([0-9a-f]{64})", page))
    form = {"csrf_token": logins.token(stranger, "/account")}
    assert stranger.post(f"/account/sessions/{other}", data=form, headers=logins.ORIGIN).status_code == 404
    form = {"csrf_token": logins.token(staff, "/account")}
    assert staff.post(f"/account/sessions/{other}", data=form, headers=logins.ORIGIN).status_code == 303
    assert elsewhere.get("/account").status_code == 303 and staff.get("/account").status_code == 200


def test_another_password_ends_the_other_sessions(staff, application) -> None:
    logins.log_in(staff, "quan-tri")
    elsewhere = application.test_client()
    logins.log_in(elsewhere, "quan-tri")

    def change(old: str, new: str) -> int:
        form = {"old": old, "new": new, "csrf_token": logins.token(staff, "/account")}
        return staff.post("/account/password", data=form, headers=logins.ORIGIN).status_code

    assert change("sai mật khẩu rồi", "một câu dài dễ nhớ") == 422
    assert change(logins.PASSWORD, "matkhau123456") == 422
    assert elsewhere.get("/account").status_code == 200
    assert change(logins.PASSWORD, "một câu dài dễ nhớ") == 200
    assert staff.get("/account").status_code == 200 and elsewhere.get("/account").status_code == 303
    assert logins.log_in(elsewhere, "quan-tri", "một câu dài dễ nhớ").status_code == 303


def test_a_disabled_account_is_out_at_once(staff) -> None:
    logins.log_in(staff, "tho")
    with transaction(OPERATOR) as connection:
        accounts.disable(connection, "tho")
    assert staff.get("/account").status_code == 303


def test_nobody_is_led_elsewhere_by_a_link_to_the_log_in(staff) -> None:
    for said in ("//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example", "/login", "x"):
        assert logins.log_in(staff, "quan-tri", next=said).location == "/admin", said
    assert logins.log_in(staff, "quan-tri", next="/account?x=1").location == "/account?x=1"


def test_public_pages_set_no_cookie_and_are_the_same_for_all(staff) -> None:
    for path in ("/", "/report", "/r", "/api/v1/fields", "/tiles/wards.json", "/healthz", "/nowhere"):
        answer = staff.get(path)
        assert "Set-Cookie" not in answer.headers and "csrf" not in answer.text, path


def test_every_answer_carries_the_policy(staff) -> None:
    for path in ("/", "/login", "/api/v1/fields", "/tiles/wards.json", "/nowhere", "/static/css/base.css", "/admin"):
        headers = staff.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; "), path
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
    # The map's worker fetches its tiles under the policy of its own file.
    worker = staff.get("/static/vendor/maplibre-gl/maplibre-gl-worker.mjs")
    assert worker.status_code == 200 and "connect-src 'self'" in worker.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "weak",
    ["ngắn quá", "aaaaaaaaaaaaaaa", "123456789012", "qwertyuiopasdf", "Matkhau20262026", "thanhphohochiminh",
     "don-vi.cay-xanh1", "abcabcabcabc", "x" * 129],
)  # fmt: skip
def test_weak_passwords_are_refused(weak) -> None:
    with pytest.raises(passwords.WeakPassword):
        passwords.check(weak, "don-vi.cay-xanh")


def test_any_symbols_make_a_password_and_none_is_needed() -> None:
    for fine in ("con mèo trèo cây cau", "toàn chữ thường thôi", "🌳🌧🚲 ngoài phố hôm nay", passwords.make()):
        passwords.check(fine, "don-vi.cay-xanh")
        stored = passwords.hash_password(fine)
        assert stored.startswith("$argon2id$") and passwords.verify(stored, fine)
    # The same word in composed and in decomposed letters.
    assert passwords.verify(passwords.hash_password("mật khẩu dài lắm"), "mật khẩu dài lắm")
