"""Looks at everything that a machine, or a server, needs, one thing at a time and none because of another."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from importlib.util import find_spec
from typing import Final, assert_never

from odmd import __version__
from odmd.bootstrap import auditing, github, identities
from odmd.bootstrap.contracts import contracts_cage, load_contracts
from odmd.bootstrap.descriptors import CONNECTIONS, WANTED, most_files, within
from odmd.bootstrap.gone import deployed_stacks
from odmd.bootstrap.provers import WorldProver
from odmd.bootstrap.roles import role_drift, with_what_rights
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, has_state, leadership
from odmd.control.reading.checks import Check, Found, Look, check
from odmd.control.reading.explain import how_to_answer
from odmd.control.reading.following import subscribers
from odmd.control.reading.troubles import troubles
from odmd.control.running.needed import of_contracts, of_source
from odmd.control.running.needs import (
    AccountNeeded,
    BootstrapNeeded,
    ClusterNeeded,
    Missing,
    NeedSort,
    Proven,
    RegistryNeeded,
    RunNeed,
    SourceNeeded,
    ToolNeeded,
    Unknown,
)
from odmd.control.running.proving import finding
from odmd.control.scheduler.questions import asked_first
from odmd.control.scheduler.state import State
from odmd.errors import CloudRefused, OdmdError
from odmd.graph import Compiled, Graph
from odmd.isolation import Isolation
from odmd.model import naming
from odmd.model.build_types import Need
from odmd.model.targets import Target
from odmd.store.sql import SqlStore
from odmd.store.where import Postgres

_ROOM_BYTES: Final = 500_000_000
_PACKAGES: Final = (
    ("dbos", "deploying", "apply"),
    ("boto3", "deploying", "aws"),
    ("aws-cdk-lib", "CDK apps", "cdk"),
    ("fastapi", "`odmd serve`", "server"),
    ("httpx", "--server", "client"),
)
_AT_ONCE: Final = 8
_STANDING: Final = (
    NeedSort.TOOL,
    NeedSort.SOURCE,
    NeedSort.ACCOUNT,
    NeedSort.BOOTSTRAP,
    NeedSort.REGISTRY,
    NeedSort.CLUSTER,
)
_TOOLS: Final = {Need.NODE: "Node.js", Need.BUILDER: "image builder"}


def check_up(settings: Settings, server: str | None) -> Iterator[Check]:
    """What is needed here, and at a server if one is given: each as soon as it is known, in a fixed order."""
    yield from _check_here(settings)
    if server is not None:
        from odmd.client.checkup import check_server

        yield from check_server(server)


def _check_here(settings: Settings) -> Iterator[Check]:
    """Each as soon as it is known.

    What stands below the contracts is left out when these cannot be read."""
    yield from _checked([("Python", _python), ("git", _git), ("packages", _packages)])
    yield check("isolation", lambda: _isolation(settings))
    yield check("open files", _open_files)
    compiled = cache(lambda: load_contracts(settings))
    load = cache(lambda: compiled().graph)
    yield (contracts := check("contracts", lambda: _contracts(load())))
    world = WorldProver(settings)
    needs = standing_needs(load()) if contracts.state == "good" else (ToolNeeded(Need.NODE),)
    yield from _checked(list(_of_tools(world, needs)))
    yield check("state", lambda: _state(settings))
    if _is_relied_on(settings):
        yield check("audit", lambda: auditing.standing(settings))
    yield from _github(settings, load if contracts.state == "good" else None)
    if settings.identities:
        yield check("who gets in", lambda: identities.standing(settings, load() if contracts.state == "good" else None))
    if settings.config is not None:
        yield check("config", lambda: _config(settings))
    if contracts.state == "good":
        yield from _checked(list(_of_needs(settings, world, needs, compiled())))
        yield check("what was left", lambda: _left(settings))


def _is_relied_on(settings: Settings) -> bool:
    try:
        return has_state(settings) and auditing.is_relied_on(settings)
    except OdmdError:
        return False  # what is said of the state has the reason


def _checked(looks: Sequence[tuple[str, Look]]) -> Iterator[Check]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(check, *zip(*looks, strict=True))


def _github(settings: Settings, load: Callable[[], Graph] | None) -> Iterator[Check]:
    """Where odmd is an App there; what it has more than it needs is no mistake, and said."""
    with suppress(OdmdError):  # what is wrong with the state, or its key, was said of these
        if not has_state(settings) or github.known_app(settings) is None:
            return

    def look() -> Found:
        found = github.standing(settings, load().repositories if load else ())
        wrong = [f"lacks {name}: {level}" for name, level in found.lacking.items()]
        wrong += [f"is not told of {name}" for name in found.deaf]
        wrong += [f"does not reach {name}" for name in found.unreached]
        wrong += [f"{name} is another repository now, {id}" for name, id in found.made_anew.items()]
        more = [f"has {name}: {level}, which nothing needs" for name, level in found.beyond.items()]
        aside = [f"{name} is not of {found.owner}" for name in found.elsewhere]
        aside += [f"{name} is archived" for name in found.archived]
        fact = f"{found.app} of {found.owner}, which reaches {len(found.repositories)} repositories"
        state = "wrong" if wrong else "note" if more or aside else "good"
        hint = f"change it at {found.page}, and accept it where it is installed" if wrong or more else ""
        return Found("; ".join([fact, *wrong, *more, *aside]), state, hint)

    yield check("GitHub", look)


def _config(settings: Settings) -> Found:
    """Layers that are kept elsewhere."""
    from odmd.bootstrap.private import vault

    said = vault(settings, None).layers.newest()
    if wrong := [one.unreadable for one in said.values() if one.unreadable]:
        return Found("; ".join(wrong), "wrong", "mend it there: its envers stay as they are until then")
    return Found(f"{settings.config}: {len(said)} said")


def _python() -> Found:
    return Found(f"{platform.python_version()}, odmd {__version__}")


def _git() -> Found:
    if (git := shutil.which("git")) is None:
        return Found("git is not on the PATH", "wrong", "install git")
    return Found(_version(git).removeprefix("git version "))


def _isolation(settings: Settings) -> Found:
    from odmd.bootstrap.workers import cage_of

    cage, of_contracts = cage_of(settings), contracts_cage(settings)
    here = f"; here: {of_contracts if settings.isolation is Isolation.REQUIRED else 'taken for your own, not caged'}"
    fact = f"services' apps: {cage}; contracts, at `odmd serve` and `odmd worker`: {of_contracts}{here}"
    if cage.program is not None or settings.isolation is Isolation.OFF:
        return Found(fact)
    hint = "`odmd serve` and `odmd worker` refuse to start: install bubblewrap, allow user namespaces"
    return Found(fact, "note", hint)


def _open_files() -> Found:
    files = most_files()
    fact = f"a process may have {files}; `odmd serve` takes {(room := within(files))} connections at a time"
    if room >= CONNECTIONS:
        return Found(fact)
    return Found(fact, "note", f"where many listen, allow {WANTED}: LimitNOFILE= in a unit of systemd, or ulimit -Hn")


def _packages() -> Found:
    there, lacking = list[str](), list[tuple[str, str, str]]()
    for name, what, extra in _PACKAGES:
        try:
            there.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            lacking.append((name, what, extra))
    if not lacking:
        return Found(", ".join(there))
    extras = ",".join(dict.fromkeys(extra for _, _, extra in lacking))
    fact = "; ".join(f"{name} is not installed, which {what} needs" for name, what, _ in lacking)
    return Found(fact, "note", f"pip install 'ondemandenv[{extras}]', if you need that here")


def _version(tool: str) -> str:
    return subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  # found on the PATH


def _contracts(graph: Graph) -> Found:
    return Found(f"{graph.organisation}: {len(graph.envers)} envers, {len(graph.builds)} builds, sound")


def _state(settings: Settings) -> Found:
    where = database(settings)
    if not has_state(settings):
        return Found(f"there is none yet in {where}", "note", "`odmd apply` makes it")
    from odmd.store.workers import SqlWorkers

    store = SqlStore(where)
    try:
        position, workers = store.position(), len(SqlWorkers(store.database).workers())
    finally:
        store.close()
    by = leadership(settings).leader()
    fact = f"{position} events in {where}; {f'led by {by}' if by else 'nobody leads'}; workers beside it: {workers}"
    if not isinstance(where, Postgres) and (room := shutil.disk_usage(where.parent).free) < _ROOM_BYTES:
        return Found(f"{fact}; {room / 1e6:.0f} MB of room left", "wrong", "make room on that disk")
    return Found(fact)


def _left(settings: Settings) -> Found:
    """What could not be done in the world so far, and who could not be removed."""
    state, left = State(), list[str]()
    if has_state(settings):
        store = SqlStore(database(settings))
        try:
            state = store.load()
            left = [one.placed for one in troubles(store)]
            left += [one.trouble for one in subscribers(store, time.time()) if one.trouble]
        finally:
            store.close()
    asking = list[str]()
    for enver in map(state.envers.__getitem__, state.leaving):
        if enver.departure and enver.departure.failure:
            label = naming.enver_label(enver.address)
            left.append(f"{label} could not be removed: {enver.departure.failure}")
            asking += [how_to_answer(label, one)] if (one := asked_first(enver.offers)) else []
    if left:
        steps = asking
        if len(left) > len(asking):
            steps.append("mend the cause; `odmd apply`, or the server, tries it again")
        return Found("\n".join(left), "wrong", "; ".join(steps))
    return Found("nothing")


def standing_needs(graph: Graph) -> Sequence[RunNeed]:
    """What runs of many envers need alike, each once: of a repository one revision. What a run needs for itself alone
    `odmd preflight` looks at."""
    of_all = [need for enver in graph.envers.values() for need in (*of_source(enver), *of_contracts(enver))]
    sources = {need.repo: need for need in of_all if isinstance(need, SourceNeeded)}
    others = dict.fromkeys(need for need in of_all if not isinstance(need, SourceNeeded))
    kept = [need for need in (*sources.values(), *others) if need.sort in _STANDING]
    return sorted(kept, key=lambda need: (_STANDING.index(need.sort), need.where, str(need)))


def _of_tools(world: WorldProver, needs: Sequence[RunNeed]) -> Iterator[tuple[str, Look]]:
    for tool in dict.fromkeys(need.tool for need in needs if isinstance(need, ToolNeeded)):
        yield _TOOLS.get(tool, tool.value), partial(_proven, world, ToolNeeded(tool))


def _of_needs(
    settings: Settings, world: WorldProver, needs: Sequence[RunNeed], compiled: Compiled
) -> Iterator[tuple[str, Look]]:
    for need in needs:
        match need:
            case SourceNeeded():
                what = "package" if naming.is_package(need.repo) else "repository"
                yield f"{what} {need.repo}", partial(_proven, world, need)
            case AccountNeeded() if find_spec("boto3"):
                yield f"account {need.where}", partial(_place, settings, world, needs, compiled, need)
            case RegistryNeeded():
                what = "registry of npm" if need.is_npm else "package index"
                yield f"{what} {need.package.index}", partial(_proven, world, need)
            case ClusterNeeded() if find_spec("httpx"):
                yield f"kubernetes cluster {need.name}", partial(_proven, world, need)
            case _:
                pass


def _proven(world: WorldProver, need: RunNeed) -> Found:
    """What a proof says, as a check says it."""
    match found := finding(world.prove, need):
        case Proven():
            return Found(found.fact)
        case Missing():
            return Found(found.fact, "wrong", found.next_step)
        case Unknown():
            return Found(found.fact, "note" if found.error is None else "wrong", found.next_step)
        case _:
            assert_never(found)


def _place(
    settings: Settings, world: WorldProver, needs: Sequence[RunNeed], compiled: Compiled, need: AccountNeeded
) -> Found:
    """That it is reached, and has what stacks need, roles as the contracts say among it; and that those which were
    deployed are there still."""
    reached = _proven(world, need)
    if reached.state != "good" or not any(isinstance(one, BootstrapNeeded) and one.after == need for one in needs):
        return reached
    bootstrapped = _proven(world, BootstrapNeeded(need.target))
    if bootstrapped.state != "good":
        return bootstrapped
    if not (gone := _gone_from(settings, world, need.target)):
        rights = with_what_rights(settings, world.sessions, need.target)
        return _as_contracts_say(settings, compiled, need.target, f"{reached.fact}, {bootstrapped.fact}; {rights}")
    what = ", ".join(f"{stack} of {naming.enver_label(enver)}" for stack, enver in gone)
    return Found(
        f"stacks that were deployed are not there any more: {what}",
        "wrong",
        "`odmd apply --look` deploys them again",
    )


def _as_contracts_say(settings: Settings, compiled: Compiled, target: Target, fact: str) -> Found:
    """What was found of a place, and whether its roles, if it has some, are those that the contracts need."""
    try:
        differs = role_drift(settings, compiled, target)
    except CloudRefused as refused:
        hint = "`odmd bootstrap --all --check`, with credentials that may read IAM, says it"
        return Found(f"{fact}; whether they are as the contracts say cannot be seen: {refused.fact}", "note", hint)
    if not differs:
        return Found(fact)
    more = f", and {len(differs) - 1} more" if len(differs) > 1 else ""
    hint = f"`odmd bootstrap {target.account}/{target.region} --check` says all of it"
    return Found(f"{fact}, which differ from the contracts: {differs[0]}{more}", "wrong", hint)


def _gone_from(settings: Settings, world: WorldProver, target: Target) -> Sequence[tuple[str, str]]:
    """Stacks that were deployed to a place and are not there any more, with the envers whose they are."""
    from odmd.providers.aws import AwsCloud

    deployed: Mapping[Target, Mapping[str, str]] = {}
    with suppress(OdmdError, OSError):  # what is wrong with the state was said of the state
        deployed = deployed_stacks(settings)
    if not (stacks := deployed.get(target, {})):
        return ()
    there = AwsCloud(world.sessions).stacks_there(target)
    return sorted((stack, enver) for stack, enver in stacks.items() if stack not in there)
