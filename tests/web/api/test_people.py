"""Accounts, teams, broken glass and the steps of signing in by API (REQ-18)."""

from __future__ import annotations

import base64

import pytest

from qalqan.clock import wall_us
from qalqan.register import orm, people
from qalqan.register.sessions import FRESH_US
from qalqan.trust import totp

PASSWORD, NEW = "a long enough password", "биік тау аппақ қар"


@pytest.fixture
def staffed(web):
    """A supervisor of Almaty, an operative of Abai, beside the whole country's."""
    with web.database.write() as session:
        for login, role, region in (("ali", "supervisor", "KZ-75"), ("dana", "operative", "KZ-10")):
            people.add_user(session, web.keys, login, login, PASSWORD, role, region)
    for login in ("asel", "ali", "dana"):
        web.sign_in(login)
    return web


def test_steps_one_after_another(web):
    web.http.app.state.settings.second_factor = "required"
    answer = web.post("/v1/sign-in", json={"login": "asel", "password": PASSWORD}).json()
    assert answer["stage"] == "enrol"
    web.tokens["asel"] = answer["token"]
    refused = web.get("/v1/approvals", "asel")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "step")
    assert refused.json()["error"]["missing"] == "enrol"
    asked = web.post("/v1/account/totp", "asel").json()
    secret = base64.b32decode(asked["secret"].replace(" ", ""))
    step = wall_us() // totp.STEP_US
    wrong = web.post("/v1/account/totp/confirm", "asel", json={"code": "12345"})
    assert (wrong.status_code, wrong.json()["error"]["expected"]) == (422, "factor.code")
    code = totp.code(secret, step - 1)
    done = web.post("/v1/account/totp/confirm", "asel", json={"code": code}).json()
    assert (done["stage"], len(done["codes"])) == (None, 10)
    assert web.get("/v1/approvals", "asel").status_code == 401, "the old token is worth nothing"

    answer = web.post("/v1/sign-in", json={"login": "asel", "password": PASSWORD}).json()
    assert answer["stage"] == "factor"
    web.tokens["asel"] = answer["token"]
    for path, body in (("password", {"old": PASSWORD, "new": NEW}), ("totp", None)):
        assert web.post(f"/v1/account/{path}", "asel", json=body).status_code == 403
    used = web.post("/v1/sign-in/factor", "asel", json={"code": code})
    assert (used.status_code, used.json()["error"]["code"]) == (401, "code")
    now = {"code": totp.code(secret, step)}
    web.tokens["asel"] = web.post("/v1/sign-in/factor", "asel", json=now).json()["token"]
    told = web.get("/v1/account", "asel").json()
    assert (told["codes_left"], told["devices"][0]["factors"]) == (10, ["password", "totp"])
    assert web.post("/v1/account/devices/end", "asel").json()["ended"] >= 0
    mark = told["devices"][0]["mark"]
    assert web.post(f"/v1/account/devices/{mark}/end", "asel").json() == {"ended": 1}
    assert web.get("/v1/account", "asel").status_code == 401


def test_a_password_is_changed(web):
    web.sign_in("asel")
    body = {"old": PASSWORD, "new": "qwertyuiop12"}
    weak = web.post("/v1/account/password", "asel", json=body)
    assert weak.json()["error"]["expected"] == "password.guessed"
    assert "qwerty" not in weak.text
    changed = web.post("/v1/account/password", "asel", json={"old": PASSWORD, "new": NEW})
    web.tokens["asel"] = changed.json()["token"]
    assert web.get("/v1/account", "asel").status_code == 200
    proof = web.post("/v1/account/proof", "asel", json={"password": "no"})
    assert proof.status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("totp", None), ("totp/confirm", {"code": "123456"}), ("devices/end", None),
        (f"devices/{'0' * 16}/end", None),
    ],
)  # fmt: skip
def test_what_changes_an_account_wants_a_fresh_proof(web, path, body):
    web.sign_in("asel")
    with web.database.write() as session:
        session.query(orm.Session).update({"proved_us": wall_us() - FRESH_US})
    stale = web.post(f"/v1/account/{path}", "asel", json=body)
    assert (stale.status_code, stale.json()["error"]["missing"]) == (403, "proof")
    proved = web.post("/v1/account/proof", "asel", json={"password": PASSWORD})
    web.tokens["asel"] = proved.json()["token"]
    fresh = web.post(f"/v1/account/{path}", "asel", json=body)
    assert fresh.status_code in (200, 404, 422), "no such session, no such code: it was looked for"


