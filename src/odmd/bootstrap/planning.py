"""Makes plans: reads the heads of the repositories, compares with the recorded state, and keeps what was shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from odmd.bootstrap.settings import Settings
from odmd.control.inert import inert
from odmd.control.ports import Leadership, Repositories, Store
from odmd.control.recorded import recorded
from odmd.control.state import RunMode, RunStatus, State
from odmd.errors import EnverUnknown, PlanOutdated, RepositoryUnreachable, RevisionNotFound
from odmd.graph import Compiled, EnverNode, Graph
from odmd.model import naming
from odmd.plan import Plan, Recorded, build_plan
from odmd.plan.build import Limited
from odmd.plan.carried_out import beyond
from odmd.plan.durations import Took, with_durations
from odmd.plan.freshness import Own, moved_since
from odmd.plan.radius import with_reach
from odmd.plan.removals import with_retirements
from odmd.plan.verdicts import moved_elsewhere, with_verdicts
from odmd.plan.wiring import Wiring, promoted_from
from odmd.store.where import Where

if TYPE_CHECKING:
    from odmd.graph.difference import Difference, Edition

_PAST: Final = 2000
"""The newest runs: those that durations are told from, and among which those of a plan are looked for."""
_HEADS: Final = "heads"
_CONTENTS: Final = "contents"
_SUBJECTS: Final = "subjects"
_LISTED: Final = 10
_LOOK_AGAIN: Final = "run `odmd plan` and look again"


def repositories(settings: Settings) -> Repositories:
    """Git, by the settings' paths or URLs."""
    from odmd.providers.git.repositories import GitRepositories

    return GitRepositories(settings.locate, settings.state / "git")


def recorded_state(settings: Settings) -> State:
    """The state as last committed; an empty one where there is none yet.

    Raises:
        StateUnreadable
    """
    with _stored(settings) as store:
        return store.load() if store else State()


def database(settings: Settings) -> Where:
    """Where the control plane keeps everything but artifacts."""
    return settings.database or settings.state / "state.db"


def leadership(settings: Settings) -> Leadership:
    """Who may decide about what is in the database: a lock for a file, an election for Postgres."""
    if settings.database is None:
        from odmd.store.leadership import FileLeadership

        return FileLeadership(settings.state)
    from odmd.store.election import PostgresLeadership

    return PostgresLeadership(settings.database)


@contextmanager
def planner(settings: Settings, compiled: Compiled, gone: Collection[str] = ()) -> Generator[Planner]:
    """Plans beside whoever leads, and makes no state: where there is none yet, plans are shown and not kept.

    Raises:
        StateUnreadable
    """
    with _stored(settings) as store:
        state = store.load() if store else State()
        yield Planner(compiled, state, store, repositories(settings), settings.runs_at_once, gone)


@contextmanager
def _stored(settings: Settings) -> Generator[Store | None]:
    from odmd.store.sql import SqlStore

    where = database(settings)
    if not where.exists():
        yield None
        return
    store = SqlStore(where)
    try:
        yield store
    finally:
        store.close()


