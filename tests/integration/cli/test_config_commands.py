"""`odmd config` as people type it: what is said, shown, told apart, taken over, and refused before it is written."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from support.recording import Desk, Done

CONTRACTS = """
from dataclasses import dataclass, field
from pydantic import SecretStr, BaseModel
from odmd.model import *

team = Team("baristas")
dev, prod = (Stage(name, Account(name, "111122223333"), "us-west-1") for name in ("dev", "prod"))

class Prices(BaseModel):
    currency: str
    cents: dict[str, int] = {}
    token: SecretStr = SecretStr("")

@dataclass
class Tables:
    mode: str = "on-demand"
    reads: int = 5

class Till(CdkEnver, build=Build("till", Repo("acme/till", team))):
    prices: Config[Prices] = configured("what things cost", read="deploy")
    tables: Config[Tables] = configured("how its tables are paid for")

class Menu(CdkEnver, build=Build("menu", Repo("acme/menu", team))):
    tables: Config[Tables] = configured("how its tables are paid for")

till, beta = Till(on=Branch("main"), at=dev), Till(on=Branch("beta"), at=prod)
acme = Organisation("acme", central=dev.account, envers=[till, beta, Menu(on=Branch("main"), at=dev)])
"""
BOMB = "a: &a [x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.fixture
def office(desk: Desk) -> Desk:
    desk.declare(CONTRACTS)
    return desk


def config(office: Desk, *words: str) -> Done:
    return office.odmd("config", *words)


def rows(done: Done) -> list[list[str]]:
    assert done.code == 0, done.err
    return [re.split(r" {2,}", line.strip()) for line in done.out.splitlines()[2:]]


def refused(done: Done, code: str) -> str:
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(code)
    assert "    → " in done.err, "what to do next"
    return done.err


def test_what_is_said_in_layers_is_shown_with_the_layer_that_says_it(office: Desk) -> None:
    assert config(office, "list").out == "no layer says anything\n"
    done = config(office, "set", "till@main", "prices.currency=EUR", "prices.cents.latte=450", "-m", "as on the board")
    assert done.out == (
        "✓ till@main is at version 1: config.prices.cents.latte, config.prices.currency\n"
        "it concerns till@main; `odmd plan` shows what that means\n"
    )
    assert config(office, "set", "--stage", "dev", "tables.mode=provisioned").code == 0
    assert config(office, "set", "--organisation", "tables.reads=7").code == 0
    assert rows(config(office, "get", "till@main")) == [
        ["prices", "cents.latte", "450", "till@main"],
        ["prices", "currency", "EUR", "till@main"],
        ["tables", "mode", "provisioned", "stage dev"],
        ["tables", "reads", "7", "organisation"],
    ]
    assert [one[0] for one in rows(config(office, "list"))] == ["till@main", "organisation", "stage dev"]
    (values, _) = (one["values"] for one in config(office, "get", "till@main", "--json").data)
    assert values[0] == {"path": "cents.latte", "value": 450, "layer": "till@main"}


def test_what_was_said_before_has_its_author_and_reason_and_can_be_said_no_more(office: Desk) -> None:
    config(office, "set", "till@main", "prices.currency=EUR", "prices.cents.latte=450", "-m", "as on the board")
    assert config(office, "set", "till@main", "prices.cents.latte-").code == 0
    told = config(office, "history", "till@main").out
    assert re.search(r"^version 2, .* ago, by \S+\n    -    cents:\n    -      latte: 450$", told, re.MULTILINE)
    assert re.search(r"^version 1, .*: as on the board$", told, re.MULTILINE)
    assert [one["version"] for one in config(office, "history", "till@main", "-n", "1", "--json").data] == [2]
    taken = refused(config(office, "set", "till@main", "prices.currency-"), "ODMD281")
    assert "prices.currency" in taken
    assert config(office, "set", "till@main", "prices.currency-", "--allow-lacking").code == 0
    assert config(office, "set", "till@main", "prices.currency-").out == "till@main says that already\n"


def test_two_envers_are_told_apart_and_one_takes_over_what_the_other_has_but_for_what_is_hidden(office: Desk) -> None:
    config(office, "set", "till@main", "prices.currency=EUR", "prices.cents.latte=450", "prices.token=tell-nobody")
    assert "till@beta: prices.currency is not there" in refused(config(office, "check"), "ODMD334")
    assert config(office, "check", "--json").code == 1
    refused(config(office, "copy", "till@main", "till@beta"), "ODMD277")
    config(office, "set", "till@main", "prices.token-")
    assert config(office, "copy", "till@main", "till@beta").code == 0
    assert config(office, "diff", "till@main", "till@beta").out == "✓ no difference\n"
    config(office, "set", "till@beta", "prices.cents.tea=300")
    assert rows(config(office, "diff", "till@main", "till@beta")) == [
        ["prices.cents.tea", "– from nobody", "300 from till@beta"]
    ]
    assert config(office, "check").out == "✓ every config is there, and of its type\n"
    everything = "".join(config(office, *words).out for words in (("history", "till@main"), ("get", "till@main")))
    assert "tell-nobody" not in everything


def test_a_layer_is_a_file_and_what_a_file_says_is_all_that_it_says(office: Desk) -> None:
    file = office.root / "till.yaml"
    file.write_text("config:\n  prices:\n    currency: no\n    cents: {latte: 450}\n")
    assert config(office, "edit", "till@main", "--from-file", str(file), "-m", "from a file").code == 0
    assert ["prices", "currency", "no", "till@main"] in rows(config(office, "get", "till@main")), (
        "a text, as YAML 1.2 has it"
    )
    assert (
        config(office, "get", "till@main", "--own").out
        == "config:\n  prices:\n    cents:\n      latte: 450\n    currency: no\n"
    )
    file.write_text('{"config": {"prices": {"currency": "CHF"}}}')
    assert config(office, "edit", "till@main", "--from-file", str(file)).code == 0
    assert config(office, "get", "till@main", "--own").out == "config:\n  prices:\n    currency: CHF\n"
    config(office, "set", "till@main", "prices.token=tell-nobody")
    hidden = config(office, "get", "till@main", "--own").out
    assert "token: •••" in hidden
    file.write_text(hidden.replace("CHF", "EUR"))
    assert config(office, "edit", "till@main", "--from-file", str(file)).out.count("config.prices") == 1, "it stays"


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (BOMB.encode(), "ODMD335", "aliases are not read"),
        (b"config:\n\tprices: {}\n", "ODMD335", "line 2"),
        (b"config: {prices: {currency: EUR, currency: CHF}}", "ODMD335", "is there twice"),
        (b"config: {prices: {currency: '" + b"x" * 1_000_000 + b"'}}", "ODMD335", "1,000,000 at most"),
        (b"config: {prices: {currency: \xff}}", "ODMD335", "is no UTF-8: byte"),
        (b"config: [prices]", "ODMD335", "is no object"),
        (b"config: {prices: {currency: EUR, cent: 4}}", "ODMD277", "prices.cent is no field of it"),
        (b"config: {prices: {currency: EUR, cents: {latte: no}}}", "ODMD277", "prices.cents.latte"),
        (b"config: {price: {currency: EUR}}", "ODMD277", "price"),
    ],
)
def test_a_file_that_is_no_document_for_it_is_refused_and_nothing_is_written(
    office: Desk, content: bytes, code: str, says: str
) -> None:
    (office.root / "wrong.yaml").write_bytes(content)
    assert says in refused(config(office, "edit", "till@main", "--from-file", "wrong.yaml"), code)
    assert config(office, "list", "--json").data == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("till@main", "prices.cent.latte=450"), "ODMD277"),
        (("till@main", "prices.cents.latte=cheap"), "ODMD277"),
        (("till@main", "prices=4"), "ODMD277"),
        (("till@main", "prices.cents.latte"), "ODMD277"),
        (("till@moon", "prices.cents.latte=4"), "ODMD101"),
        (("--stage", "moon", "prices.cents.latte=4"), "ODMD277"),
        (("--stage", "dev", "--build", "till", "prices.cents.latte=4"), "ODMD277"),
        (("prices.cents.latte=4",), "ODMD277"),
    ],
)
def test_what_does_not_fit_is_refused_before_it_is_written(office: Desk, words: tuple[str, ...], code: str) -> None:
    refused(config(office, "set", *words), code)
    assert config(office, "list", "--json").data == []


def test_of_two_who_edit_at_once_the_second_is_told_who_was_first_and_nothing_is_lost(office: Desk) -> None:
    config(office, "set", "till@main", "prices.currency=EUR")
    editor = office.root / "editor.py"
    editor.write_text(
        "import pathlib, subprocess, sys\n"
        "file = pathlib.Path(sys.argv[1])\n"
        "other = [sys.executable, '-m', 'odmd', 'config', 'set', 'till@main', 'prices.currency=CHF', '-m', 'a fair']\n"
        "subprocess.run(other, check=True, stdout=subprocess.DEVNULL)\n"
        "file.write_text(file.read_text().replace('EUR', 'USD'))\n"
    )
    office.monkeypatch.setenv("VISUAL", f"{sys.executable} {editor}")
    said = refused(config(office, "edit", "till@main"), "ODMD336")
    assert "wrote version 2 (a fair)" in said
    assert "`odmd config history till@main`" in said
    assert "currency: CHF" in config(office, "get", "till@main", "--own").out
    refused(config(office, "set", "till@main", "prices.currency=USD", "--expect", "1"), "ODMD336")
    assert config(office, "set", "till@main", "prices.currency=USD", "--expect", "2").code == 0


def test_what_is_edited_is_what_the_editor_left_and_its_file_goes(office: Desk, tmp_path: Path) -> None:
    office.monkeypatch.delenv("VISUAL", raising=False)
    office.monkeypatch.delenv("EDITOR", raising=False)
    assert "set EDITOR" in refused(config(office, "edit", "till@main"), "ODMD277")
    office.monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    office.monkeypatch.setenv("EDITOR", "sed -i -e 's/config: {}/config: {prices: {currency: EUR}}/'")
    assert "version 1: config.prices.currency" in config(office, "edit", "till@main").out
    assert not [*(tmp_path / "scratch").iterdir()]
