"""What is said of a pull request on the contracts. They are a program of whoever wrote it: they run apart, in a cage,
without a network and without anything of ours, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from odmd.bootstrap.github_settings import GithubSettings
from odmd.bootstrap.revisions import ToldEdition, edition_in, placed_in, to_edition
from odmd.bootstrap.settings import Settings
from odmd.control.ports.hosts import ContractsProposal, Opinion, Review
from odmd.control.ports.world import Repositories
from odmd.errors import ContractsNotLoaded, Diagnostic, OdmdError
from odmd.graph import Compiled
from odmd.graph.difference import Difference, Verdict, difference
from odmd.model import naming
from odmd.plan import Plan
from odmd.plan.contract_words import counted, markdown_of
from odmd.plan.markdown import LIMIT, markdown, plain
from odmd.policy.gains import with_policies
from odmd.texts import first_of

_SHOWN: Final = 50
_LONGEST_LINE: Final = 500
_LONGEST_DIFFERENCE: Final = 25_000

PlanWith = Callable[[Compiled], Plan]
"""The plan if these contracts were in force; keeps nothing."""


@dataclass(frozen=True, slots=True)
class ContractsReviewer:
    """Loads, compares and plans, for one repository of contracts."""

    settings: Settings
    where: GithubSettings
    repositories: Repositories
    plan: PlanWith

    def review(self, proposal: ContractsProposal) -> Review:
        """Raises:
        RepositoryUnreachable, RevisionNotFound, ToolMissing, NotCaged, ServerBusy
        """
        if not proposal.is_trusted:
            return _waits(proposal)
        with tempfile.TemporaryDirectory(prefix="odmd-review-") as folder:
            here = Path(folder).resolve()
            try:
                head = self._edition(proposal.head, here / "head")
            except ContractsNotLoaded as wrong:
                return _wrong(proposal, [placed_in(one, here / "head") for one in wrong.diagnostics()])
            if head.mistakes:
                return _wrong(proposal, [placed_in(one, here / "head") for one in head.mistakes])
            warnings = tuple(placed_in(one, here / "head") for one in head.compiled.warnings)
            made = self._difference(proposal, head, here / "base")
        return self._said(proposal, head, made, warnings)

    def _edition(self, commit: str, into: Path) -> ToldEdition:
        self.repositories.checkout(self.where.contracts, commit, into)
        return edition_in(into, into / self.where.folder, self.settings, commit[:7])

    def _difference(self, proposal: ContractsProposal, head: ToldEdition, into: Path) -> Difference | None:
        """None: what it began with does not load."""
        try:
            base = self._edition(proposal.base, into)
        except ContractsNotLoaded:
            return None
        made = difference(to_edition(base), to_edition(head))
        graphs = base.compiled.graph, head.compiled.graph
        return (
            with_policies(made, *graphs) if any(one.governed.said() for one in graphs) and not base.mistakes else made
        )

    def _said(
        self, proposal: ContractsProposal, head: ToldEdition, made: Difference | None, warnings: tuple[Diagnostic, ...]
    ) -> Review:
        names = proposal.base[:7], proposal.head[:7]
        breaks = made is not None and made.as_bad_as(Verdict.BREAKING)
        lines = [*_difference_lines(made, names), *_movers(made, head), ""] if made else [_NO_BASE, ""]
        text = "\n".join([*lines, *_listed("Warnings", warnings)])
        end = _end(proposal)
        text = f"{text}\n\n{self._planned(head, LIMIT - len(text) - len(end) - 200)}\n{end}"
        title = "nothing changes" if made and not made.changes else counted(made) if made else "not compared"
        return Review(Opinion.BREAKS if breaks else Opinion.FINE, title, text, warnings)

    def _planned(self, head: ToldEdition, limit: int) -> str:
        """By stage; a plan that cannot be made is no fault of who asks."""
        try:
            plan = self.plan(head.compiled)
            timeless = tuple(replace(one, since=0.0) for one in plan.unreadable)  # the same is said in the same words
            return markdown(replace(plan, unreadable=timeless), limit=limit)
        except OdmdError as wrong:
            return f"### No plan\n\n{plain(f'{wrong.code} {wrong.fact}')}\n"


_NO_BASE: Final = "### Contracts\n\nThose that it began with do not load, so that nothing can be compared."


def _difference_lines(made: Difference, names: tuple[str, str]) -> Sequence[str]:
    """As many as fit."""
    kept, left = list[str](), _LONGEST_DIFFERENCE
    for line in markdown_of(made, names):
        left -= len(line) + 1
        if left < 0:
            return [*kept, "", f"*… and more: `odmd diff --contracts {names[0]} {names[1]}` shows all of it.*"]
        kept.append(line)
    return kept


def _movers(made: Difference | None, head: ToldEdition) -> Iterator[str]:
    """Whom what breaks concerns, by team."""
    envers, teams = head.compiled.graph.envers, dict[str, set[str]]()
    for change in made.of(Verdict.BREAKING) if made else ():
        for one in change.consumers:
            if one in envers:
                teams.setdefault(envers[one].team, set()).add(naming.enver_label(one))
    if teams:
        yield from ("", "**Whose it is to say yes**", "")
        yield from (
            f"- {plain(team)}: {plain(first_of(sorted(teams[team]), _SHOWN))}" for team in sorted(teams)[:_SHOWN]
        )


def _waits(proposal: ContractsProposal) -> Review:
    text = (
        "### These contracts were not run\n\n"
        "They come from somebody who may not write here, and contracts are a program. After reading them, somebody who "
        f"may write comments this, and exactly this commit is looked at:\n\n```\n/odmd check {proposal.head}\n```\n"
    )
    return Review(Opinion.WAITS, "waits for a member's word", text)


def _wrong(proposal: ContractsProposal, found: Sequence[Diagnostic]) -> Review:
    lines = [f"### Contracts that are not sound: {len(found)}", "", *_listed("Mistakes", found)]
    return Review(Opinion.WRONG, f"mistakes: {len(found)}", "\n".join([*lines, _end(proposal)]), tuple(found))


def _listed(title: str, found: Sequence[Diagnostic]) -> Iterator[str]:
    if found:
        yield from ("", f"**{title}**", "")
        for one in found[:_SHOWN]:
            where = f"{one.place.file}:{one.place.line} " if one.place else ""
            hint = f" → {one.next_step}" if one.next_step else ""
            yield f"- {plain(f'{where}{one.code} {one.fact}{hint}'[:_LONGEST_LINE])}"
        if len(found) > _SHOWN:
            yield f"- and {len(found) - _SHOWN} more"


def _end(proposal: ContractsProposal) -> str:
    return f"\n<sub>Of {proposal.head} as it left {proposal.base}; another push is looked at anew.</sub>\n"