def test_people_are_managed_within_reach(staffed):
    new = {"login": "nur", "name": "Нұр А.", "role": "expert", "region": "KZ-75"}
    given = staffed.post("/v1/people", "ali", json=new).json()["password"]
    first = staffed.post("/v1/sign-in", json={"login": "nur", "password": given}).json()
    assert first["stage"] == "password"
    assert {p["login"] for p in staffed.get("/v1/people", "ali").json()["people"]} == {"ali", "nur"}
    assert (
        staffed.post("/v1/people", "ali", json={**new, "login": "x", "region": "KZ-10"}).status_code
        == 403
    )
    assert staffed.get("/v1/people", "dana").status_code == 403
    for path, body in (
        ("role", {"role": "operator", "region": "KZ-75"}), ("password", None), ("factors", None),
        ("lock", None), ("unlock", None), ("end", None),
    ):  # fmt: skip
        for login, status in (("dana", 404), ("ali", 403)):
            answer = staffed.post(f"/v1/people/{login}/{path}", "ali", json=body)
            assert answer.status_code == status, (path, login)
    moved = staffed.post("/v1/people/dana/role", "asel", json={"role": "expert", "region": "KZ-10"})
    assert moved.json()["role"] == "expert"
    assert staffed.get("/v1/approvals", "dana").status_code == 401
    assert staffed.post("/v1/people/dana/lock", "asel").json()["active"] is False
    for path in ("password", "factors"):
        assert len(staffed.post(f"/v1/people/dana/{path}", "asel").json()["password"]) == 19
    with staffed.database.write() as session:
        session.query(orm.Session).update({"proved_us": wall_us() - FRESH_US})
    stale = staffed.post("/v1/people/dana/unlock", "asel")
    assert (stale.status_code, stale.json()["error"]["missing"]) == (403, "proof")
    token = staffed.post("/v1/account/proof", "asel", json={"password": PASSWORD}).json()["token"]
    staffed.tokens["asel"] = token
    assert staffed.post("/v1/people/dana/unlock", "asel").json()["active"] is True


def test_teams_and_glass(staffed):
    case = staffed.report().json()["case"]
    number = staffed.post("/v1/teams", "ali", json={"name": "Two regions", "days": 9}).json()["id"]
    path = f"/v1/teams/{number}"
    assert staffed.post(f"{path}/people", "ali", json={"of": "dana"}).status_code == 204
    assert staffed.post(f"{path}/cases", "ali", json={"of": case}).status_code == 204
    assert staffed.post(f"{path}/cases", "dana", json={"of": case}).status_code == 403
    (team,) = staffed.get("/v1/teams", "dana").json()["teams"]
    assert (team["people"], team["cases"]) == (["dana"], [case])
    assert staffed.post(f"{path}/end", "ali").status_code == 204
    assert staffed.get("/v1/teams", "dana").json() == {"teams": []}

    broken = staffed.post(
        "/v1/glass", "dana", json={"case": case, "reason": "one drop, two cities"}
    )
    assert broken.json()["case"] == case
    assert staffed.get("/v1/glass", "dana").status_code == 403
    (waiting,) = staffed.get("/v1/glass", "ali").json()["glass"]
    assert waiting["login"] == "dana"
    judged = staffed.post(f"/v1/glass/{waiting['id']}", "ali", json={"verdict": "right"})
    assert judged.status_code == 204
    assert staffed.get("/v1/glass", "asel").json() == {"glass": []}
