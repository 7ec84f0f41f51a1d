"""Who may use the service: keys, roles, sessions, and a machine without keys."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient
from lxml import html
from unloaded import Unloaded, add_key, bearer, store_of, unloaded
from web_client import put, serving

from trendnlp.access import Role
from trendnlp.settings import Settings
from trendnlp.store import Access, FindingFilter
from trendnlp.web.app import create_app
from trendnlp.web.permissions import RULES, rule_of

ORIGIN = {"Origin": "http://127.0.0.1"}
PAGE = {"accept": "text/html"}
PAST = "2020-01-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with unloaded(tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture(scope="module")
def keys(client: TestClient) -> dict[str, str]:
    return {role: add_key(client, f"the {role}", role) for role in Role}


@pytest.fixture
def signed_in(client: TestClient, keys: dict[str, str]) -> Iterator[TestClient]:
    """The client with the cookie of a reviewer."""
    assert sign_in(client, keys[Role.REVIEW]).status_code == 303
    yield client
    client.cookies.clear()


def sign_in(client: TestClient, key: str, to: str = "/", address: str = "") -> httpx.Response:
    answer: Any = client.post(f"{address}/login", data={"key": key, "to": to}, headers=ORIGIN, follow_redirects=False)
    return answer  # type: ignore[no-any-return]


def described(client: TestClient, key: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of the description: method, path with something in its places, and what is said of it."""
    for path, methods in client.get("/openapi.json", headers=bearer(key)).json()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path.replace("{", "").replace("}", ""), operation


def test_without_a_key_nothing_is_answered_but_health_and_the_sign_in(client: TestClient, keys: dict[str, str]) -> None:
    open_paths = {"/healthz", "/readyz"}
    for method, path, operation in described(client, keys[Role.ADMIN]):
        for headers in ({}, bearer("tnlp_0_0"), {"Authorization": "Basic QW5uOng="}, {"Cookie": "trendnlp_session=x"}):
            answer = client.request(method, path, headers=headers)
            assert (answer.status_code == 401) is (path not in open_paths), (method, path)
            if answer.status_code == 401:
                assert answer.json()["type"] == "urn:trendnlp:problem:unauthenticated"
                challenge = 'Bearer realm="trendnlp"' + (', error="invalid_token"' if headers else "")
                assert answer.headers["www-authenticate"] == challenge
        assert (operation["security"] == []) is (path in open_paths)
    statuses = {path: client.get(path, headers=PAGE, follow_redirects=False).status_code for path in PAGES}
    assert statuses == dict.fromkeys(PAGES, 303) | {"/login": 200, "/static/trendnlp.css": 200}
    for path in ("/openapi.json", "/metrics", "/v1/nothing", "/nothing", "//v1/documents", "/V1/documents"):
        assert client.get(path).status_code == 401, path


REVIEWERS = {"review", "adjudicate", "admin"}
READERS = {"submit", *REVIEWERS}
PAGES = ("/", "/documents", "/documents/x", "/findings/x", "/docs", "/login", "/static/trendnlp.css")


@pytest.mark.parametrize(
    ("method", "path", "roles"),
    [
        ("GET", "/v1/documents", READERS),
        ("GET", "/", READERS),
        ("GET", "/openapi.json", READERS),
        ("POST", "/v1/analyze", READERS),
        ("POST", "/v1/compare", READERS),
        ("POST", "/v1/documents", {"submit", "admin"}),
        ("DELETE", "/v1/documents/x", {"submit", "admin"}),
        ("POST", "/v1/jobs", {"submit", "admin"}),
        ("POST", "/v1/jobs/x/cancel", {"submit", "admin"}),
        ("POST", "/v1/jobs/x/retry", {"submit", "admin"}),
        ("GET", "/v1/jobs/x/events", READERS),
        ("POST", "/v1/runs", {"submit", "admin"}),
        ("GET", "/v1/runs", READERS),
        ("GET", "/v1/export", READERS),
        ("GET", "/v1/queue", READERS),
        ("POST", "/v1/queue/auto", REVIEWERS),
        ("POST", "/v1/queue/assignments", REVIEWERS),
        ("POST", "/upload", {"submit", "admin"}),
        ("POST", "/jobs", {"submit", "admin"}),
        ("POST", "/jobs/x/cancel", {"submit", "admin"}),
        ("POST", "/settings", READERS),
        ("POST", "/v1/reviews", REVIEWERS),
        ("POST", "/v1/reviews/x/undo", REVIEWERS),
        ("POST", "/v1/reviews/bulk", REVIEWERS),
        ("GET", "/metrics", {"admin"}),
        ("GET", "/v1/webhooks", {"admin"}),
        ("POST", "/v1/webhooks", {"admin"}),
        ("GET", "/v1/webhooks/x/deliveries", {"admin"}),
        ("POST", "/v1/something-new", {"admin"}),
        ("DELETE", "/v1/documentsx", {"admin"}),
        ("PATCH", "/v1/findings/x", {"admin"}),
    ],
)
def test_each_role_may_do_its_own(
    client: TestClient, keys: dict[str, str], method: str, path: str, roles: set[str]
) -> None:
    answers = {role: client.request(method, path, headers=bearer(keys[role])) for role in Role}
    assert {role for role, answer in answers.items() if answer.status_code != 403} == roles
    for role, answer in answers.items():
        assert answer.status_code != 401
        if role not in roles:
            assert answer.json()["type"] == "urn:trendnlp:problem:forbidden"
            assert answer.json()["detail"].endswith(f"which the key of the {role} has not.")


