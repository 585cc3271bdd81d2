"""Takes away the images of an enver that left the contracts: nobody runs with them then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from odmd.control.running.place import Target
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.messages import FinishClearance, FinishRemoval
from odmd.errors import OdmdError
from odmd.model import naming
from odmd.providers.images.ports import ImageCloud
from odmd.providers.images.repository import BUILD_TAG, STATE_TAG, FoundRepository, Repository, tags_begin


@dataclass(frozen=True, slots=True)
class ImageRemover:
    """What of a repository is another enver's, another state's, or nobody's, stays."""

    cloud: ImageCloud
    state: str
    says: Callable[[str, str], object]
    """Told of an enver what went and what stays."""

    def remove(self, effect: RemoveEnver) -> FinishRemoval:
        build, _, slot = effect.enver.partition("/")
        repository = Repository(self.cloud, naming.repository_name(build), Target(effect.account, effect.region))
        try:
            if (found := repository.find()) is not None:
                self.says(effect.enver, self._removed(repository, found, effect.enver, build, slot))
        except OdmdError as failed:
            hint = f"\n{failed.next_step}" if failed.next_step else ""
            return FinishRemoval(effect.enver, f"{failed.code} {failed.fact}{hint}", began=effect.began)
        return FinishRemoval(effect.enver, began=effect.began)

    def clear(self, effect: ClearUnits) -> FinishClearance:
        """Of images nothing is recorded that could leave them."""
        return FinishClearance(effect.enver, effect.units, (), effect.began)

    def _removed(self, repository: Repository, found: FoundRepository, enver: str, build: str, slot: str) -> str:
        """What went, in words."""
        if (found.tags.get(BUILD_TAG), found.tags.get(STATE_TAG)) != (build, self.state):
            return f"repository {repository.name} stays as it is: this state does not manage it"
        prefix = tags_begin(slot)
        its = [one for one in repository.all() if any(tag.startswith(prefix) for tag in one.tags)]
        repository.forget(its, prefix)
        alone = repository.remove_if_empty(found, enver)
        counted = f"{len(its)} image{'s' * (len(its) != 1)}"
        return f"{counted} went{', and with the last one' if alone else ' from'} repository {repository.name}"
