"""Looks at everything that a machine, or a server, needs, one thing at a time and none because of another."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from odmd import __version__
from odmd.bootstrap.contracts import contracts_cage, load_contracts
from odmd.bootstrap.descriptors import CONNECTIONS, WANTED, most_files, within
from odmd.bootstrap.gone import deployed_stacks
from odmd.bootstrap.repositories import repositories
from odmd.bootstrap.settings import Settings
from odmd.bootstrap.state import database, has_state, leadership
from odmd.control.reading.checks import Check, Found, Look, check
from odmd.control.reading.following import subscribers
from odmd.control.reading.troubles import troubles
from odmd.control.running.place import Target
from odmd.control.scheduler.questions import LOSS
from odmd.control.scheduler.state import State
from odmd.errors import OdmdError
from odmd.graph import Graph
from odmd.graph.built import KubernetesNode, PackageNode
from odmd.isolation import Isolation
from odmd.model import naming
from odmd.model.build_types import NPM, Need
from odmd.plan.wiring import promoted_from
from odmd.store.sql import SqlStore
from odmd.store.where import Postgres

if TYPE_CHECKING:
    from odmd.control.ports.world import Repositories
    from odmd.providers.aws import AwsCloud
    from odmd.providers.kubernetes import Clusters

_ROOM_BYTES: Final = 500_000_000
_PACKAGES: Final = (
    ("dbos", "deploying", "apply"),
    ("boto3", "deploying", "aws"),
    ("aws-cdk-lib", "CDK apps", "cdk"),
    ("fastapi", "`odmd serve`", "server"),
    ("httpx", "--server", "client"),
)
_AT_ONCE: Final = 8


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
    load = cache(lambda: load_contracts(settings).graph)
    yield (contracts := check("contracts", lambda: _contracts(load())))
    if contracts.state != "good" or any(Need.NODE in enver.type.needs for enver in load().envers.values()):
        yield check("Node.js", _node)
    if contracts.state == "good" and any(Need.BUILDER in enver.type.needs for enver in load().envers.values()):
        yield check("image builder", lambda: _image_builder(settings))
    yield check("state", lambda: _state(settings))
    if contracts.state == "good":
        graph = load()
        yield from _checked(
            [
                *_of_repositories(settings, graph),
                *_of_places(settings, graph),
                *_of_indexes(graph),
                *_of_clusters(settings, graph),
            ]
        )
        yield check("what was left", lambda: _left(settings))


def _checked(looks: Sequence[tuple[str, Look]]) -> Iterator[Check]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(check, *zip(*looks, strict=True))


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


def _node() -> Found:
    try:
        from odmd.providers.node import find_node
    except ModuleNotFoundError as missing:
        return Found(f"{missing.name} is not installed", "note", "pip install 'ondemandenv[aws,cdk]'")
    return Found(_version(str(find_node())).removeprefix("v"))


def _image_builder(settings: Settings) -> Found:
    from odmd.providers.images.builders import find_builder

    builder = find_builder(settings.image_builder)
    kept = "RUN lines run caged where apps do" if builder.is_caged else "its daemon keeps RUN lines apart"
    return Found(f"{builder.name}: {kept}")


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


def _of_repositories(settings: Settings, graph: Graph) -> Iterator[tuple[str, Look]]:
    revisions = {enver.repo: enver.revision for enver in graph.envers.values() if not promoted_from(enver)}
    sources = repositories(settings)
    for repo, revision in sorted(revisions.items()):
        yield f"repository {repo}", partial(_head, sources, repo, revision)


def _left(settings: Settings) -> Found:
    """What could not be done in the world so far, and who could not be removed."""
    state, left = State(), list[str]()
    if has_state(settings):
        store = SqlStore(database(settings))
        try:
            state = store.load()
            left = [f"{naming.enver_label(one.enver)}: {one}" for one in troubles(store)]
            left += [one.trouble for one in subscribers(store, time.time()) if one.trouble]
        finally:
            store.close()
    asking = list[str]()
    for enver in map(state.envers.__getitem__, state.leaving):
        if enver.departure and enver.departure.failure:
            label = naming.enver_label(enver.address)
            left.append(f"{label} could not be removed: {enver.departure.failure}")
            asking += [label] if LOSS in enver.offers else []
    if left:
        steps = [f"`odmd approve {label} data` lets it happen" for label in asking]
        steps += ["mend the cause; `odmd apply`, or the server, tries it again"] if len(left) > len(asking) else []
        return Found("\n".join(left), "wrong", "; ".join(steps))
    return Found("nothing")


def _head(sources: Repositories, repo: str, revision: str) -> Found:
    return Found(f"{revision} is at {sources.head(repo, revision)[:7]}")


def _of_places(settings: Settings, graph: Graph) -> Iterator[tuple[str, Look]]:
    try:
        from odmd.providers.aws import AwsCloud, Sessions
    except ModuleNotFoundError:
        return
    cloud = AwsCloud(Sessions(profiles=settings.profiles), settings.qualifiers)
    deployed: Mapping[Target, Mapping[str, str]] = {}
    with suppress(OdmdError, OSError):  # what is wrong with the state was said of the state
        deployed = deployed_stacks(settings)
    needed = [one for one in graph.envers.values() if Need.ACCOUNT in one.type.needs]
    with_stacks = {Target(one.account, one.region) for one in needed if one.type.has_stacks}
    for account, region in sorted({(one.account, one.region) for one in needed}):
        target = Target(account, region)
        look = partial(_place, cloud, target, deployed.get(target, {}), has_stacks=target in with_stacks)
        yield f"account {account} {region}", look


def _of_indexes(graph: Graph) -> Iterator[tuple[str, Look]]:
    found = {
        (package.index, package.distribution): (one.type, package)
        for one in graph.envers.values()
        if isinstance(package := one.built, PackageNode)
    }
    for index, distribution in sorted(found):
        build_type, package = found[index, distribution]
        what, look = ("registry of npm", _registry) if build_type is NPM else ("package index", _index)
        yield f"{what} {index}", partial(look, package)


def _of_clusters(settings: Settings, graph: Graph) -> Iterator[tuple[str, Look]]:
    """Those that the contracts name; of one that is consumed the name is known only once it is published."""
    from odmd.bootstrap.procedures import clusters_of

    try:
        clusters = clusters_of(settings)
    except ModuleNotFoundError:
        return
    named = {
        (said.cluster, Target(one.account, one.region))
        for one in graph.envers.values()
        if isinstance(said := one.built, KubernetesNode) and said.cluster
    }
    for name, target in sorted(named, key=lambda one: (one[0], one[1].account, one[1].region)):
        yield f"kubernetes cluster {name}", partial(_cluster, clusters, name, target)


def _cluster(clusters: Clusters, name: str, target: Target) -> Found:
    from odmd.providers.kubernetes import server_version

    return Found(f"reached, {server_version(clusters.access(name, target))}")


def _index(package: PackageNode) -> Found:
    """What it says may be read by everybody; whether it takes an upload, the upload says."""
    from odmd.providers.packages.credentials import sign_in
    from odmd.providers.packages.index import Index

    versions = sorted({one.version for one in Index(package).releases()})
    last = f"the last one is {versions[-1]}" if versions else "none of it is published yet"
    fact = f"has {len(versions)} versions of {package.distribution}; {last}"
    return _with_right(fact, package, is_said=sign_in(package.upload) is not None)


def _registry(package: PackageNode) -> Found:
    """As an index."""
    from odmd.providers.npm.registry import NpmRegistry
    from odmd.providers.npm.sign_in import sign_in_to_registry

    versions = NpmRegistry(package).versions()
    fact = f"has {len(versions)} versions of {package.distribution}" if versions else "none of it is published yet"
    return _with_right(fact, package, is_said=sign_in_to_registry(package.upload) is not None)


def _with_right(fact: str, package: PackageNode, *, is_said: bool) -> Found:
    from odmd.providers.packages.credentials import variable_of

    if is_said:
        return Found(fact)
    variable = variable_of(package.upload)
    hint = f"set {variable}_USERNAME and {variable}_PASSWORD where runs are carried out, or write it into a netrc file"
    return Found(f"{fact}; nobody says who signs in at {package.upload}", "note", hint)


def _place(cloud: AwsCloud, target: Target, deployed: Mapping[str, str], *, has_stacks: bool) -> Found:
    cloud.preflight(target)
    if not has_stacks:
        return Found("reached")
    cloud.prove_bootstrapped(target)
    gone = sorted(deployed.keys() - cloud.stacks_there(target)) if deployed else []
    if not gone:
        return Found("reached, bootstrapped for CDK")
    what = ", ".join(f"{stack} of {naming.enver_label(deployed[stack])}" for stack in gone)
    return Found(
        f"stacks that were deployed are not there any more: {what}",
        "wrong",
        "`odmd apply --look` deploys them again",
    )
