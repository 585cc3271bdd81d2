"""Clones that somebody wants, and what that means: which envers are cloned, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeVar

from odmd.errors import CloneRefused, EnverUnknown
from odmd.graph import EnverNode, Graph, WireEdge
from odmd.graph.nodes import CloneNode, CloneSetNode
from odmd.model import naming
from odmd.model.access import READ
from odmd.model.kinds import Handover, Kind
from odmd.plan.wiring import promoted_from

S = TypeVar("S")

TTL_SECONDS: Final = 3 * 86_400.0
"""How long clones stay after they were used last, unless somebody says otherwise."""

LONGEST_SECONDS: Final = 3_650 * 86_400.0
"""Whoever wants clones for longer wants them until somebody deletes them."""

MOST_TOGETHER: Final = 100
"""Sets that one plan makes."""

HasBranch = Callable[[str, str], bool]
"""Whether a repository has a branch."""


@dataclass(frozen=True, slots=True)
class CloneWish:
    """Clones that are to be made."""

    origin: str
    branch: str
    """That it follows; empty: as its origin does."""
    name: str = ""
    """What each is called by within the slot of its origin; empty: by the branch."""
    consumers: bool = False
    """With all that consume of it, near and far, in its stage."""
    also: tuple[str, ...] = ()
    """With these, too."""
    ttl: float = TTL_SECONDS
    """Seconds that they stay after they were used last; 0: until somebody deletes them."""
    shares_data: bool = False
    """They may write to data that others use, too."""
    follow: tuple[tuple[str, str], ...] = ()
    """With these, too, each on a branch of its own: (enver, branch)."""


@dataclass(frozen=True, slots=True)
class EndWish:
    """Clones that are to go, by one of them."""

    clone: str


@dataclass(frozen=True, slots=True)
class TogetherWish:
    """Sets of clones that are to be made at once, and stay equally long; and sets that are to go."""

    made: tuple[CloneWish, ...] = ()
    ended: tuple[EndWish, ...] = ()


ClonesWish = CloneWish | EndWish | TogetherWish


def made_by(wish: ClonesWish) -> tuple[CloneWish, ...]:
    """The sets that somebody wants."""
    match wish:
        case CloneWish():
            return (wish,)
        case EndWish():
            return ()
        case TogetherWish(made=made):
            return made


def ended_by(wish: ClonesWish) -> tuple[EndWish, ...]:
    """The sets that somebody wants no more."""
    match wish:
        case CloneWish():
            return ()
        case EndWish():
            return (wish,)
        case TogetherWish(ended=ended):
            return ended


class SharedInput(NamedTuple):
    """What a clone uses together with its origin."""

    clone: str
    name: str
    product: str
    access: str
    data: bool
    """It holds data that nobody else has."""

    @property
    def writes_data(self) -> bool:
        return self.data and self.access != READ


@dataclass(frozen=True, slots=True)
class ClonesChange:
    """Which clones are to be there by a plan that are not, and which no more."""

    made: tuple[CloneSetNode, ...] = ()
    ended: tuple[str, ...] = ()
    """Sets, by the address of the first of each."""
    ttl: float = TTL_SECONDS
    shared: tuple[SharedInput, ...] = ()
    """No part of what is approved, as it follows from the contracts."""
    asked: tuple[str, ...] = ()
    """Envers that make something for them, or let them in: they change, and stay at the source that they run."""
    only_asked: tuple[str, ...] = ()
    """Those of them of which the contracts say nothing else that is not carried out: whoever may clone may have it."""
    stays: tuple[tuple[str, str], ...] = ()
    """Envers that are not cloned though somebody might expect it, and why."""

    def approved(self) -> object:
        """What is approved of it."""
        return self.made, self.ended, self.ttl

    def touches(self) -> Iterator[str]:
        """Envers that it tells of, besides the clones."""
        yield from (naming.enver_of(one.product) for one in self.shared)
        yield from self.asked
        yield from (enver for enver, _ in self.stays)

    @property
    def targets(self) -> tuple[str, ...]:
        """Whom a plan that carries it out is about, besides those that are removed."""
        return (*(address for one in self.made for address in one.addresses), *self.asked)


def wished_set(graph: Graph, wish: CloneWish, has_branch: HasBranch) -> tuple[CloneSetNode, Mapping[str, str]]:
    """The envers to clone, and those that stay, with the reason.

    Raises:
        EnverUnknown, CloneRefused
    """
    declared = graph.text
    if wish.ttl > LONGEST_SECONDS:
        raise CloneRefused("they would stay for more than ten years", next_step="let them stay until deleted: --pin")
    origin = _declared(graph, wish.origin)
    wish = wish if wish.branch else replace(wish, branch=_own_branch(declared, origin))
    slot = wish.name or naming.slug(wish.branch)
    if not naming.is_ref(wish.branch):
        raise CloneRefused(f"{wish.branch!r} is no name of a branch", next_step="give --on a branch")
    if not naming.is_plain(slot):
        raise CloneRefused(
            f"{slot!r} cannot stand in a slot", next_step="use letters, digits, dots, - and _ for --name"
        )
    clones, stays = [CloneNode(origin.address, wish.branch)], dict[str, str]()
    own = {_declared(graph, enver).address: branch for enver, branch in wish.follow}
    for one in _others(graph, origin, wish):
        branch = _followed(one, own[one.address], has_branch) if one.address in own else None
        branch = branch or _branch(declared, one, wish.branch, has_branch)
        if branch is None:
            stays[one.address] = "it runs a tag, which never moves"
        else:
            clones.append(CloneNode(one.address, branch))
    if any(f"b..{slot}" == declared.envers[one.origin].slot for one in clones):
        raise CloneRefused(
            f"{origin.label} is on branch {wish.branch} itself", next_step="give the clone a name of its own: --name"
        )
    return CloneSetNode(slot, tuple(clones)), stays


def _declared(graph: Graph, typed: str) -> EnverNode:
    address = naming.enver_address(typed, graph.envers)
    if (found := graph.text.envers.get(address)) is not None and found.origin is None:
        return found
    if (clone := graph.envers.get(address)) is not None and clone.origin:
        raise CloneRefused(
            f"{clone.label} is a clone itself", next_step=f"clone {naming.enver_label(clone.origin)} on its branch"
        )
    raise EnverUnknown(f"{naming.enver_label(address)} is not in the contracts", next_step="`odmd graph` shows what is")


def _others(graph: Graph, origin: EnverNode, wish: CloneWish) -> Iterator[EnverNode]:
    """Those to be cloned with it, each once, in the order of the contracts."""
    declared = graph.text
    wanted = {_declared(graph, one).address for one in (*wish.also, *(enver for enver, _ in wish.follow))}
    todo = [origin.address] if wish.consumers else []
    while todo:
        for wire in declared.downstream(todo.pop()):
            node = declared.envers[wire.consumer]
            if node.stage == origin.stage and node.origin is None and node.address not in wanted:
                wanted.add(node.address)
                todo.append(node.address)
    return (one for address, one in declared.envers.items() if address in wanted - {origin.address})


def _followed(node: EnverNode, branch: str, has_branch: HasBranch) -> str:
    if not naming.is_ref(branch) or not has_branch(node.repo, branch):
        raise CloneRefused(f"{node.repo} has no branch {branch!r}", next_step=f"name one for {node.label} that it has")
    return branch


def _branch(declared: Graph, node: EnverNode, wanted: str, has_branch: HasBranch) -> str | None:
    """What a clone follows: the wanted branch where its repository has it, else what its origin goes back to."""
    return wanted if has_branch(node.repo, wanted) else _goes_back_to(declared, node)


def _own_branch(declared: Graph, origin: EnverNode) -> str:
    if (found := _goes_back_to(declared, origin)) is None:
        raise CloneRefused(
            f"{origin.label} runs a tag, which is no branch to follow", next_step="say which: --on BRANCH"
        )
    return found


def _goes_back_to(declared: Graph, node: EnverNode) -> str | None:
    """The branch from which an enver has what it runs; None where that is a tag."""
    while before := promoted_from(node):
        node = declared.envers[before]
    how, _, branch = node.revision.partition(":")
    return branch if how == "branch" else None


def shared_inputs(graph: Graph, made: CloneSetNode, kinds: Mapping[str, type[Kind]]) -> Iterator[SharedInput]:
    """What clones use together with their origins, by the contracts that have them."""
    own = set(made.addresses)
    for address in made.addresses:
        node = graph.envers[address]
        asked_for = f"/{address.replace('/', '.')}/"
        for wire in node.wires:
            if wire.producer not in own and asked_for not in wire.product:
                yield SharedInput(address, wire.name, wire.product, wire.access, _holds_data(wire, kinds))


def _holds_data(wire: WireEdge, kinds: Mapping[str, type[Kind]]) -> bool:
    kind = kinds.get(wire.kind)
    return kind is not None and kind.handover is Handover.NONE


def refuse_shared_data(change: ClonesChange) -> None:
    """Raises:
    CloneRefused: clones would write to data that others use.
    """
    if written := [one for one in change.shared if one.writes_data]:
        listed = [
            f"\n  {naming.enver_label(one.clone)} writes to {naming.product_label(one.product)}" for one in written
        ]
        makers = sorted({naming.enver_label(naming.enver_of(one.product)) for one in written})
        raise CloneRefused(
            f"they would write to data that others use:{''.join(listed)}",
            next_step=f"clone who makes it, too: {' '.join(f'--with {one}' for one in makers)}; or give --share-data",
        )


def changed_by(before: Graph, after: Graph, made: Collection[str]) -> Sequence[str]:
    """Envers of both of which the contracts say something else, but for the clones themselves."""
    return [
        address
        for address, node in after.envers.items()
        if address not in made
        and address in before.envers
        and node is not before.envers[address]
        and after.slice(address) != before.slice(address)
    ]


def ended_set(graph: Graph, kept: Mapping[str, CloneSetNode], typed: str) -> CloneSetNode:
    """The set that somebody means by one of its clones.

    Args:
        kept: by the first of each.

    Raises:
        EnverUnknown, CloneRefused
    """
    known = {address: one for one in kept.values() for address in one.addresses if address not in graph.text.envers}
    address = naming.enver_address(typed, known)
    node = None if address in known else graph.envers.get(address)
    if node is not None and node.origin is not None:
        raise CloneRefused(
            f"{node.label} stands in the contracts' text", next_step="take it out there, and run `odmd apply`"
        )
    if node is not None:
        raise CloneRefused(f"{node.label} is no clone", next_step="`odmd clone list` shows those that there are")
    return meant(typed, known)


def meant(typed: str, known: Mapping[str, S]) -> S:
    """The set that somebody means by any of its clones.

    Args:
        known: by the address of each clone.

    Raises:
        EnverUnknown
    """
    address = naming.enver_address(typed, known)
    if address not in known:
        raise EnverUnknown(
            f"there is no clone {naming.enver_label(address)}", next_step="`odmd clone list` shows those that there are"
        )
    return known[address]
