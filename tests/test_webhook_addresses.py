"""Events go only where they may: public addresses, as they were checked, and the servers of their names."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from receivers import Receiver, receiving
from webhook_parts import JOB, Clock, job, tell, waiting

from trendnlp.delivery import Courier, check_target
from trendnlp.delivery.addresses import is_public
from trendnlp.errors import BadTarget
from trendnlp.store import Outbox, Store, Webhooks


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        yield store


@pytest.fixture
def hooks(store: Store) -> Webhooks:
    return Webhooks(store.database)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *((a, True) for a in ("8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1")),
        *((a, False) for a in ("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1")),
        *((a, False) for a in ("169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1")),
        *((a, False) for a in ("240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%lo", "fc00::1")),
        *((a, False) for a in ("fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1")),
        *((a, False) for a in ("2002:7f00:1::", "2002:a00:1::1", "2001:db8::1", "hooks.example", "")),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1/", "https://localhost/", "https://LOCALHOST./", "https://[::1]/", "https://0/"),
        *(
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://[::ffff:127.0.0.1]/",
            "https://10.0.0.1/",
        ),
        *("https://169.254.169.254/latest/meta-data/", "https://[64:ff9b::a9fe:a9fe]/", "http://8.8.8.8/"),
        *("https://user:pw@8.8.8.8/", "https://8.8.8.8/#x", "ftp://8.8.8.8/", "file:///etc/passwd", "https:///x"),
        *(
            "",
            "8.8.8.8",
            "https://",
            "https://nowhere.invalid/",
            "https://8.8.8.8/" + "x" * 2000,
            "https://8.8.8.8:99999/",
        ),
        *(
            "https://127.0.0.1\\@8.8.8.8/",
            "https://8.8.8.8@127.0.0.1/",
            "https://127\u30020\u30020\u30021/",
            "https://\uff11\uff12\uff17.0.0.1/",
        ),
    ],
)
def test_where_no_event_may_go_is_refused_when_it_is_named(url: str) -> None:
    with pytest.raises(BadTarget):
        check_target(url, ())
    with pytest.raises(BadTarget):
        check_target(url, ("8.8.4.4",))


def test_public_addresses_and_hosts_that_the_settings_name_are_taken() -> None:
    check_target("https://8.8.8.8/hook", ())
    check_target("https://[2606:4700::1111]:8443/hook?x=1", ())
    check_target("http://LocalHost:9/hook", ("localhost",))


def test_a_name_is_looked_up_as_the_certificate_of_its_server_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def getaddrinfo(host: object, *args: object, **kwargs: object) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    check_target("https://faß.example/", ())
    assert asked == ["xn--fa-hia.example"]  # Python alone would make it fass.example


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Make the name hooks.test stand for ``answers`` in turn, and then for the last."""
    real, left = socket.getaddrinfo, list(answers)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host in ("hooks.test", b"hooks.test"):
            host = left.pop(0) if len(left) > 1 else left[0]
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_a_name_that_turns_to_a_private_address_is_not_followed(
    store: Store, hooks: Webhooks, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it is registered, then this machine."""
    resolving(monkeypatch, "8.8.8.8", "127.0.0.1")
    url = f"https://hooks.test:{receiver.port}/"
    check_target(url, ())
    hook, _ = hooks.add(url, (JOB,), "Ann")
    tell(store, job(1))
    asyncio.run(Courier(Outbox(store.database)).send_due())
    assert waiting(hooks, hook.id)[0].error == "its host is at 127.0.0.1, which is not public"
    assert receiver.got == []


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate of hooks.test, and a server's context with it."""
    folder = tmp_path_factory.mktemp("tls")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-subj", "/CN=hooks.test", "-addext", "subjectAltName=DNS:hooks.test"]
    try:
        files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
        subprocess.run([*command, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context


def test_the_certificate_must_be_of_the_name_though_the_connection_goes_to_the_address(
    store: Store, hooks: Webhooks, tls: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    certificate, context = tls
    resolving(monkeypatch, "127.0.0.1")
    errors = []
    with receiving(tls=context) as receiver:
        for host, trusted in (("hooks.test", True), ("hooks.test", False), ("127.0.0.1", True)):
            monkeypatch.setattr(certifi, "where", lambda t=trusted: str(certificate) if t else REAL_CERTIFICATES)
            hook, _ = hooks.add(receiver.url(host, "https"), (JOB,), "Ann")
            tell(store, job(len(errors)))
            asyncio.run(Courier(Outbox(store.database), (host,), clock).send_due())
            errors.append(waiting(hooks, hook.id)[0].error)
            hooks.remove(hook.id)
        assert errors == [None, "ConnectError", "ConnectError"]
        assert [headers["host"] for _, headers, _ in receiver.got] == [f"hooks.test:{receiver.port}"]


REAL_CERTIFICATES = certifi.where()
