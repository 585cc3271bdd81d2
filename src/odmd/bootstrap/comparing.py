"""What comparing needs: kept recipes, each read by the provider of its build type; git; private config."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from odmd.compare.side import Part
from odmd.control.leading.compared_sides import SideReader
from odmd.control.leading.comparing import ConfigCompared, EnverComparer
from odmd.errors import RecipeUnfit
from odmd.model.build_types import CDK, COMMAND, IMAGE, KUBERNETES

if TYPE_CHECKING:
    from odmd.bootstrap.settings import Settings
    from odmd.control.ports.world import SourceHistory
    from odmd.control.reading.records import Records
    from odmd.store.database import Database

_MOST: Final = 130_000_000
"""Bytes of a package."""
_NO_RECIPE: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def read_recipe(build_type: str, kept: bytes) -> Sequence[Part]:
    """What a kept recipe brings about.

    Raises:
        RecipeUnfit: it is none of its type.
    """
    try:
        return _reader(build_type)(kept)
    except _NO_RECIPE as wrong:
        raise RecipeUnfit(f"what is stored is no recipe of a {build_type} build") from wrong


def _reader(build_type: str) -> Callable[[bytes], Sequence[Part]]:
    match build_type:
        case CDK.name:
            from odmd.providers.aws.recipe import parts_of
        case KUBERNETES.name:
            from odmd.providers.kubernetes.recipe import parts_of
        case IMAGE.name:
            from odmd.providers.images.recipe import parts_of
        case COMMAND.name:
            from odmd.providers.command.procedure import parts_of
        case _:
            from odmd.providers.packages.members import parts_of as files_of

            return lambda kept: files_of(kept, _MOST)
    return parts_of


def history(settings: Settings) -> SourceHistory:
    """What was before commits."""
    from odmd.bootstrap.repositories import git_repositories
    from odmd.providers.git.history import GitHistory
    from odmd.providers.installed import InstalledHistory

    return InstalledHistory(GitHistory(git_repositories(settings)))


def comparer(
    records: Records,
    database: Database,
    source: SourceHistory,
    config: Callable[[], ConfigCompared],
    no_recipes: str = "",
) -> EnverComparer:
    """Compares by what these have. `no_recipes`: why whoever asks is not shown what stands in them."""
    from odmd.store.artifacts import SqlArtifacts

    return EnverComparer(SideReader(records, SqlArtifacts(database), read_recipe), source, config, no_recipes)
