"""The guide to secrets says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from odmd.cli.secret import secret
from odmd.graph import compile_contracts, load_organisation
from odmd.model import naming
from odmd.model.secret_references import parse_reference

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "guides" / "secrets.md").read_text()
PYTHON, CDK, OFFERED = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = re.findall(r"^\$ odmd secret (\S+)(.*)$", GUIDE, re.MULTILINE)


def test_its_contracts_are_sound_and_need_what_it_binds(tmp_path: Path) -> None:
    (tmp_path / "guide.py").write_text(PYTHON)
    loaded = load_organisation("guide.py:acme", tmp_path)
    compiled = compile_contracts(loaded.organisation, loaded.declared)
    assert not compiled.warnings
    envers = compiled.graph.envers
    assert envers["orders/b..main"].secrets == ("db-password", "signing-key")
    assert envers["orders/b..main"].restarting == ("db-password",)
    bound = re.findall(r"secret bind (?:\S+@main|--stage dev) (\S+) (\S+)", GUIDE)
    assert {name for name, _ in bound if name not in ("supplier-token", "receipt-key")} == {
        "db-password",
        "signing-key",
    }


def test_what_it_offers_passes_along_a_wire_that_its_maker_is_told_of(tmp_path: Path) -> None:
    imports = "from odmd.model.kinds import OfferedSecret, Secret\n"
    ends = "organisation = Organisation('acme', central=dev.account, envers=[orders, menu, database, report])\n"
    (tmp_path / "offered_guide.py").write_text(PYTHON + imports + OFFERED + ends)
    loaded = load_organisation("offered_guide.py:organisation", tmp_path)
    compiled = compile_contracts(loaded.organisation, loaded.declared)
    assert not compiled.warnings
    reader, key = compiled.graph.envers["database/b..main"].products
    assert [one.enver for one in reader.told or ()] == ["report/b..main"]
    assert key.told is None


def test_its_references_are_read_and_its_names_are_ours() -> None:
    references = re.findall(r"^\| `([a-z]+:[^`]+)`", GUIDE, re.MULTILINE)
    assert len(references) == 5
    assert [str(parse_reference(one)) for one in references] == references
    made = naming.secret_parameter, naming.version_of_secret, naming.field_of_secret
    assert all(f"| `{make('db-password')}` |" in GUIDE for make in made)
    assert f"`{naming.secret_variable('supplier-token')}`" in GUIDE


def test_its_commands_and_calls_are_there() -> None:
    known = {command.name for command in secret.registered_commands}
    assert {name for name, _ in COMMANDS} <= known
    options = {word for _, words in COMMANDS for word in re.findall(r"--\w+", words)}
    helped = CliRunner().invoke(secret, ["bind", "--help"], env={"COLUMNS": "300"}).stdout
    assert all(option in helped for option in options)
    (imported,) = re.findall(r"^from odmd\.cdk import (.*)$", CDK, re.MULTILINE)
    offered = (ROOT / "src" / "odmd" / "cdk" / "__init__.py").read_text()
    assert all(f'"{name}",' in offered for name in imported.split(", "))
