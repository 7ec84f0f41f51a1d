"""The container, compose and unit files: what they name exists, and what they promise is set."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from commands import plain_environment, start

from trendnlp.cli import app
from trendnlp.settings import Settings

ROOT = Path(__file__).parents[1]
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
UNITS = sorted((ROOT / "deploy").glob("*.service"))


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, with what follows each on one line."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest) for name, rest in lines]


def of(wanted: str) -> list[str]:
    return [rest for name, rest in instructions() if name == wanted]


def copied() -> list[str]:
    """What is copied from the checkout."""
    return [source for rest in of("COPY") if "--from" not in rest for source in shlex.split(rest)[:-1]]


def reaches_builder(path: str) -> bool:
    """Whether .dockerignore lets a path through: the last line that fits decides."""
    let = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!")
            fits = fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(path, f"{pattern}/*")
            let = line.startswith("!") if fits else let
    return let


def check_settings(given: dict[str, str]) -> Settings:
    """The settings of an environment, values that are put in when it starts as an address; raises SettingsError."""
    return Settings.from_env({name: re.sub(r"\$\{.*?\}", "x", value) for name, value in given.items()})


def test_what_the_image_is_built_of_is_there_and_no_more() -> None:
    assert set(copied()) >= {"constraints.txt", "pyproject.toml", "models", "src"}
    for name in copied():
        assert (ROOT / name).exists() and reaches_builder(name), name
    for name in (".git", ".venv", "corpus", ".env", "models/.work/x", "tests", "src/trendnlp/__pycache__/x.pyc"):
        assert not reaches_builder(name), name
    extras = re.search(r'"\.\[(.*)\]"', " ".join(of("RUN")))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert extras and set(extras[1].split(",")) <= set(project["optional-dependencies"])
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().split() if "==" in line)
    torch = set(re.findall(r"torch==([\d.]+\d)", " ".join(of("RUN"))))
    assert torch == {"2.13.0"} and pinned.get("torch", "2.13.0").split("+")[0] in torch
    assert all("constraints.txt" in run for run in of("RUN") if '".[' in run)


def test_the_image_runs_the_service_as_nobody_in_particular() -> None:
    assert of("USER") == ["trendnlp"] and of("VOLUME") == ["/var/lib/trendnlp"] and of("STOPSIGNAL") == ["SIGTERM"]
    names = [name for name, _ in instructions()]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name in ("RUN", "COPY"))
    assert json.loads(of("ENTRYPOINT")[0]) == ["trendnlp"]
    assert json.loads(of("CMD")[0])[0] in COMMANDS
    environment = dict(pair.split("=", 1) for rest in of("ENV") for pair in shlex.split(rest))
    assert str(check_settings({k: v for k, v in environment.items() if k.startswith("TRENDNLP_")}).home) == (
        "/var/lib/trendnlp"
    )
    assert not re.search(r"(?i)(password|secret|token)\s*=", (ROOT / "Dockerfile").read_text("utf-8"))


def test_the_health_check_asks_whether_the_service_is_ready() -> None:
    command = json.loads(of("HEALTHCHECK")[0].split("CMD", 1)[1])
    assert command[:2] == ["python", "-c"] and "/readyz" in command[2]
    dead = command[2].replace(":8000", ":1")
    assert start("-c", dead).code == 1
    compile(command[2], "healthcheck", "exec")


def test_the_package_can_be_built_of_what_is_copied(tmp_path: Path) -> None:
    """As ``pip install .`` does it, without fetching anything."""
    pytest.importorskip("hatchling", reason="the build backend is fetched for a build, and not installed here")
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", "out", "."]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=plain_environment())
    assert len(list((tmp_path / "out").glob("trendnlp-*.whl"))) == 1


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8")))


def test_compose_starts_the_parts_in_their_order(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"db", "migrate", "api", "worker"}
    assert services["db"]["image"].startswith("pgvector/pgvector:pg")
    assert services["db"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("api", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    named = {volume.split(":")[0] for s in services.values() for volume in s.get("volumes", [])}
    assert named == set(compose["volumes"])


def test_compose_opens_nothing_and_holds_no_secret(compose: dict[str, Any]) -> None:
    ours = [s for s in compose["services"].values() if s["image"] == "trendnlp"]
    assert len(ours) == 3
    for service in ours:
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        seconds = int(service["stop_grace_period"].removesuffix("s"))
        assert seconds > Settings().stop_seconds
        assert "${TRENDNLP_DB_PASSWORD:?" in service["environment"]["TRENDNLP_DATABASE_URL"]
    ports = [port for s in compose["services"].values() for port in s.get("ports", [])]
    assert ports == ["127.0.0.1:8000:8000"]
    assert compose["services"]["db"]["environment"]["POSTGRES_PASSWORD"].startswith("${")


def unit(path: Path) -> dict[str, dict[str, str]]:
    parser = RawConfigParser(strict=True, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text("utf-8"))
    return {name: dict(parser[name]) for name in parser.sections()}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_one_command_shut_in(path: Path) -> None:
    service = unit(path)["Service"]
    program, _ = service["ExecStart"].split()
    assert program == "/opt/trendnlp/bin/trendnlp" and service["User"] == "trendnlp"
    check_settings(dict(pair.split("=", 1) for pair in service["Environment"].split() if "TRENDNLP" in pair))
    assert int(service["TimeoutStopSec"]) > Settings().stop_seconds
    shut = ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces", "LockPersonality")
    assert {service[name] for name in shut} == {"yes"}
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_takes_the_unit(path: Path, tmp_path: Path) -> None:
    """It is told of a program that is there, because it looks for it."""
    text = path.read_text("utf-8").replace("/opt/trendnlp/bin/trendnlp", "/bin/true")
    (tmp_path / path.name).write_text(text, "utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / path.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if path.name in line]
    assert (done.returncode, ours) == (0, []), done.stderr


def test_every_command_of_the_files_is_one_of_the_program(compose: dict[str, Any]) -> None:
    used = {json.loads(of("CMD")[0])[0], *(unit(path)["Service"]["ExecStart"].split()[1] for path in UNITS)}
    used |= {service["command"][0] for service in compose["services"].values() if "command" in service}
    notes = "".join((ROOT / name).read_text("utf-8") for name in ("Dockerfile", "compose.yaml"))
    used |= set(re.findall(r"run .*?(?:trendnlp|api) (\w+) add", notes))
    assert used == {"serve", "worker", "migrate", "keys"}
    assert used <= COMMANDS