def test_every_operation_that_writes_is_named_in_the_table(client: TestClient, keys: dict[str, str]) -> None:
    """What is not is for admins alone, which should be meant and not come of itself."""
    writes = [(m, p) for m, p, _ in described(client, keys[Role.ADMIN]) if m != "GET"]
    assert len(writes) > 5 and [w for w in writes if rule_of(*w) is RULES[-1]] == []


def test_a_key_that_is_revoked_or_expired_is_refused_at_once(client: TestClient) -> None:
    key = add_key(client, "Bob", Role.SUBMIT)
    assert client.get("/v1/documents", headers=bearer(key)).status_code == 200
    access = Access(store_of(client).database)
    access.revoke(next(k.id for k in access.every() if k.name == "Bob"))
    assert client.get("/v1/documents", headers=bearer(key)).status_code == 401
    assert sign_in(client, key).status_code == 401
    expired = add_key(client, "Eve", Role.SUBMIT, expires=PAST)
    assert client.get("/v1/documents", headers=bearer(expired)).status_code == 401


def test_the_last_use_of_a_key_is_noted(client: TestClient) -> None:
    key = add_key(client, "Carol", Role.SUBMIT)
    access = Access(store_of(client).database)
    assert [k.last_used for k in access.every() if k.name == "Carol"] == [None]
    client.get("/v1/documents", headers=bearer(key))
    deadline = time.monotonic() + 10
    while (used := [k.last_used for k in access.every() if k.name == "Carol"]) == [None]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert str(used[0]).endswith("+00:00")


def test_a_browser_is_led_to_the_sign_in_and_back(client: TestClient, keys: dict[str, str]) -> None:
    asked = client.get("/documents?cursor=a%26b", headers=PAGE, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/login?to=%2Fdocuments%3Fcursor%3Da%2526b")
    form = html.document_fromstring(client.get(asked.headers["location"], headers=PAGE).text).forms[0]
    assert (form.action, form.method, form.fields["to"]) == ("/login", "POST", "/documents?cursor=a%26b")
    done = sign_in(client, keys[Role.REVIEW], form.fields["to"])
    assert (done.status_code, done.headers["location"]) == (303, "/documents?cursor=a%26b")
    page = client.get("/documents", headers=PAGE)
    assert page.status_code == 200
    assert [form.action for form in html.document_fromstring(page.text).forms][:1] == ["/logout"]
    assert "the review" in page.text and keys[Role.REVIEW] not in page.text
    assert client.get("/login", headers=PAGE, follow_redirects=False).headers["location"] == "/"
    client.cookies.clear()


def test_the_session_cookie_is_out_of_reach(client: TestClient, keys: dict[str, str]) -> None:
    def cookie(address: str = "") -> set[str]:
        headers = {"Origin": address or "http://127.0.0.1"}
        answer = client.post(f"{address}/login", data={"key": keys["admin"]}, headers=headers, follow_redirects=False)
        client.cookies.clear()
        name, *rest = answer.headers["set-cookie"].split("; ")
        assert name.startswith("trendnlp_session=") and keys["admin"] not in name
        return set(rest)

    always = {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"}
    assert cookie() == always
    assert cookie("https://127.0.0.1") == always | {"Secure"}


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "", "/a\r\nX: y", "/\t/evil.example"]
)
def test_the_sign_in_leads_nowhere_else(client: TestClient, keys: dict[str, str], to: str) -> None:
    done = sign_in(client, keys[Role.REVIEW], to)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert client.get("/login", params={"to": to}, headers=PAGE, follow_redirects=False).headers["location"] == "/"
    client.cookies.clear()


