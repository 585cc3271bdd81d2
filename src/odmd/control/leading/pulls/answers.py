"""Each command of a comment: the same rights and the same messages as those of the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from odmd.control.leading.pulls.comment import ask_id
from odmd.control.leading.pulls.desk import PullDesk
from odmd.control.leading.pulls.wanted import ends, may_have, origins_of, wish_for
from odmd.control.leading.pulls.words import Word
from odmd.control.leading.wishes import Answering, KeepingClones
from odmd.control.ports.pulls import KeptPull, Pull, PullComment, PullHost
from odmd.control.scheduler.actor import Actor
from odmd.errors import CommandUnclear
from odmd.graph import EnverNode
from odmd.model import naming
from odmd.plan.build import Limited
from odmd.plan.markdown import markdown, plain
from odmd.texts import seconds_of

HELP: Final = """ask for one of these, in a line of its own:

| | |
|---|---|
| `/odmd clone [ENVER] [--with-consumers] [--ttl 3d] [--share-data]` | make clones that follow this branch |
| `/odmd clone with OWNER/REPO#12` | the same, with those of another pull request, in one set |
| `/odmd extend [--ttl 3d]` | have them stay longer |
| `/odmd delete` | remove them, and make none by itself |
| `/odmd plan [ENVER…]` | what would be done now, of its clones or of this repository |
| `/odmd apply DIGEST` | carry such a plan out |
| `/odmd approve ENVER ID`, `/odmd reject ENVER ID` | answer what is asked, as the comment above lists it |
| `/odmd why [ENVER]` | why something runs, or does not |
"""
NOT_LINKED: Final = """not done: odmd does not know who you are. Whoever runs it can say so, in `[tool.odmd.github]`:

