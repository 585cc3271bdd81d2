"""Settings that are kept elsewhere are read before there is a state; who edits them is in the state's log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from odmd.bootstrap.checkup import check_up
from odmd.bootstrap.config_settings import ConfigInGit, ConfigInParameters
from odmd.bootstrap.private import vault, vault_to_edit
from odmd.bootstrap.settings import Settings, read_settings
from odmd.bootstrap.state import has_state
from odmd.control.config.document import ConfigDocument
from odmd.control.config.layers import ORGANISATION
from odmd.control.ports.settings import Edit
from odmd.control.reading.checks import Check
from odmd.control.scheduler.messages import NoteEdit
from odmd.errors import StoreReadOnly
from odmd.model.targets import Target
from odmd.providers.aws import Emulator
from odmd.providers.git.command import git
from odmd.store.sql import SqlStore
from support.actors import SOMEBODY

SAID = ConfigDocument({"prices": {"latte": 4}})
HERE = Target("171717171717", "us-east-1")
EDIT = Edit(ORGANISATION, SAID, 0, SOMEBODY, "dear", ("config.prices.latte",))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return replace(read_settings(), repositories=f"{tmp_path}/{{repo}}")


def test_the_first_edit_of_a_parameter_makes_the_state_and_is_in_its_log(
    here: Settings, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in emulator.environment(HERE).items():
        monkeypatch.setenv(name, text)
    settings = replace(here, config=ConfigInParameters("/elsewhere", HERE.account, HERE.region))
    with vault_to_edit(settings) as (kept, _):
        assert kept.layers.newest() == {}
        assert not has_state(settings)
        kept.layers.write(EDIT, 1.0)
    store = SqlStore(settings.state / "state.db")
    (told,) = store.pending(10)
    assert told.message == NoteEdit("organisation", 1, SOMEBODY, "dear", ("config.prices.latte",))
    assert vault(settings, store).layers.newest()[ORGANISATION].document == SAID
    store.close()


def test_a_repository_is_read_and_no_state_is_made_for_it(here: Settings, tmp_path: Path) -> None:
    repo = tmp_path / "acme" / "config"
    (repo / "config").mkdir(parents=True)
    (repo / "config" / "organisation.yaml").write_text(SAID.to_yaml())
    who = ("-c", "user.name=ada", "-c", "user.email=ada@example.com")
    for words in (("init", "--quiet", "-b", "main"), ("add", "--all"), (*who, "commit", "--quiet", "-m", "dear")):
        git(*words, within=repo)
    settings = replace(here, config=ConfigInGit("acme/config"))
    with vault_to_edit(settings) as (kept, _):
        (found,) = kept.layers.newest().values()
        assert (found.document, found.by, found.why) == (SAID, "ada", "dear")
        with pytest.raises(StoreReadOnly):
            kept.layers.write(EDIT, 1.0)
    assert not has_state(settings)
    assert (looked_at(settings).state, looked_at(settings).fact[-6:]) == ("good", "1 said")
    (repo / "config" / "organisation.yaml").write_text("no document")
    git("add", "--all", within=repo)
    git(*who, "commit", "--quiet", "-m", "typed", within=repo)
    assert looked_at(settings).state == "wrong"


def looked_at(settings: Settings) -> Check:
    """What `odmd doctor` says of the store."""
    return next(one for one in check_up(settings, None) if one.name == "config")
