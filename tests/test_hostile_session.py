"""What a session with hostile users leaves behind: no key or text in the log, no file by the names they gave."""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from commands import plain_environment

from trendnlp.access import Role
from trendnlp.store import Access, Store

LOADING_SECONDS = 120
MARK = f"pineapple-{secrets.token_hex(4)}"  # in every text and name that is sent
TEXT = f"High costs keep the clinics of {MARK} from buying lifts. Demand in {MARK} grows because nurses are scarce."


@dataclass
class Service:
    """``trendnlp serve`` in a process of its own, all of whose files are below ``folder``."""

    folder: Path
    address: str = ""
    lines: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.address, headers=headers, trust_env=False, timeout=LOADING_SECONDS)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Service(tmp_path_factory.mktemp("service"))
    for name in ("home", "tmp", "cwd"):
        (service.folder / name).mkdir()
    with Store.open(f"sqlite:///{service.folder / 'home' / 'trendnlp.sqlite'}") as store:
        service.keys = {role: Access(store.database).add(f"the {role}", (role,))[1] for role in Role}
    environment = plain_environment(
        TRENDNLP_HOME=str(service.folder / "home"), TMPDIR=str(service.folder / "tmp"), PYTHONUNBUFFERED="1"
    )
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", "trendnlp", "serve", "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=service.folder / "cwd", env=environment, **pipes) as process:  # type: ignore[call-overload]
        reader = threading.Thread(target=lambda: service.lines.extend(process.stdout))
        reader.start()
        try:
            wait_until_ready(service)
            yield service
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(LOADING_SECONDS)
            reader.join()


def wait_until_ready(service: Service) -> None:
    deadline = time.monotonic() + LOADING_SECONDS
    while not service.address:
        assert time.monotonic() < deadline, service.lines
        found = re.search(r"http://127\.0\.0\.1:\d+", "".join(service.lines))
        service.address = found.group() if found else ""
        time.sleep(0.1)
    with service.client() as client:
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < deadline, service.lines
            time.sleep(0.2)


def hostile_uploads(client: httpx.Client) -> list[int]:
    """Files under names that lead out of any folder, damaged ones among them."""
    bodies = {
        f"../../{MARK}.sh": TEXT.encode(),
        f"/etc/cron.d/{MARK}": f"{TEXT} Again.".encode(),
        f"..\\..\\{MARK}.exe": b"%PDF-1.7 " + TEXT.encode() + b"\x00\x01",
        f"{MARK}.docx": b"PK\x03\x04" + TEXT.encode() * 20,
        f"{MARK}\r\nX: y.html": f"<p>{TEXT} Thrice.<script>{MARK}</script>".encode(),
    }
    return [client.post("/v1/documents", files={"file": (name, data)}).status_code for name, data in bodies.items()]


def test_the_log_holds_no_key_no_token_and_no_text(service: Service) -> None:
    key, admin = service.keys[Role.SUBMIT], service.keys[Role.ADMIN]
    wrong = admin[:-4] + "XXXX"
    with service.client(key) as client:
        assert hostile_uploads(client) == [201, 201, 422, 422, 201]
        assert client.post("/v1/analyze", json={"text": TEXT}).status_code == 200
        assert client.post("/v1/analyze", json={"text": TEXT, MARK: TEXT}).status_code == 422
        assert client.post("/v1/analyze", content=b'{"text": "' + TEXT.encode()).status_code in (415, 422)
        assert client.post("/v1/webhooks", json={"url": f"https://{MARK}.example/"}).status_code == 403
        assert client.get("/", headers={"accept": "text/html"}).status_code == 200
    with service.client(admin) as client:
        hook = client.post("/v1/webhooks", json={"url": "https://8.8.8.8/", "events": ["job.finished"]}).json()
    with service.client(wrong) as client:
        assert client.get("/v1/documents").status_code == 401
    with service.client() as client:
        origin = {"Origin": service.address}
        assert client.post("/login", data={"key": wrong}, headers=origin).status_code == 401
        assert client.post("/login", data={"key": admin}, headers=origin).status_code == 303
        token = client.cookies["trendnlp_session"]
        assert client.get("/documents", headers={"accept": "text/html"}).status_code == 200
        assert client.post("/logout", headers=origin).status_code == 303
    log = "".join(service.lines)
    assert "/v1/analyze" in log  # so that it is the log that is looked at
    secret_parts = [k.split("_", 2)[2] for k in (*service.keys.values(), wrong)]
    for secret in (*secret_parts, token, hook["secret"], MARK, "nurses are scarce"):
        assert secret not in log


def test_no_file_has_a_name_that_a_user_gave(service: Service) -> None:
    with service.client(service.keys[Role.SUBMIT]) as client:
        assert set(hostile_uploads(client)) <= {200, 201, 422}
    names = [path.name for path in service.folder.rglob("*")]
    assert "trendnlp.sqlite" in names and [name for name in names if MARK in name] == []
    assert not Path(f"/etc/cron.d/{MARK}").exists()
