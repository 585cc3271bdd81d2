"""Where the settings say that layers of config are kept."""

from __future__ import annotations

import pytest

from odmd.bootstrap.config_settings import ConfigInGit, ConfigInParameters, read_config_store
from odmd.errors import SettingsInvalid

SSM = {"parameters": "/acme/odmd", "account": "111122223333", "region": "eu-west-1"}


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (None, None),
        ({"repository": "acme/config"}, ConfigInGit("acme/config", "main", "config")),
        ({"repository": "acme/c", "branch": "live", "folder": "x/y"}, ConfigInGit("acme/c", "live", "x/y")),
        (SSM, ConfigInParameters("/acme/odmd", "111122223333", "eu-west-1")),
        ({**SSM, "key": "alias/odmd"}, ConfigInParameters("/acme/odmd", "111122223333", "eu-west-1", "alias/odmd")),
    ],
)
def test_a_store_is_named_in_full(said: object, means: object) -> None:
    assert read_config_store(said, "pyproject.toml") == means


@pytest.mark.parametrize(
    "said",
    [
        "acme/config",
        {},
        {"repository": 4},
        {"repository": ""},
        {"branch": "main"},
        {"repository": "acme/config", "region": "eu-west-1"},
        {"repository": "acme/config", "folder": "../secrets"},
        {"repository": "acme/config", "folder": "/etc"},
        {"parameters": "/acme"},
        {**SSM, "parameters": "acme"},
        {**SSM, "parameters": "/acme/"},
        {**SSM, "parameters": "/aws/odmd"},
        {**SSM, "account": "dev"},
        {**SSM, "repository": "acme/config"},
    ],
)
def test_what_names_no_store_or_two_is_refused(said: object) -> None:
    with pytest.raises(SettingsInvalid, match=r"pyproject.toml: \[tool.odmd.config\]"):
        read_config_store(said, "pyproject.toml")
