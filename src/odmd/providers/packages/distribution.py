"""Files of Python packages as indexes take them, wheels and sources, told by what they say of themselves."""

from __future__ import annotations

from collections.abc import Mapping

from odmd.providers.packages.publication import File
from odmd.providers.packages.sdist import Sdist, read_sdist
from odmd.providers.packages.wheel import Wheel, read_wheel

Distribution = Wheel | Sdist


def read_distribution(file: File) -> Distribution:
    """Reads what is in a file.

    Raises:
        WheelUnfit
    """
    return read_wheel(file.content) if file.filename.endswith(".whl") else read_sdist(file.content)


def upload_fields(distribution: Distribution) -> Mapping[str, str | list[str]]:
    """What indexes are told of one with its upload: its own metadata, by the names of their form."""
    fields: dict[str, str | list[str]] = {
        ":action": "file_upload",
        "protocol_version": "1",
        "filetype": distribution.filetype,
        "pyversion": distribution.python,
        "sha256_digest": distribution.sha256,
    }
    for name, said in distribution.metadata.items():
        match said:
            case str():
                fields[name] = said
            case dict():
                fields[name] = [f"{label}, {url}" for label, url in said.items()]  # pyright: ignore[reportUnknownVariableType]  # texts
            case list():
                words = [str(one) for one in said]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # texts
                fields[name] = ",".join(words) if name == "keywords" else words
            case _:
                pass
    return fields
