"""An `app` that is the folder of a cloud assembly: somebody synthesised already, and nothing is run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from odmd.control.running.place import Workplace
from odmd.errors import AssetUnfit, CdkJsonWrong
from odmd.providers.aws.assembly import MANIFEST
from odmd.trees import remove_tree


def is_assembly(app: str, source: Path) -> bool:
    """Whether what `cdk.json` names is a folder."""
    return os.path.isdir(source / app)  # noqa: PTH112 - a whole command may be too long for the name of a file


def take_assembly(app: str, source: Path, workplace: Workplace) -> None:
    """Copies the assembly to where a run has it.

    Raises:
        CdkJsonWrong: the folder is outside of the repository, or no assembly.
        AssetUnfit: it holds what is no file.
    """
    folder = (source / app).resolve()
    if not folder.is_relative_to(workplace.source.resolve()):
        raise CdkJsonWrong(f"`app` in cdk.json is {app}, a folder outside of the repository")
    if not (folder / MANIFEST).is_file():
        raise CdkJsonWrong(
            f"`app` in cdk.json is the folder {app}, and that is no cloud assembly: it has no {MANIFEST}",
            next_step='name what `cdk synth` wrote, or how to run the app: {"app": "python app.py"}',
        )
    try:
        remove_tree(workplace.built)
        shutil.copytree(folder, workplace.built, symlinks=True)
    except (OSError, RecursionError) as wrong:
        raise AssetUnfit(f"the assembly in {app} cannot be copied: {wrong}") from wrong
