"""A repository with a package, and one machine that publishes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from odmd.agent.mask import Mask
from odmd.control.running.place import Workplace
from odmd.control.running.procedures import Job, Procedure
from odmd.control.running.proposal import Proposal
from odmd.graph import EnverNode
from odmd.private import private_folder
from odmd.providers.cage import Isolation, find_cage
from odmd.providers.environments import Environments, Shelf
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.packages.work import PackageWork
from odmd.providers.packages.workshop import Workshop
from odmd.providers.workroom import Workroom
from support.jobs import job as a_job


def workshop(shelf: Shelf) -> Workshop:
    """Caged where this machine has a cage."""
    cage = find_cage(Isolation.PREFERRED)
    return Workshop(
        Workroom(lambda hidden: Mask(hidden).stream(), lambda: cage), Environments(shelf, Mask({}), cage=lambda: cage)
    )


class Publisher:
    """Runs of one enver, one after the other, whatever kind of package it publishes."""

    def __init__(self, folder: Path, enver: EnverNode, procedure: Procedure) -> None:
        self.folder, self.enver, self.procedure = folder, enver, procedure
        self.repositories, self.said = FakeRepositories(), list[str]()
        self.commit, self.runs = "", 0
        self.committed: Mapping[str, str] = {}

    def commits(self, files: Mapping[str, str]) -> Self:
        self.committed = files
        self.commit = self.repositories.commit(self.enver.repo, "main", files)
        return self

    def job(self, texts: Mapping[str, str] | None = None) -> Job:
        self.runs += 1
        place = Workplace(private_folder(self.folder / str(self.runs) / "1"))
        return a_job(
            place,
            self.enver,
            commit=self.commit,
            texts=texts,
            run=self.runs,
            checkout=lambda: self.repositories.checkout(self.enver.repo, self.commit, place.source),
            said=self.said,
        )

    def prepared(self) -> bytes:
        return self.procedure.prepare(self.job())


def finished(work: PackageWork) -> tuple[Proposal, str]:
    """What a run that goes well proposed, and what it gives to others."""
    (unit,) = work.units
    proposal = work.propose(unit, continued=False)
    carried_out = work.carry_out(proposal)
    return proposal, work.observe(unit, json.loads(json.dumps(carried_out))).texts["package"]