@dataclass(frozen=True)
class Planner:
    """Makes plans from the contracts, the state and the repositories."""

    compiled: Compiled
    state: State
    store: Store | None
    sources: Repositories
    runs_at_once: int
    gone: Collection[str] = ()
    """Envers whose stacks were found to be gone."""

    @property
    def graph(self) -> Graph:
        return self.compiled.graph

    @cached_property
    def wiring(self) -> Wiring:
        return Wiring(self.graph)

    @cached_property
    def recorded(self) -> Recorded:
        known = recorded(self.state, self.wiring)
        lost = {
            one: replace(known.envers[one], deployed=None, unknown=True) for one in self.gone if one in known.envers
        }
        return replace(known, envers={**known.envers, **lost}) if lost else known

    def make(self, limited: Limited | None = None, *, refresh: bool = True) -> Plan:
        """The plan from what is recorded to the contracts at the heads of their repositories, kept if there is a store.

        Without `refresh`, the heads are those that the last plan read, where it read them.

        Raises:
            EnverUnknown: a target is not in the contracts.
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        limited = self._understood(limited or Limited())
        carried_out = [enver for enver in self.graph.envers.values() if not any(beyond(enver))]
        heads = self._heads(carried_out, {} if refresh else self._known_heads())
        contents, subjects = self._contents(heads), self._subjects(heads)
        made = self._difference()
        anew = moved_elsewhere(made) if made else ()
        plan = build_plan(self.graph, self.recorded, heads, limited, self.wiring, anew, contents, subjects)
        plan = with_retirements(with_reach(plan, self.wiring), self.recorded)
        plan = with_durations(plan, self._past(), self.graph, self.wiring.upstream, self.runs_at_once)
        plan = with_verdicts(plan, self.graph, made) if made else plan
        self._keep(plan)
        return plan

    def approved(self, digest: str) -> Plan:
        """The plan that somebody looked at, if it still says what is to do.

        Raises:
            PlanOutdated: lists what moved.
            PlanUnusable: it is no plan for here.
            RepositoryUnreachable, RevisionNotFound, ToolMissing
        """
        from odmd.store.plans import find_plan

        plan = find_plan(self.store, digest, self.graph.organisation) if self.store else None
        if plan is None:
            return self._the_same(digest)
        declared = [self.graph.envers[enver] for enver in plan.base.heads if enver in self.graph.envers]
        heads, own = self._heads(declared, {}), self._own(plan)
        if moved := list(moved_since(plan, self.graph, self.recorded, heads, own, self._contents(heads))):
            raise _outdated(digest, moved)
        gone = self.recorded.envers.keys().isdisjoint(removal.enver for removal in plan.removals)
        if gone and all(step.enver in own.envers for step in plan.steps() if step.certain):
            raise PlanOutdated(f"plan {digest} was carried out already", next_step="see `odmd status`")
        return plan

    def carried_out(self) -> None:
        """Keeps the contracts, so that the next plan can say what changed."""
        from odmd.store.graphs import keep_contracts

        if self.store:
            keep_contracts(self.store, self._edition, self._before)

    def _the_same(self, digest: str) -> Plan:
        """The plan of now, which has to be the one that was not kept."""
        plan = self.make()
        if plan.is_empty():
            raise PlanOutdated(
                f"no plan {digest} was kept here, and there is nothing to do", next_step="see `odmd status`"
            )
        if not _hex(plan.digest()).startswith(_hex(digest)):
            raise PlanOutdated(
                f"no plan {digest} was kept here, and the plan of now is {_hex(plan.digest())[:7]}: "
                "either it is another organisation's or state's, or heads, contracts or values moved",
                next_step=_LOOK_AGAIN,
            )
        return plan

    def _understood(self, limited: Limited) -> Limited:
        targets = {naming.enver_address(target, self.graph.envers) for target in limited.targets}
        for target in targets - self.graph.envers.keys():
            raise EnverUnknown(
                f"{naming.enver_label(target)} is not in the contracts", next_step="`odmd graph` shows what is"
            )
        return replace(limited, targets=tuple(sorted(targets)))

    def _heads(self, envers: Iterable[EnverNode], known: Mapping[tuple[str, str], str]) -> Mapping[str, str]:
        """The commit of each enver on a branch or tag; each repository's revision is read once."""
        followed = [enver for enver in envers if not promoted_from(enver)]
        wanted = {(enver.repo, enver.revision) for enver in followed} - known.keys()
        with ThreadPoolExecutor(8) as pool:
            reading = {(repo, revision): pool.submit(self.sources.head, repo, revision) for repo, revision in wanted}
        found = {**known, **{one: head.result() for one, head in reading.items()}}
        self._remember(found)
        return {enver.address: found[enver.repo, enver.revision] for enver in followed}

    def _contents(self, heads: Mapping[str, str]) -> Mapping[str, str]:
        """The content that each enver reads at its head; what is known of a commit is not read again."""
        declared = {enver: self.graph.envers[enver] for enver in heads}
        reads = {enver: (node.repo, heads[enver], *node.reads) for enver, node in declared.items()}
        said: list[tuple[list[str], str]] = json.loads(self.store.get(_CONTENTS) or "[]") if self.store else []
        known = {tuple(key): content for key, content in said}
        wanted = set(reads.values()) - known.keys()
        with ThreadPoolExecutor(8) as pool:
            reading = {key: pool.submit(self.sources.content, key[0], key[1], key[2:]) for key in wanted}
        found = {key: content.result() for key, content in reading.items()}
        if found and self.store:
            kept, alive = {**known, **found}, {(repo, commit) for (repo, _), commit in self._known_heads().items()}
            self.store.put(_CONTENTS, json.dumps([(key, kept[key]) for key in sorted(kept) if key[:2] in alive]))
        return {enver: known.get(key) or found[key] for enver, key in reads.items()}

    def _subjects(self, heads: Mapping[str, str]) -> Mapping[str, str]:
        """What each commit says of itself: that of a head is read once, and what is deployed knows its own."""
        wanted = {(self.graph.envers[enver].repo, commit) for enver, commit in heads.items()}
        said: list[tuple[str, str, str]] = json.loads(self.store.get(_SUBJECTS) or "[]") if self.store else []
        known = {(repo, commit): subject for repo, commit, subject in said}
        unknown = sorted(wanted - known.keys())
        with ThreadPoolExecutor(8) as pool:
            read = zip(unknown, pool.map(self._subject, unknown), strict=True)
        found = {key: subject for key, subject in (*known.items(), *read) if key in wanted and subject is not None}
        if unknown and self.store:
            self.store.put(_SUBJECTS, json.dumps([(*key, found[key]) for key in sorted(found)]))
        runs = (one.deployed for one in self.recorded.envers.values() if one.deployed)
        return {
            **{one.commit: one.subject for one in runs},
            **{commit: subject for (_, commit), subject in found.items()},
        }

    def _subject(self, at: tuple[str, str]) -> str | None:
        """None where it cannot be read now: no plan fails for want of a label."""
        try:
            return inert(self.sources.subject(*at))
        except (RepositoryUnreachable, RevisionNotFound):
            return None

    def _known_heads(self) -> Mapping[tuple[str, str], str]:
        said: list[tuple[str, str, str]] = json.loads(self.store.get(_HEADS) or "[]") if self.store else []
        return {(repo, revision): commit for repo, revision, commit in said}

    def _remember(self, heads: Mapping[tuple[str, str], str]) -> None:
        if self.store is None:
            return
        known = self._known_heads()
        if (merged := {**known, **heads}) != known:
            self.store.put(_HEADS, json.dumps([(*key, merged[key]) for key in sorted(merged)]))

    @cached_property
    def _edition(self) -> Edition:
        from odmd.graph.difference import edition

        return edition(self.compiled)

    @cached_property
    def _before(self) -> Edition | None:
        """The contracts as each enver was carried out under: which those are is a fact of the enver."""
        from odmd.graph.difference import with_some_of
        from odmd.store.graphs import contracts_before, newest_contracts

        newest = newest_contracts(self.store) if self.store else None
        earlier = contracts_before(self.store) if self.store and newest else None
        if newest is None or earlier is None:
            return newest
        return with_some_of(
            earlier, newest, [one for one in earlier.graph.envers if self._stayed(one, earlier, newest)]
        )

    def _stayed(self, enver: str, earlier: Edition, newest: Edition) -> bool:
        """Whether an enver runs under the earlier edition still."""
        now, was = newest.graph.envers.get(enver), earlier.graph.slice(enver)
        runs = self.recorded.envers[enver].deployed if enver in self.recorded.envers else None
        return runs is not None and runs.contracts == was and (now is None or now.slice() != was)

    def _difference(self) -> Difference | None:
        """What the contracts changed since they were carried out, for each enver."""
        from odmd.graph.difference import difference
        from odmd.store.graphs import encode_edition

        before = self._before
        if before is None or encode_edition(self._edition) == encode_edition(before):
            return None
        return difference(before, self._edition)

    def _past(self) -> Iterator[Took]:
        for run in self.store.runs(limit=_PAST) if self.store else ():
            if run.status is RunStatus.SUCCEEDED and run.finished_at is not None:
                yield Took(run.enver, run.mode is RunMode.VALUES, run.finished_at - run.started_at)

    def _own(self, plan: Plan) -> Own:
        """What was done under a plan."""
        if self.store is None:
            return Own()
        waves = {wave.id for wave in self.store.waves(limit=_PAST) if wave.plan == plan.digest()}
        runs = [run for run in self.store.runs(limit=_PAST) if waves.intersection(run.waves)] if waves else []
        return Own(
            envers={run.enver for run in runs if run.status is RunStatus.SUCCEEDED},
            products={ref.product for run in runs for ref in run.published},
        )

    def _keep(self, plan: Plan) -> None:
        from odmd.store.plans import keep_plan

        if self.store:
            keep_plan(self.store, plan)


def _outdated(digest: str, moved: Collection[str]) -> PlanOutdated:
    listed = [f"\n  {line}" for line in list(moved)[:_LISTED]]
    more = f"\n  and {len(moved) - _LISTED} more" if len(moved) > _LISTED else ""
    return PlanOutdated(f"plan {digest} is outdated:{''.join(listed)}{more}", next_step=_LOOK_AGAIN)


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")
