"""The example organisations as packages: their READMEs are right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from odmd.cli.main import app

ROOT = Path(__file__).parents[3]
PACKAGES = [ROOT / "examples" / name / "contracts" for name in ("payments", "reference_org", "tea_house")]


def commands(readme: Path) -> list[list[str]]:
    return [line.split() for line in re.findall(r"^    odmd (.+)$", readme.read_text(), re.MULTILINE)]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.parent.name)
def test_its_readme_leads_to_files_that_are_there(package: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (package / "README.md").read_text())
    assert links
    assert [link for link in links if not (package / link).exists()] == []


@pytest.mark.parametrize(
    "words", [words for package in PACKAGES for words in commands(package / "README.md")], ids=" ".join
)
def test_the_commands_of_its_readme_run(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert CliRunner().invoke(app, words).exit_code == 0
