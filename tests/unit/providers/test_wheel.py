"""Wheels, as they are read of bytes that anybody may have made."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from odmd.providers.packages.distribution import upload_fields
from odmd.providers.packages.wheel import Wheel, WheelUnfit, read_wheel

METADATA = """Metadata-Version: 2.4
Name: Acme_Contracts
Version: 1.2.0
Summary: Who produces what
Keywords: contracts,acme
Requires-Dist: ondemandenv
Requires-Dist: pydantic>=2
Project-URL: Source, https://github.com/acme/contracts

All of it.
"""
HEAD = "acme_contracts-1.2.0.dist-info"


def zipped(**files: str) -> bytes:
    there = {f"{HEAD}/METADATA": METADATA, f"{HEAD}/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in {**there, **files}.items():
            if text:
                made.writestr(name, text)
    return out.getvalue()


def test_its_name_as_a_file_follows_from_what_is_inside() -> None:
    wheel = read_wheel(zipped())
    assert (wheel.filename, wheel.name, str(wheel.version)) == (
        "acme_contracts-1.2.0-py3-none-any.whl",
        "acme-contracts",
        "1.2.0",
    )
    both = {f"{HEAD}/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\nTag: py2-none-any\n"}
    wheel = read_wheel(zipped(**both))
    assert (wheel.filename, wheel.python) == ("acme_contracts-1.2.0-py2.py3-none-any.whl", "py2.py3")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({f"{HEAD}/METADATA": ""}, "no wheel"),
        ({f"{HEAD}/WHEEL": "Wheel-Version: 1.0\n"}, "for nothing known"),
        ({f"{HEAD}/WHEEL": "Tag: cp311-cp311-manylinux_2_17_x86_64\n"}, "what is published here runs everywhere"),
        ({"other-1.dist-info/METADATA": "Name: other"}, "has 2 folders"),
        ({f"{HEAD}/METADATA": METADATA.replace("1.2.0", "1.3.0")}, r"says that it is acme-contracts 1\.3\.0"),
        ({f"{HEAD}/METADATA": METADATA.replace("Acme_Contracts", "requests")}, "says that it is requests"),
        ({f"{HEAD}/METADATA": METADATA.replace("Version: 1.2.0", "Version: one")}, "says what cannot be"),
        ({f"{HEAD}/METADATA": METADATA + "x" * 2_000_000}, "more than 2,000,000 bytes"),
        ({"acme_contracts/zeros": "\0" * 64_000_001}, "more than 64,000,000 bytes"),
    ],
)
def test_what_is_no_wheel_of_contracts_says_why(files: dict[str, str], said: str) -> None:
    with pytest.raises(WheelUnfit, match=said):
        read_wheel(zipped(**files))


@pytest.mark.parametrize("content", [b"", b"PK", b"{}", zipped()[:-30], zipped()[100:]])
def test_what_is_no_archive_is_no_wheel(content: bytes) -> None:
    with pytest.raises(WheelUnfit):
        read_wheel(content)


def test_it_is_unpacked_into_its_folder_and_nowhere_else(tmp_path: Path) -> None:
    outside = {"../outside": "x", "/tmp/odmd-outside": "x", "acme/../../outside": "x", "acme/__init__.py": "inside"}
    read_wheel(zipped(**outside)).unpack(tmp_path / "into" / "here")
    found = sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file())
    assert found == [f"into/here/{name}" for name in ("acme/__init__.py", f"{HEAD}/METADATA", f"{HEAD}/WHEEL")]
    assert not Path("/tmp/odmd-outside").exists()


def test_an_index_is_told_its_metadata_by_the_names_of_the_form() -> None:
    wheel: Wheel = read_wheel(zipped())
    told = upload_fields(wheel)
    assert told["name"] == "Acme_Contracts"
    assert told["filetype"] == "bdist_wheel"
    assert told["sha256_digest"] == wheel.sha256
    assert told["keywords"] == "contracts,acme"
    assert told["requires_dist"] == ["ondemandenv", "pydantic>=2"]
    assert told["project_urls"] == ["Source, https://github.com/acme/contracts"]
    assert told["description"] == "All of it.\n"
