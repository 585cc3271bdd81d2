"""Reads a list of assets (`*.assets.json`), with its placeholders resolved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from odmd.errors import AssemblyUnfit
from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import Asset
from odmd.providers.aws.inside import files, inside, regular
from odmd.providers.aws.roles import refuse_own_role


def read_assets(listed: dict[str, Any], folder: Path, root: Path, target: Target) -> Iterator[tuple[Path, Asset]]:
    """The files of a list that lies in `folder`, each with where it goes; paths are relative to `root`.

    Raises:
        AssemblyUnfit: an asset is an image, has to be made by a program, or goes to another region.
    """
    if images := sorted(one.get("displayName", id) for id, one in listed.get("dockerImages", {}).items()):
        raise AssemblyUnfit(
            f"the app builds container images ({', '.join(images)}), which odmd does not do inside a run",
            next_step="build them in a build of their own and consume them as Image",
        )
    for id, one in listed.get("files", {}).items():
        source = one["source"]
        if "executable" in source:
            raise AssemblyUnfit(
                f"asset {id} has to be made by a program: {source['executable']}",
                next_step="let the app write it as a file while it synthesises",
            )
        path = inside(root, folder / source["path"], f"asset {one.get('displayName', id)}")
        _prove_readable(root, path)
        for destination in one["destinations"].values():
            refuse_own_role(f"asset {id}", destination.get("assumeRoleArn", ""))
            _refuse_elsewhere(id, resolve(destination.get("region", ""), target), target)
            yield (
                path,
                Asset(
                    path=os.path.relpath(path, root),
                    zip=source.get("packaging", "file") == "zip",
                    bucket=resolve(destination["bucketName"], target),
                    key=resolve(destination["objectKey"], target),
                ),
            )


def _prove_readable(root: Path, path: Path) -> None:
    """Walks what will be uploaded now, before anything moves."""
    what = f"asset {os.path.relpath(path, root)}"
    if path.is_dir():
        for _ in files(root, path, what):
            pass
    else:
        regular(root, path, what)


def resolve(text: str, target: Target) -> str:
    """The text with the placeholders that a list of assets may hold."""
    partition = "aws-cn" if target.region.startswith("cn-") else "aws"
    partition = "aws-us-gov" if target.region.startswith("us-gov-") else partition
    for name, value in (("AccountId", target.account), ("Region", target.region), ("Partition", partition)):
        text = text.replace(f"${{AWS::{name}}}", value)
    return text


def _refuse_elsewhere(id: str, region: str, target: Target) -> None:
    if region and region != target.region:
        raise AssemblyUnfit(
            f"asset {id} goes to region {region}, its enver is in {target.region}",
            next_step="leave `env` of its stack out: a stack in another region is an enver of its own",
        )