```toml
[[tool.odmd.github.people]]
id = {id}                      # {login}
name = "…"                     # as whom odmd knows you elsewhere
scope = "write"
teams = []
```"""
_FORK: Final = (
    "it is from a fork: whoever read it pushes that commit to a branch here: git push origin {head}:refs/heads/…"
)
_PULL: Final = re.compile(r"(?P<repository>[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100})#(?P<number>[0-9]{1,12})")
_DIGEST: Final = re.compile(r"(sha256:)?[0-9a-f]{7,64}")
_LONGEST_PLAN: Final = 50_000
_CAUSES: Final = 50


@dataclass(frozen=True, slots=True)
class PullCommand:
    """One command."""

    host: PullHost
    desk: PullDesk
    pull: Pull
    kept: KeptPull
    said: PullComment
    word: Word
    by: Actor
    key: str
    """By which it is done once."""

    @property
    def why(self) -> str:
        return f"/odmd {self.word.name} at {self.pull.called}"

    def clones(self) -> str:
        """The set that is there for the pull request.

        Raises:
            CommandUnclear
        """
        if not self.kept.clones:
            raise CommandUnclear(f"{self.pull.called} has no clones", next_step="`/odmd clone` makes some")
        return self.kept.clones

    def envers(self) -> Sequence[str]:
        """By label: those that are named, its clones, or what follows the branch that it is for. All are of its
        repository, or its clones.

        Raises:
            CommandUnclear
        """
        graph, kept = self.desk.graph, self.desk.kept_clones(self.kept.clones) if self.kept.clones else None
        own = list(kept.set.addresses) if kept else []
        named = [one for one in self.word.rest if not one.startswith("--")]
        if not named:
            found = own or [one.address for one in origins_of(graph, self.pull.repository, self.pull.base)]
            return [naming.enver_label(one) for one in found]
        addresses = [naming.enver_address(one, graph.envers) for one in named]
        for typed, address in zip(named, addresses, strict=True):
            node = graph.envers.get(address)
            if address not in own and (node is None or node.repo.lower() != self.pull.repository):
                raise CommandUnclear(f"{typed} is none of {self.pull.repository}", next_step="name one of its envers")
        return [naming.enver_label(one) for one in addresses]


Answer = tuple[str, KeptPull] | tuple[str, KeptPull, *tuple[KeptPull, ...]]
Command = Callable[[PullCommand], Answer]


def commanded(asked: PullCommand) -> Answer:
    """Does it; what is answered, and what is remembered then of its pull request, and of others.

    Raises:
        CommandUnclear: it is none, or something of it is missing.
        OdmdError: what the command of the same name raises.
    """
    if (command := _COMMANDS.get(asked.word.name)) is None:
        raise CommandUnclear(f"there is no /odmd {asked.word.name}", next_step="`/odmd help` lists what there is")
    return command(asked)


def _clone(asked: PullCommand) -> Answer:
    pull, desk = asked.pull, asked.desk
    if pull.is_from_a_fork:
        raise CommandUnclear(_FORK.format(head=pull.head))
    if why := ends(pull, 0.0):
        raise CommandUnclear(f"no clones are made: {why}")
    if not may_have(pull, desk.graph):
        raise CommandUnclear(f"{pull.branch} is a branch that runs for good", next_step="open it from another branch")
    wish = wish_for(pull, _origins(asked), ())
    ttl = _ttl(asked.word)
    options = ("--with-consumers" in asked.word.rest, "--share-data" in asked.word.rest)
    others = _others(asked)
    follow = tuple([(one.label, pull.branch) for pull in others for one in _origins_at(asked, pull)])
    wish = replace(wish, consumers=options[0], shares_data=options[1], ttl=wish.ttl if ttl is None else ttl)
    made = desk.make_clones(replace(wish, follow=follow), asked.by, asked.why, asked.key)
    kept = replace(asked.kept, clones=made, declined=False, ended="")
    said = f"{_code(naming.enver_label(made))} is made; the comment of this pull request says how far it is"
    return said, kept, *(KeptPull(one.repository, one.number, made) for one in others)


def _others(asked: PullCommand) -> Sequence[Pull]:
    """Pull requests that are to have the same clones: `owner/repo#12`.

    Raises:
        CommandUnclear
    """
    found = list[Pull]()
    for typed in asked.word.rest:
        if (name := _PULL.fullmatch(typed)) is None:
            continue
        repository = name["repository"].lower()
        if not any(one.repo.lower() == repository for one in asked.desk.graph.builds.values()):
            raise CommandUnclear(f"{repository} is no repository of the contracts")
        pull = asked.host.find(repository, int(name["number"]))
        if not may_have(pull, asked.desk.graph) or not asked.host.may_write(pull, asked.said.by):
            raise CommandUnclear(f"{pull.called} may have no clones, or not by {asked.said.by}")
        found.append(pull)
    return found


def _origins_at(asked: PullCommand, pull: Pull) -> Sequence[EnverNode]:
    if not (found := origins_of(asked.desk.graph, pull.repository, pull.base)):
        raise CommandUnclear(f"nothing of {pull.repository} follows {pull.base}")
    return found


def _origins(asked: PullCommand) -> Sequence[EnverNode]:
    option = asked.word.option("--ttl")
    named = [one for one in asked.word.rest if not one.startswith("--") and one not in (option, "with")]
    named = [one for one in named if not _PULL.fullmatch(one)]
    graph, repository = asked.desk.graph, asked.pull.repository
    found = [node for of in named or (asked.pull.base,) for node in origins_of(graph, repository, of)]
    if not found:
        raise CommandUnclear(
            f"nothing of {repository} follows {', '.join(named) or asked.pull.base}",
            next_step="name the enver to clone: `/odmd clone orders@main`",
        )
    return list(dict.fromkeys(found))


def _extend(asked: PullCommand) -> Answer:
    label = naming.enver_label(asked.clones())
    asked.desk.wish(KeepingClones(label, _ttl(asked.word), asked.why), asked.by, asked.key)
    return f"{_code(label)} stays longer", asked.kept


def _ttl(word: Word) -> float | None:
    if (said := word.option("--ttl")) is None:
        return None
    if not (seconds := seconds_of(said)):
        raise CommandUnclear(f"{said or 'nothing'} is no duration", next_step="write --ttl 12h, or --ttl 3d")
    return seconds


def _delete(asked: PullCommand) -> Answer:
    kept = replace(asked.kept, clones="", declined=True)
    if not asked.kept.clones:
        return "there are none, and none are made by themselves", kept
    asked.desk.end_clones(asked.kept.clones, asked.by, asked.why)
    return f"{_code(naming.enver_label(asked.kept.clones))} is being removed", kept


def _plan(asked: PullCommand) -> Answer:
    plan = asked.desk.plan(Limited(asked.envers()), asked.by)
    digest = plan.digest().removeprefix("sha256:")
    hint = f"To carry it out: `/odmd apply {digest[:12]}`" if plan.begins() else "There is nothing to do."
    return f"\n\n{markdown(plan, limit=_LONGEST_PLAN)}\n{hint}", asked.kept


def _apply(asked: PullCommand) -> Answer:
    digest = asked.word.rest[0] if len(asked.word.rest) == 1 else ""
    if not _DIGEST.fullmatch(digest):
        raise CommandUnclear("it names no plan", next_step="`/odmd plan` shows one, and its digest")
    asked.desk.carry_out(digest, asked.by, asked.why, asked.key)
    return f"plan {_code(digest)} is being carried out", asked.kept


def _answer(asked: PullCommand) -> Answer:
    approved = asked.word.name == "approve"
    if len(asked.word.rest) < 2:
        raise CommandUnclear("it names no question", next_step=f"write `/odmd {asked.word.name} ENVER ID`")
    enver, id, *why = asked.word.rest
    address = naming.enver_address(enver, asked.desk.graph.envers)
    found = next((one for one in asked.desk.asks([address], asked.by) if ask_id(one) == id), None)
    if found is None:
        raise CommandUnclear(f"{enver} asks nothing that is called {id}", next_step="see what is listed now")
    said, reason = found.question, " ".join(why) or asked.why
    asked.desk.wish(Answering(enver, said.input, approved, reason, said.identity), asked.by, asked.key)
    return f"{_code(enver)}: {'approved' if approved else 'rejected'}", asked.kept


def _why(asked: PullCommand) -> Answer:
    lines = list[str]()
    for enver in asked.envers():
        for cause in asked.desk.why(enver, asked.by)[:_CAUSES]:
            lines.append(f"{'  ' * min(cause.depth, 9)}- {plain(cause.text[:500])}")
    return "\n\n" + ("\n".join(lines) or "nothing is known of it"), asked.kept


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"


_COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "clone": _clone,
        "extend": _extend,
        "delete": _delete,
        "plan": _plan,
        "apply": _apply,
        "approve": _answer,
        "reject": _answer,
        "why": _why,
    }
)
