"""Settings from the environment: defaults, values, and mistakes that must not pass."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from trendnlp.errors import SettingsError
from trendnlp.settings import Settings


def test_other_variables_and_empty_ones_leave_the_defaults() -> None:
    settings = Settings.from_env({"PATH": "/bin", "TRENDNLP_HOME": "", "TRENDNLP_MAX_BYTES": ""})
    assert settings == Settings()
    assert settings.workspace == Path.home() / ".trendnlp"
    assert settings.store_url == f"sqlite:///{Path.home()}/.trendnlp/trendnlp.sqlite"


def test_every_setting_can_be_given() -> None:
    env = {
        "TRENDNLP_HOME": "/srv/reports",
        "TRENDNLP_DATABASE_URL": "sqlite:////srv/db.sqlite",
        "TRENDNLP_MODELS": "/srv/models",
        "TRENDNLP_ENCODER": "/srv/encoder",
        "TRENDNLP_ACCURATE_ENCODER": "/srv/accurate",
        "TRENDNLP_MODEL": "fast",
        "TRENDNLP_CACHE": "/srv/cache",
        "TRENDNLP_MAX_CHARACTERS": "1000",
        "TRENDNLP_MAX_BYTES": "4000",
        "TRENDNLP_LOG_FORMAT": "JSON",
        "TRENDNLP_LOG_LEVEL": "warning",
        "TRENDNLP_STOP_SECONDS": "5",
        "TRENDNLP_OTLP_ENDPOINT": "http://127.0.0.1:4318",
    }
    settings = Settings.from_env(env)
    assert settings == Settings(
        home=Path("/srv/reports"),
        database_url="sqlite:////srv/db.sqlite",
        models=Path("/srv/models"),
        encoder=Path("/srv/encoder"),
        accurate_encoder=Path("/srv/accurate"),
        model="fast",
        cache=Path("/srv/cache"),
        max_characters=1000,
        max_bytes=4000,
        log_format="json",
        log_level="warning",
        stop_seconds=5,
        otlp_endpoint="http://127.0.0.1:4318",
    )
    assert settings.store_url == "sqlite:////srv/db.sqlite"


def test_an_unknown_variable_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_env({"TRENDNLP_HOMME": "/srv"})
    known = ", ".join(sorted(f"TRENDNLP_{field.name.upper()}" for field in fields(Settings)))
    assert str(error.value) == f"TRENDNLP_HOMME: no such setting. Known settings: {known}."


@pytest.mark.parametrize(
    ("name", "value"), [("TRENDNLP_LOG_FORMAT", "xml"), ("TRENDNLP_LOG_LEVEL", "loud"), ("TRENDNLP_WORKER", "two")]
)
def test_a_choice_is_one_of_those_there_are(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name}: '{value}' is none of .*(text, json|debug, info|thread, none)"):
        Settings.from_env({name: value})


@pytest.mark.parametrize("value", ["0", "-1", "1e6", "10 MB", "²"])
def test_a_limit_is_a_positive_whole_number(value: str) -> None:
    with pytest.raises(SettingsError, match=r"MAX_BYTES: .* is no positive whole number"):
        Settings.from_env({"TRENDNLP_MAX_BYTES": value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRENDNLP_JOB_DAYS", "9999999"),
        ("TRENDNLP_IDEMPOTENCY_HOURS", "9" * 18),
        ("TRENDNLP_STOP_SECONDS", "86401"),
        ("TRENDNLP_MAX_BYTES", "9" * 5000),
    ],
)
def test_a_limit_that_no_date_or_store_can_hold_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name}: it is more than [0-9,]+\. Correct or remove it\."):
        Settings.from_env({name: value})


def test_the_audit_share_is_a_share() -> None:
    assert Settings.from_env({"TRENDNLP_AUDIT_SHARE": "0.2"}).audit_share == 0.2
    for value in ("1.5", "-0.1", "nan", "five"):
        with pytest.raises(SettingsError, match="no share from 0 to 1"):
            Settings.from_env({"TRENDNLP_AUDIT_SHARE": value})
