"""The Containerfile names what is there; building it needs a container engine and is not done here."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "Containerfile").read_text()


def test_what_it_copies_and_installs_is_there() -> None:
    copied = [word for line in re.findall(r"^COPY (?!--from)(.*)$", TEXT, re.MULTILINE) for word in line.split()[:-1]]
    assert copied
    for path in copied:
        assert (ROOT / path).exists(), path
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (extras,) = re.findall(r'"\.\[(.*?)\]"', TEXT)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    assert project["readme"] in copied


def test_it_runs_without_rights_and_stops_in_good_order() -> None:
    assert re.search(r"^USER [1-9]\d+$", TEXT, re.MULTILINE)
    assert "STOPSIGNAL SIGTERM" in TEXT
    assert 'ENTRYPOINT ["odmd"]' in TEXT
