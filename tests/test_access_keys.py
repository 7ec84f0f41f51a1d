"""API keys: made once, shown once, kept as a digest; and the command that makes them."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from commands import records, run

from trendnlp.access import ROLES, Principal, Role, digest_of, id_of, new_key
from trendnlp.errors import NotFound
from trendnlp.store import Access, Store

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}")


def access(store: Store, now: datetime = NOON) -> Access:
    return Access(store.database, lambda: now)


def test_a_key_stands_for_its_name_and_roles_until_it_is_revoked(store: Store) -> None:
    made, secret = access(store).add("Ann", (Role.REVIEW, Role.SUBMIT))
    other, _ = access(store).add("Ann", (Role.ADMIN,))
    assert access(store).principal(secret) == Principal("Ann", frozenset((Role.REVIEW, Role.SUBMIT)), made.id)
    assert [(key.id, key.prefix) for key in access(store).every()] == [
        (made.id, f"tnlp_{made.id}_"),
        (other.id, f"tnlp_{other.id}_"),
    ]
    assert access(store).revoke(made.id).revoked == "2026-05-04T12:00:00+00:00"
    assert access(store, datetime(2027, 1, 1, tzinfo=UTC)).revoke(made.id).revoked == "2026-05-04T12:00:00+00:00"
    assert access(store).principal(secret) is None
    with pytest.raises(NotFound):
        access(store).revoke("000000000000")


def test_a_key_works_until_the_moment_at_which_it_expires(store: Store) -> None:
    _, secret = access(store).add("Ann", (Role.SUBMIT,), "2026-05-05T00:00:00+00:00")
    token = access(store).open_session(secret)
    assert token is not None
    for now, works in ((datetime(2026, 5, 4, 23, 59, 59, tzinfo=UTC), True), (datetime(2026, 5, 5, tzinfo=UTC), False)):
        assert (access(store, now).principal(secret) is not None) is works
        assert (access(store, now).of_session(token) is not None) is works
        assert (access(store, now).open_session(secret) is not None) is works


def test_who_signs_in_with_no_key_waits_for_no_writer_and_keeps_none_waiting(store: Store, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}") as other, other.database.writing():
        assert access(store).open_session(new_key()[1]) is None


def test_a_session_ends_after_a_working_day_by_itself_and_with_its_key(store: Store) -> None:
    key, secret = access(store).add("Ann", (Role.SUBMIT,))
    tokens = [access(store).open_session(secret) for _ in range(3)]
    assert None not in tokens and len(set(tokens)) == 3
    first, second, _ = map(str, tokens)
    assert access(store, datetime(2026, 5, 4, 23, 59, 59, tzinfo=UTC)).of_session(first) is not None
    assert access(store, datetime(2026, 5, 5, tzinfo=UTC)).of_session(first) is None
    access(store).close_session(first)
    assert [access(store).of_session(token) is None for token in (first, second)] == [True, False]
    access(store).revoke(key.id)
    assert access(store).of_session(second) is None


def test_neither_keys_nor_tokens_are_in_the_database(store: Store, tmp_path: Path) -> None:
    key, secret = access(store).add("Ann", (Role.SUBMIT,))
    token = access(store).open_session(secret)
    store.close()
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert key.id.encode() in data and b"Ann" in data
    assert secret.split("_", 2)[2].encode() not in data and str(token).encode() not in data
    (stored,) = sqlite3.connect(tmp_path / "store.sqlite").execute("SELECT digest FROM api_keys").fetchone()
    assert stored == digest_of(secret)


def test_what_only_looks_like_a_key_is_none(store: Store) -> None:
    key, secret = access(store).add("Ann", (Role.SUBMIT,))
    forged = [
        *("", "tnlp", "tnlp__", f"tnlp_{key.id}", f"tnlp_{key.id}_", secret[:-1], secret + "A", secret.upper()),
        *(f" {secret}", secret.replace("tnlp", "TNLP"), f"tnlp_{key.id}_{digest_of(secret)}", f"{secret}é", "é" * 99),
        *(f"tnlp_{'0' * 12}_{secret.split('_', 2)[2]}", "tnlp_'_or_1=1", "x" * 10_000),
    ]
    assert [text for text in forged if access(store).principal(text) or access(store).open_session(text)] == []
    assert access(store).of_session(secret) is None and access(store).of_session(digest_of(secret)) is None


def test_keys_are_random_and_know_their_id() -> None:
    made = [new_key() for _ in range(200)]
    assert len({secret for _, secret in made}) == 200
    assert all(id_of(secret) == id and re.fullmatch(r"tnlp_[0-9a-f]{12}_[\w-]{43}", secret) for id, secret in made)


def test_the_service_is_guarded_from_its_first_key_on_whatever_becomes_of_it(store: Store) -> None:
    assert not access(store).guarded()
    key, _ = access(store).add("Ann", (Role.SUBMIT,), "2020-01-01T00:00:00+00:00")
    assert access(store).guarded()
    access(store).revoke(key.id)
    assert access(store).guarded()


def test_keys_are_made_listed_and_revoked_on_the_command_line(home: Path) -> None:
    added = run("keys", "add", "Ann Example", "--role", "review", "--role", "submit", "--expires", "2999-01-31")
    secret = added.stdout.strip()
    id = id_of(secret)
    assert (added.exit_code, id is not None) == (0, True)
    assert added.stderr == f"{id}: Ann Example, review, submit. The key is not shown again.\n"
    listed = run("keys", "list", "--format", "jsonl")
    (key,) = records(listed.stdout)
    assert secret not in listed.stdout and secret not in run("keys", "list").stdout
    assert {**key, "created": ""} == {
        **{"id": id, "name": "Ann Example", "roles": ["review", "submit"], "prefix": f"tnlp_{id}_", "created": ""},
        **{"expires": "2999-01-31T00:00:00+00:00", "revoked": None, "last_used": None},
    }
    assert run("keys", "revoke", str(id)).exit_code == 0
    assert json.loads(run("keys", "list", "--format", "jsonl").stdout)["revoked"] is not None
    wrong = [
        *(("Ann",), ("Ann", "--role", "owner"), (" ", "--role", "admin"), ("A\nB", "--role", "admin")),
        *(("Ann", "--role", "admin", "--expires", when) for when in ("soon", "2020-01-01", "2999-02-30")),
    ]
    assert [run("keys", "add", *arguments).exit_code for arguments in wrong] == [2] * len(wrong)
    assert run("keys", "revoke", "000000000000").exit_code == 3


def test_every_role_is_explained() -> None:
    assert set(ROLES) == set(Role)
    assert {role: [Principal("x", frozenset((role,))).may(other) for other in (None, *Role)] for role in Role} == {
        Role.SUBMIT: [True, True, False, False, False],
        Role.REVIEW: [True, False, True, False, False],
        Role.ADJUDICATE: [True, False, True, True, False],
        Role.ADMIN: [True, True, True, True, True],
    }


def test_with_a_key_the_service_may_listen_for_other_machines(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listened: list[str] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda server: listened.append(server.config.host))
    refused = run("serve", "--host", "0.0.0.0")
    assert (refused.exit_code, listened) == (2, [])
    assert "`trendnlp keys add`" in refused.stderr
    run("keys", "add", "Ann", "--role", "admin")
    assert (run("serve", "--host", "0.0.0.0").exit_code, listened) == (0, ["0.0.0.0"])


def test_where_keys_are_required_the_service_may_be_started_before_the_first(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listened: list[str] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda server: listened.append(server.config.host))
    monkeypatch.setenv("TRENDNLP_REQUIRE_KEYS", "yes")
    assert run("serve", "--host", "0.0.0.0").exit_code == 2
    monkeypatch.setenv("TRENDNLP_REQUIRE_KEYS", "1")
    assert (run("serve", "--host", "0.0.0.0").exit_code, listened) == (0, ["0.0.0.0"])
