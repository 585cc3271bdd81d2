"""Where the state is kept, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from odmd.bootstrap.settings import read_settings
from odmd.bootstrap.state import database, leadership
from odmd.errors import SettingsInvalid
from odmd.store.election import PostgresLeadership
from odmd.store.leadership import FileLeadership
from odmd.store.where import Postgres

URL = "postgresql://ada:s3cret@db.example/odmd"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ODMD_DATABASE_URL", raising=False)
    return tmp_path / "pyproject.toml"


def test_it_is_a_file_of_the_state_folder(file: Path) -> None:
    file.write_text("[tool.odmd]\n")
    assert database(read_settings()) == file.parent / ".odmd" / "state.db"
    assert isinstance(leadership(read_settings()), FileLeadership)


def test_it_is_postgres_where_the_settings_say_so(file: Path) -> None:
    file.write_text(f'[tool.odmd]\ndatabase = "{URL}"\n')
    assert database(read_settings()) == Postgres(URL)
    assert isinstance(leadership(read_settings()), PostgresLeadership)


def test_the_environment_comes_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('[tool.odmd]\ndatabase = "postgresql://other/odmd"\n')
    monkeypatch.setenv("ODMD_DATABASE_URL", URL)
    assert database(read_settings()) == Postgres(URL)


def test_settings_show_no_password(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODMD_DATABASE_URL", URL)
    assert "s3cret" not in repr(read_settings())
    assert "db.example" in repr(read_settings())


@pytest.mark.parametrize(
    "wrong", ["mysql://ada:s3cret@db.example/odmd", "postgresql://ada:s3cret@db.example", "s3cret"]
)
def test_the_refusal_of_an_address_shows_none_either(file: Path, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("ODMD_DATABASE_URL", wrong)
    with pytest.raises(SettingsInvalid, match="ODMD_DATABASE_URL") as refusal:
        read_settings()
    assert "postgresql://" in refusal.value.next_step
    assert "s3cret" not in refusal.value.fact


def test_history_is_kept_for_ninety_days_if_nobody_says_otherwise(file: Path) -> None:
    file.write_text("[tool.odmd]\n")
    assert read_settings().keep == 90
    file.write_text("[tool.odmd]\nkeep = 0\n")
    assert read_settings().keep == 0


def test_a_keep_that_is_no_number_is_refused(file: Path) -> None:
    file.write_text('[tool.odmd]\nkeep = "long"\n')
    with pytest.raises(SettingsInvalid, match="keep must be a number"):
        read_settings()
