"""What the documents say is so."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from odmd.cli.commands import COMMANDS
from odmd.cli.lazily import imported
from odmd.graph import compile_contracts, load_organisation
from odmd.model import Organisation

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_pages_of_errors_are_what_the_code_says() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "generate.py"))["pages"]()
    assert {file: file.read_text() for file in made if file.exists()} == made, "run python docs/generate.py"
    assert set((ROOT / "docs" / "errors").glob("*.md")) == {file for file in made if file.parent.name == "errors"}


def test_the_contracts_in_the_readme_are_sound(tmp_path: Path) -> None:
    (snippet, *_) = re.findall(r"```python\n(from odmd\.model.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    file = tmp_path / "contracts.py"
    file.write_text(snippet)
    organisation = runpy.run_path(str(file))["organisation"]
    assert isinstance(organisation, Organisation)
    assert len(compile_contracts(organisation).graph.envers) == 2


def test_the_contracts_in_the_guide_are_sound(tmp_path: Path) -> None:
    file = tmp_path / "guide.py"
    snippets = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "guides" / "contracts.md").read_text(), re.DOTALL)
    file.write_text("\n".join(snippets))
    loaded = load_organisation("guide.py:organisation", tmp_path)
    compiled = compile_contracts(loaded.organisation, loaded.declared)
    assert not compiled.warnings
    assert compiled.graph.envers["web/b..main-_b..fix-2"].wires[0].producer == "till/b..main-_b..fix-2"


def test_the_readme_tells_every_command() -> None:
    told = set(re.findall(r"`odmd ([a-z][a-z-]+)", (ROOT / "README.md").read_text()))
    assert told == COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    command = imported(name)
    first, *_ = (command.help or "").split("\n\n")
    assert (command.name or name, " ".join(first.split())) == (name, COMMANDS[name].about)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_links_exist(page: Path) -> None:
    text = page.read_text()
    assert set(re.findall(r"`odmd ([a-z][a-z-]+)[ `]", text)) <= COMMANDS.keys()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (page.parent / target).exists(), target
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", text)) <= targets
