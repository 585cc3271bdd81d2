"""The Containerfile names what is there; building it needs a container engine and is not done here."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

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


def test_its_base_is_named_by_a_digest_in_every_stage() -> None:
    (base,) = re.findall(r"^ARG BASE=(.*)$", TEXT, re.MULTILINE)
    assert re.fullmatch(r"docker\.io/library/python:[\w.-]+@sha256:[0-9a-f]{64}", base)
    assert set(re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE)) == {"${BASE}"}


@pytest.mark.parametrize(
    ("base", "refused"),
    [
        ("docker.io/library/python:3.12-slim", True),
        ("python", True),
        ("python@sha256:" + "0" * 64, False),
        ("registry.acme.example:5000/base:1@sha256:" + "0" * 64, False),
    ],
)
def test_a_base_that_may_be_another_one_tomorrow_is_refused(base: str, refused: bool) -> None:
    (check,) = re.findall(r'^ARG BASE\nRUN (case "\$BASE".*)$', TEXT, re.MULTILINE)
    done = subprocess.run(["sh", "-c", check], env={"BASE": base}, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) is refused
    assert ("name the base by its digest" in done.stderr) is refused
