"""Finds the enver that a CDK app is synthesised for: the one of its run, or a stand-in without a run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, TypeVar

from odmd.cdk.inputs import bind_inputs
from odmd.errors import NotInRun
from odmd.model import Build, Enver
from odmd.model.run_document import VARIABLE, RunDocument, Seen
from odmd.model.version import package_version

E = TypeVar("E", bound=Enver)
LOCAL_SLOT: Final = "b..local"


def target(cls: type[E]) -> E:
    """The enver of this run (the file that `ODMD_RUN` names), or without a run one in slot `b..local`.

    A class that belongs to no build, as that of an installed service, is whichever build's that has it as source.
    It never loads the organisation: inputs are known by their names in `cls`, so an old checkout works as it did.

    Raises:
        NotInRun: the run is of another build, or its document cannot be read.
    """
    path = os.environ.get(VARIABLE)
    declared: Build | None = getattr(cls, "build", None)
    build = declared.name if declared else ""
    run = RunDocument.read(Path(path)) if path else _local(build or cls.__name__.lower())
    if build and run.build != build:
        raise NotInRun(
            f"{path} is for build {run.build}, and {cls.__name__} is build {build}",
            next_step=f"start the app that belongs to {run.build}, or unset {VARIABLE}",
        )
    enver = cls.bound(run)
    bind_inputs(enver)
    if path:
        _seen(cls).leave(Path(path))
    return enver


def _seen(cls: type[Enver]) -> Seen:
    fields = cls.declaration
    inputs = [field.alias or name for name, (field, _) in fields.consumes.items()]
    products = [said.alias or name for name, (said, _) in fields.products.items()]
    return Seen(package_version(cls.__module__), (*inputs, *fields.requests), tuple(fields.hubs), tuple(products))


def _local(build: str) -> RunDocument:
    """A stand-in for unit tests and `python app.py` on a developer's machine: number 0, holds no values."""
    return RunDocument(
        run=0,
        enver=f"{build}/{LOCAL_SLOT}",
        build=build,
        slot=LOCAL_SLOT,
        stage="local",
        account=os.environ.get("CDK_DEFAULT_ACCOUNT") or "000000000000",
        region=os.environ.get("CDK_DEFAULT_REGION") or "us-east-1",
        ephemeral=False,
        inputs={},
        products={},
    )
