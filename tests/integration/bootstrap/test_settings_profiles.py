"""`[tool.odmd.profiles]` and `[tool.odmd.qualifiers]`: whose credentials are for which account, and how it was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from odmd.bootstrap.settings import read_settings
from odmd.errors import SettingsInvalid


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "pyproject.toml"


def test_accounts_have_profiles(file: Path) -> None:
    file.write_text('[tool.odmd]\n[tool.odmd.profiles]\n111122223333 = "dev"\n012345678901 = "prod"\n')
    assert read_settings().profiles == {"111122223333": "dev", "012345678901": "prod"}


def test_they_may_be_all_that_is_said(file: Path) -> None:
    file.write_text('[tool.odmd.profiles]\n111122223333 = "dev"\n')
    assert read_settings().profiles == {"111122223333": "dev"}


def test_accounts_have_qualifiers(file: Path) -> None:
    file.write_text('[tool.odmd.qualifiers]\n111122223333 = "acme"\n')
    assert read_settings().qualifiers == {"111122223333": "acme"}


@pytest.mark.parametrize("text", ["", "[tool.odmd]\n", "# no [tool.odmd] here\n"])
def test_nobody_needs_them(file: Path, text: str) -> None:
    file.write_text(text)
    assert (read_settings().profiles, read_settings().qualifiers) == ({}, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[tool.odmd]\nprofiles = "dev"\n', "profiles must be a table, not 'dev'"),
        ('[[tool.odmd.profiles]]\n111122223333 = "dev"\n[tool.odmd]\n', "profiles must be a table, not ["),
        ('[tool.odmd.profiles]\ndev = "dev"\n', "dev must be an account id, 12 digits"),
        ('[tool.odmd.profiles]\n11112222333 = "dev"\n', "11112222333 must be an account id, 12 digits"),
        ("[tool.odmd.profiles]\n111122223333 = 7\n", "111122223333 must be a profile's name, not 7"),
        ('[tool.odmd.profiles]\n111122223333 = ""\n', "111122223333 must be a profile's name, not ''"),
        (
            '[tool.odmd.qualifiers]\n111122223333 = "Acme-1"\n',
            "111122223333 must be a qualifier, 1 to 10 small letters",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_file_and_key(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsInvalid) as refused:
        read_settings()
    assert refused.value.code == "ODMD003"
    assert refused.value.fact.startswith(f"{file}: [tool.odmd")
    assert said in refused.value.fact


def test_all_mistakes_are_told_at_once(file: Path) -> None:
    file.write_text("[tool.odmd.profiles]\ndev = 1\nprod = 2\n")
    with pytest.raises(SettingsInvalid, match=r"dev must be an account id.*prod must be.*dev must be a profile's name"):
        read_settings()
