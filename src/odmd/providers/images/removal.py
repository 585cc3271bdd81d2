"""Takes away the images of an enver that left the contracts: nobody runs with them then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from odmd.control.running.acting import clearing_target
from odmd.control.running.clearing import IsLeft, clear_each, together
from odmd.control.running.procedures import NOTHING_THERE, Remains
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance
from odmd.control.scheduler.units import DeployedUnit
from odmd.errors import StateUnreadable
from odmd.model import naming
from odmd.model.build_types import IMAGE
from odmd.model.targets import Target
from odmd.plan.inventory import Belonging, Inventory, Staying
from odmd.providers.images.ports import ImageCloud
from odmd.providers.images.repository import (
    BUILD_TAG,
    STATE_TAG,
    FoundRepository,
    Repository,
    Stored,
    repository_in,
    tags_begin,
)


@dataclass(frozen=True, slots=True)
class ImageRemover:
    """What of a repository is another enver's, another state's, or nobody's, stays."""

    cloud: ImageCloud
    is_left: IsLeft
    state: str
    says: Callable[[str, str], object]
    """Told of an enver what went and what stays."""

    def look(self, effect: RemoveEnver) -> Remains:
        """Raises:
        CloudUnreachable, CloudRefused
        """
        return together([self._look(effect.enver, one) for one in self._repositories(effect)])

    def may_be_there(self, effect: RemoveEnver) -> Sequence[str]:
        return [f"its images in ECR repository {one.name} in {one.target}" for one in self._repositories(effect)]

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """A repository in an account or region that the enver went away from; single images go with their values.

        Raises:
            CloudUnreachable, CloudRefused
        """

        def look(unit: DeployedUnit) -> Remains:
            name = repository_in(unit.name)
            return self._look(effect.enver, self._repository(effect, name, unit.target)) if name else NOTHING_THERE

        return clear_each(effect, look, self.is_left)

    def _repositories(self, effect: RemoveEnver) -> Sequence[Repository]:
        """Those recorded; older releases recorded none, and had one, where the last run was."""
        recorded = [(name, unit.target) for unit in effect.units if (name := repository_in(unit.name))]
        if not recorded:
            if effect.target is None:
                raise StateUnreadable(f"nobody knows where {effect.enver} ran", next_step="its images stay as they are")
            recorded = [(naming.repository_name(effect.enver.partition("/")[0]), effect.target)]
        return [self._repository(effect, name, target) for name, target in recorded]

    def _repository(self, effect: RemoveEnver | ClearUnits, name: str, at: Target) -> Repository:
        return Repository(self.cloud, name, clearing_target(effect.enver, IMAGE, at))

    def _look(self, enver: str, repository: Repository) -> Remains:
        build, _, slot = enver.partition("/")
        if (found := repository.find()) is None:
            return NOTHING_THERE
        if (found.tags.get(BUILD_TAG), found.tags.get(STATE_TAG)) != (build, self.state):
            why = "this state does not manage it"
            self.says(enver, f"repository {repository.name} stays as it is: {why}")
            return Remains(Inventory(stays=(Staying("repository", repository.name, why),)), lambda: "")
        all_of_them, prefix = list(repository.all()), tags_begin(slot)
        its = [one for one in all_of_them if any(tag.startswith(prefix) for tag in one.tags)]
        return Remains(
            _inventory(repository.name, all_of_them, its, prefix),
            lambda: self._take(repository, found, enver, its),
        )

    def _take(self, repository: Repository, found: FoundRepository, enver: str, its: Sequence[Stored]) -> str:
        repository.forget(its, tags_begin(enver.partition("/")[2]))
        alone = repository.remove_if_empty(found, enver)
        counted = f"{len(its)} image{'s' * (len(its) != 1)}"
        how = f"{counted} went{', and with the last one' if alone else ' from'} repository {repository.name}"
        self.says(enver, how)
        return ""


def _inventory(name: str, all_of_them: Sequence[Stored], its: Sequence[Stored], prefix: str) -> Inventory:
    """An image goes with its last tag, the repository with the last image, whoever takes that."""
    shared = [one for one in its if not all(tag.startswith(prefix) for tag in one.tags)]
    goes = [Belonging("image", f"{name}@{one.digest}") for one in its if one not in shared]
    others = [one for one in all_of_them if one not in its]
    stays = [Staying("image", f"{name}@{one.digest}", "another enver's tags name it, too") for one in shared]
    stays += [Staying("image", f"{name}@{one.digest}", "it is of other envers, or of nobody") for one in others]
    goes.append(Belonging("repository", f"{name} with its last image"))
    return Inventory(tuple(goes), tuple(stays))