def test_a_wrong_key_does_not_sign_in(client: TestClient) -> None:
    for key in ("", "tnlp_x_y", "<script>", "x" * 5000):
        answer = sign_in(client, key)
        assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
        assert "This is no key that works." in answer.text and "<script>" not in answer.text
    assert client.post("/login", json={"key": "x"}).status_code == 415
    large = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/login", content=b"key=" + b"x" * 20_000, headers=large).status_code == 413


def test_who_signs_out_is_out_whoever_kept_the_cookie(signed_in: TestClient) -> None:
    kept = dict(signed_in.cookies)
    assert signed_in.get("/documents", headers=PAGE, follow_redirects=False).status_code == 200
    out = signed_in.post("/logout", headers=ORIGIN, follow_redirects=False)
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    assert not dict(signed_in.cookies)
    cookie = {"Cookie": f"trendnlp_session={kept['trendnlp_session']}"}
    assert signed_in.get("/v1/documents", headers=cookie).status_code == 401


def test_a_session_writes_for_pages_of_its_own_origin_alone(signed_in: TestClient) -> None:
    """The browser sends the cookie by itself: so the origin must be told, and be this service's."""

    def statuses(scheme: str, *origins: str | None) -> list[int]:
        cookie = {"Cookie": f"trendnlp_session={signed_in.cookies['trendnlp_session']}"}
        return [
            signed_in.post(
                f"{scheme}://127.0.0.1/v1/reviews/x/undo",
                headers=cookie | ({"Origin": origin} if origin else {}),
                json={},
            ).status_code
            for origin in origins
        ]

    foreign = ("https://evil.example", "null", "http://127.0.0.1.evil.example", "http://127.0.0.1:81", "http://[")
    assert statuses("http", "http://127.0.0.1") == [503]  # let in: the models are not loaded here
    assert statuses("http", None, *foreign) == [403] * 6
    # a page that came without TLS may be anyone's; where a proxy ended the TLS the service sees none
    assert statuses("https", "https://127.0.0.1", "http://127.0.0.1") == [503, 403]
    assert statuses("http", "https://127.0.0.1") == [503]
    assert signed_in.get("/v1/documents", headers={"Origin": "https://evil.example"}).status_code == 200


def test_a_session_has_the_roles_of_its_key(signed_in: TestClient) -> None:
    assert signed_in.get("/v1/webhooks").status_code == 403
    assert signed_in.delete("/v1/documents/x", headers=ORIGIN).status_code == 403


def test_every_answer_has_the_security_headers(client: TestClient, keys: dict[str, str]) -> None:
    answers = [
        client.request(method, path, headers=headers, follow_redirects=False)
        for method, path, _ in described(client, keys[Role.ADMIN])
        for headers in ({}, bearer(keys[Role.ADMIN]), bearer(keys[Role.REVIEW]))
    ]
    answers += [client.get(path, headers=headers, follow_redirects=False) for path in PAGES for headers in ({}, PAGE)]
    answers += [client.head("/healthz"), client.get("/static/none"), sign_in(client, "x")]
    answers += [client.put("/v1/documents", headers=bearer(keys[Role.ADMIN]))]
    answers += [client.get("/healthz", headers={"host": "evil.example"})]
    answers += [client.post("/v1/documents", headers={"origin": "https://evil.example"})]
    answers += [client.post("/v1/documents", headers={"content-length": "9" * 30})]
    assert {a.status_code for a in answers} >= {200, 303, 401, 403, 404, 405, 413, 421, 503}
    wanted = {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        "cache-control": "no-store",
    }
    for answer in answers:
        assert {name: answer.headers.get(name) for name in wanted} == wanted, answer.url
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy and "*" not in policy
        assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy and "base-uri 'none'" in policy
        assert "access-control-allow-origin" not in answer.headers


def test_without_keys_this_machine_may_everything_and_no_other_anything(tmp_path: Path) -> None:
    with unloaded(tmp_path, hosts=("192.168.0.7", "trends.example")) as client:
        for path in ("/v1/documents", "/v1/webhooks", "/", "/openapi.json"):
            assert client.get(path).status_code == 200
        assert client.get("/login", headers=PAGE, follow_redirects=False).headers["location"] == "/"
        # the connection went to another address of this machine than loopback
        for path in ("/v1/documents", "/", "/metrics"):
            answer = client.get(f"http://192.168.0.7{path}")
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:trendnlp:problem:keys-needed")
        assert client.get("http://192.168.0.7/healthz").status_code == 200
        # a header that another server would look at changes nothing
        assert client.get("/v1/documents", headers={"X-Forwarded-For": "8.8.8.8"}).status_code == 200
        add_key(client, "Ann", Role.SUBMIT)
        assert client.get("/v1/documents").status_code == 401
        assert client.get("http://192.168.0.7/v1/documents").status_code == 401


