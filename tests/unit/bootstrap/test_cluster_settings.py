"""Clusters that the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest

from odmd.bootstrap.cluster_settings import ClusterSettings, read_clusters
from odmd.errors import SettingsInvalid

BASE = Path("/acme")
SAID = {"server": "https://tea.example", "token-file": "token"}


def test_paths_start_where_the_settings_are() -> None:
    read = read_clusters({"tea": {**SAID, "certificate-authority": "ca.pem"}, "coffee": SAID}, BASE, "pyproject.toml")
    assert read == {
        "tea": ClusterSettings("https://tea.example", BASE / "ca.pem", BASE / "token"),
        "coffee": ClusterSettings("https://tea.example", None, BASE / "token"),
    }


@pytest.mark.parametrize(
    "said",
    ["tea", {"tea": "https://tea.example"}, {"tea": {}}, {"tea": {"server": "x"}}, {"tea": {**SAID, "user": "x"}}],
)
def test_what_is_no_cluster_is_refused(said: object) -> None:
    with pytest.raises(SettingsInvalid, match=r"pyproject.toml: \[tool.odmd.clusters"):
        read_clusters(said, BASE, "pyproject.toml")