def test_a_proxy_is_let_in_without_keys_under_the_name_that_was_given_for_it(tmp_path: Path) -> None:
    with unloaded(tmp_path, hosts=("trends.example",)) as client:
        app = client.app
        for host, status in (("127.0.0.1", 403), ("trends.example", 200)):
            far = TestClient(app, "http://127.0.0.1", client=("203.0.113.9", 1234))
            assert far.get("/v1/documents", headers={"host": host}).status_code == status


def test_where_keys_are_required_nobody_is_answered_until_there_is_one(tmp_path: Path) -> None:
    with unloaded(tmp_path, require_keys=True) as client:
        assert [client.get(path).status_code for path in ("/v1/documents", "/", "/healthz")] == [401, 401, 200]
        led = client.get("/documents", headers=PAGE)
        assert (led.status_code, led.url.path, "has none yet" in led.text) == (200, "/login", True)
        wrong = client.post("/login", data={"key": "x"}, headers=ORIGIN | PAGE)
        assert (wrong.status_code, "has none yet" in wrong.text) == (401, True)
        key = add_key(client, "Ann", Role.SUBMIT)
        assert client.get("/v1/documents", headers=bearer(key)).status_code == 200
        assert "has none yet" not in client.get("/login").text


def test_the_sign_in_works_where_the_service_is_mounted_under_a_path(tmp_path: Path) -> None:
    with unloaded(tmp_path) as plain:
        key = add_key(plain, "Ann", Role.SUBMIT)
        client = TestClient(plain.app, "http://127.0.0.1", root_path="/trends", client=("127.0.0.1", 50000))
        asked = client.get("/trends/documents", headers=PAGE, follow_redirects=False)
        assert asked.headers["location"] == "/trends/login?to=%2Fdocuments"
        assert client.get("/trends/static/trendnlp.css").status_code == 200
        form = {"key": key, "to": "/documents"}
        done = client.post("/trends/login", data=form, headers=ORIGIN, follow_redirects=False)
        assert (done.status_code, done.headers["location"]) == (303, "/trends/documents")
        assert "Path=/trends;" in done.headers["set-cookie"]
        assert client.get("/trends/documents", headers=PAGE).status_code == 200


def own_address() -> str:
    """An address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no network")
        return str(probe.getsockname()[0])


def test_another_server_that_listens_everywhere_answers_nobody_else_without_keys(tmp_path: Path) -> None:
    """``uvicorn service:app --host 0.0.0.0`` passes by the check of ``trendnlp serve``."""
    address = own_address()
    app = create_app(Settings(home=tmp_path, hosts=(address,)), Unloaded.open)
    server = uvicorn.Server(uvicorn.Config(app, host="0.0.0.0", port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(trust_env=False) as plain:
            asked = [plain.get(f"http://{host}:{port}/v1/documents") for host in ("127.0.0.1", address)]
            assert [answer.status_code for answer in asked] == [200, 403]
            key = Access(app.state.workspace.store.database).add("Ann", (Role.SUBMIT,))[1]
            answer = plain.get(f"http://{address}:{port}/v1/documents", headers=bearer(key))
            assert answer.status_code == 200
    finally:
        server.should_exit = True
        thread.join()


def test_a_decision_carries_the_name_of_the_key(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        put(client, "Costs rise. Demand grows.", kinds=("driver", "trend"))
        head = store_of(client).findings(FindingFilter()).items[0].head
        decision = {"action": "head", "statements": [head]}
        nobody = client.post("/v1/reviews", json=decision)
        assert (nobody.status_code, [e["pointer"] for e in nobody.json()["errors"]]) == (422, ["#/by"])
        key = bearer(add_key(client, "Ann Example", Role.REVIEW))
        for said in ({}, {"by": "Ann Example"}):
            assert client.post("/v1/reviews", json=decision | said, headers=key).json()["by"] == "Ann Example"
        other = client.post("/v1/reviews", json=decision | {"by": "Bob"}, headers=key)
        assert (other.status_code, other.json()["type"]) == (403, "urn:trendnlp:problem:other-author")
        made = client.get("/v1/reviews", headers=key).json()["items"]
        assert [review["by"] for review in made] == ["Ann Example"] * 2
        undo = client.post(f"/v1/reviews/{made[0]['id']}/undo", json={"by": "Bob"}, headers=key)
        assert undo.status_code == 403
        undo = client.post(f"/v1/reviews/{made[0]['id']}/undo", json={}, headers=key)
        assert (undo.status_code, undo.json()["by"]) == (201, "Ann Example")
