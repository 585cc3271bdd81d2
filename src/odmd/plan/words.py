"""A plan in words, the same on a terminal, in a pull request and on a page. Plain text: who shows it escapes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from odmd.model import naming
from odmd.model.access import READ
from odmd.plan.clones import ClonesChange, SharedInput
from odmd.plan.commits import Author
from odmd.plan.gates import OF_CHANGES
from odmd.plan.inventory import in_words as in_words_of_inventory
from odmd.plan.inventory import named
from odmd.plan.reasons import quoted
from odmd.plan.run_steps import in_words
from odmd.plan.settings import NO_VALUES, MovedValues, SettingMoved
from odmd.plan.stages import (
    FromStep,
    Gate,
    Held,
    Known,
    Leaving,
    Plan,
    Removal,
    Retirement,
    SchemaMisfit,
    Step,
    StepInput,
    Unreadable,
    WireVerdict,
)
from odmd.texts import first_of

_SHORT: Final = 7
_NAMED: Final = 5


def short(commit: str) -> str:
    """A commit or digest as people quote it."""
    return commit.removeprefix("sha256:")[:_SHORT]


def plural(count: int, noun: str) -> str:
    """`1 wire`, `2 wires`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def labels(envers: tuple[str, ...]) -> str:
    """The first few by name, and how many more there are."""
    return first_of([naming.enver_label(one) for one in envers], _NAMED)


def about(seconds: float) -> str:
    """A duration as people guess it."""
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds >= 1.5 * size:
            return f"about {seconds / size:.0f} {unit}"
    return f"about {max(1, round(seconds))} s"


def duration(seconds: float) -> str:
    """How long something is: `9 days`, `3 h`, `5 min`, `20 s`."""
    for size, unit, least in ((86_400.0, "days", 2.0), (3600.0, "h", 1.0), (60.0, "min", 1.0)):
        if seconds >= least * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"


def clock(at: float) -> str:
    """A time for people, in UTC."""
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError):
        return "the end of all times"


def headline(plan: Plan) -> str:
    """`3 steps in 2 stages, 1 of them only if a value changes; 1 enver cannot be read`."""
    unreadable = f"; {plural(len(plan.unreadable), 'enver')} cannot be read" if plan.unreadable else ""
    return f"{_to_do(plan)}{unreadable}"


def _to_do(plan: Plan) -> str:
    steps = list(plan.steps())
    if not steps:
        unchanged = f"{plural(len(plan.unchanged), 'enver')} run what the code says"
        if plan.removals:
            return f"{plural(len(plan.removals), 'enver')} to remove; {unchanged}"
        if plan.clones:
            return f"nothing of them is deployed; {unchanged}"
        if again := plan.to_clear():
            return f"{plural(len(again), 'stack')} to remove; {unchanged}"
        return f"nothing to do: {unchanged}"
    if not plan.begins():
        return f"nothing to do now: {plural(len(steps), 'step')} {'waits' if len(steps) == 1 else 'wait'}"
    possible = sum(not step.certain for step in steps)
    maybe = f", {possible} of them only if a value changes" if possible else ""
    return f"{plural(len(steps), 'step')} in {plural(len(plan.stages), 'stage')}{maybe}"


def summary(plan: Plan) -> list[str]:
    """What to know of the whole: reach, breaking wires, gates, limits, how long it takes."""
    said: list[str] = []
    if plan.reach.envers:
        said.append(f"may reach {plural(plan.reach.envers, 'enver')} of {plural(plan.reach.teams, 'team')}")
    if breaking := sum(one.verdict == "breaking" for one in plan.verdicts):
        said.append(f"{plural(breaking, 'wire')} breaking")
    if broken := len(plan.breaking()):
        said.append(f"breaks {plural(broken, 'reader')} of what runs")
    if plan.gates:
        said.append(plural(len(plan.gates), "approval"))
    if plan.seconds is not None:
        most = plan.seconds_at_most
        at_most = f", at most {about(most)} if every value changes" if most and most > 1.2 * plan.seconds else ""
        said.append(about(plan.seconds) + at_most)
    if plan.targets and not plan.clones:
        said.append(f"only {labels(plan.targets)} and what they need")
    if plan.only_values:
        said.append("only values")
    return said


def at(step: Step) -> str:
    """The source that a step brings its enver to."""
    source = f" (from step {step.source})" if step.source else ""
    return f"at {quoted(step.commit, step.subject)}{source}"


def written_by(author: Author | None) -> str:
    """Who wrote a commit, as he says himself; nothing where nobody noted it."""
    if author is None:
        return ""
    return f"by {author.name}, {clock(author.at)}" if author.at is not None else f"by {author.name}"


def source_of(given: StepInput) -> str:
    """What an input will be: a value, or where it will come from."""
    match given.source:
        case FromStep(number):
            return f"from step {number}"
        case Known(0, ""):
            return "never published"
        case Known(0, text):
            return f"{text} (placeholder)"
        case Known(version, text):
            return f"{text} (#{version})"


def aside(step: Step) -> list[str]:
    """What else there is to know of a step: what it waits for, whom it may reach, how long it takes, and its cycle."""
    said = [f"waits: {'; '.join(step.waits)}"] if step.waits else []
    if step.reach and step.reach.envers:
        said.append(f"may reach {plural(step.reach.envers, 'enver')} of {plural(step.reach.teams, 'team')}")
    if step.seconds is not None:
        said.append(about(step.seconds))
    if step.settles:
        said.append(
            f"settles with its cycle in at most {step.settles} more {'pass' if step.settles == 1 else 'passes'}"
        )
    return said


def gate_of(one: Gate) -> str:
    """A gate that belongs to no step."""
    return f"{naming.enver_label(one.enver)}: {gate(one)}"


def held(one: Held) -> str:
    """An enver that follows nothing until it is released."""
    label = naming.enver_label(one.enver)
    return f"{label} is held at run {one.run}: `odmd release {label}` lets it follow its inputs"


def unreadable(one: Unreadable) -> str:
    """Since when an enver's source cannot be read, why, and what to do."""
    hint = f"; {one.next_step}" if one.next_step else ""
    return f"{naming.enver_label(one.enver)}: {unreadable_since(one)}{hint}"


def unreadable_since(one: Unreadable) -> str:
    """The same where it is known whose it is."""
    since = f" since {clock(one.since)}" if one.since else ""
    return f"unreadable{since} ({one.code} {one.why})"


def gate(one: Gate) -> str:
    """`its new commit waits for an approval by team baristas once step 3 is done`."""
    what = one.input or "its new commit"
    by = f"team {one.team}" if one.team else "whoever deploys it"
    if one.input == OF_CHANGES:
        return f"what it would change waits for an approval by {by}"
    match one.source:
        case FromStep(step):
            when = f" once step {step} {'published' if one.input else 'is done'}"
        case Known(0, commit):
            when = f": {short(commit)}"
        case Known(version, text):
            when = f": {text} (#{version})"
    return f"{what} waits for an approval by {by}{when}"


def verdict(one: WireVerdict) -> str:
    """`breaking: bus: schema OrderPlaced lost field total`."""
    return f"{one.verdict}: {one.input or 'all inputs'}: {one.says}"


def verdict_of(one: WireVerdict) -> str:
    """A verdict that belongs to no step."""
    return f"{naming.enver_label(one.enver)}: {verdict(one)}"


def misfit(one: SchemaMisfit) -> list[str]:
    """`processor@main (team baristas) reads foundation@main/bus of manager@main: cents is not there`, then what would
    help."""
    reader, writer = naming.enver_label(one.reader), naming.enver_label(one.writer)
    perhaps = "" if one.surely else "perhaps: "
    product = naming.product_label(one.product)
    said = f"{perhaps}{reader} (team {one.team}) reads {product} of {writer}: {'; '.join(one.says)}"
    found = [said]
    if one.held_by:
        found.append(f"  {one.held_by} holds an answer for one of them: `odmd can-i-deploy` says until when")
    if one.fitting:
        found.append(f"  would fit: {', '.join(one.fitting)}")
    return [*found, *(f"  {number}. {step}" for number, step in enumerate(one.proposal, start=1))]


def removal(one: Removal) -> list[str]:
    """What has to happen before an enver that left the contracts can go, what it takes along and what it leaves."""
    label = naming.enver_label(one.enver)
    users = ", ".join(
        f"{naming.enver_label(u.enver)} runs with {naming.product_label(u.product)} #{u.version}" for u in one.users
    )
    first = f"- {label}, which is no longer declared" + (f", once they moved: {users}" if users else "")
    return [first, *(f"    {line}" for line in (in_words_of_inventory(one.inventory) if one.inventory else ()))]


def leaving(one: Leaving) -> str:
    """A stack that is not its app's any more."""
    return f"- {one.what} {one.unit} in {one.target} of {naming.enver_label(one.enver)}: {one.why}"


def retirement(one: Retirement) -> str:
    """When a value goes."""
    value = f"{naming.product_label(one.product)} #{one.version}{f' ({named([one.behind])})' if one.behind else ''}"
    moved = _when_it_goes(one)
    return f"if step {one.step} replaces {value}, it is retired {moved}" if one.step else f"{value} is retired {moved}"


def _when_it_goes(one: Retirement) -> str:
    ways = [f"once {labels(one.users)} moved"] if one.users else []
    ways += [f"once {labels(one.goes_back)} can no longer go back to it"] if one.goes_back else []
    return " and ".join(ways) or "soon, as nobody runs with it"


def beside(plan: Plan, *, steps: bool = False, values: MovedValues = NO_VALUES) -> Mapping[str, list[tuple[str, str]]]:
    """What of the whole concerns single envers: by enver, (the verdict, `config`, `gate` or `steps`, in words).

    Args:
        steps: say what each run will do, too.
        values: what stands beside where a setting changes.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for step in plan.steps() if steps else ():
        found[step.enver] = [("steps", f"steps: {in_words(step.run_steps)}")]
    for step in plan.steps():
        for moved in step.settings_moved:
            value = values.get((step.enver, moved))
            said = setting_moved(moved) + (f": {value}" if value else "")
            found.setdefault(step.enver, []).append(("config", said))
    for one in plan.verdicts:
        found.setdefault(one.enver, []).append((one.verdict, verdict(one)))
    for asked in plan.gates:
        found.setdefault(asked.enver, []).append(("gate", gate(asked)))
    return found


def setting_moved(one: SettingMoved) -> str:
    """Where a setting changes, and who says what it is now; never what that is."""
    return f"{one.what}: {one.path or 'all of it'}{f' (from {one.layer})' if one.layer else ' goes'}"


def clones(change: ClonesChange) -> Iterator[tuple[str, list[str]]]:
    """What becomes of clones, and what they share."""
    made = [
        f"{naming.enver_label(address)} of {naming.enver_label(clone.origin)}, following branch {clone.branch}"
        for one in change.made
        for clone, address in zip(one.clones, one.addresses, strict=True)
    ]
    until = f"unused for {duration(change.ttl)}, they go" if change.ttl else "they stay until somebody deletes them"
    yield "Clones", [*made, *((until,) if made else ())]
    yield "Clones that go", [naming.enver_label(one) for one in change.ended]
    yield "Shared with their origins", [_shared(one) for one in change.shared]
    yield "Asked to make something for them, or to let them in", list(map(naming.enver_label, change.asked))
    yield "Not cloned", [f"{naming.enver_label(enver)}: {why}" for enver, why in change.stays]


def _shared(one: SharedInput) -> str:
    writes = ", WRITES to data that others use" if one.writes_data else "" if one.access == READ else f", {one.access}"
    return f"{naming.enver_label(one.clone)} {one.name} ← {naming.product_label(one.product)}{writes}"


def sections(plan: Plan) -> list[tuple[str, list[str]]]:
    """What is said of the plan after its stages, by title; without those that have nothing to say."""
    steps = {step.enver for step in plan.steps()}
    broken = [line for one in plan.breaking() for line in misfit(one)]
    found = (
        ("Does not fit what runs: give --accept-misfits WHY to carry it out nevertheless", broken),
        ("Changes who may do what", list(plan.policies)),
        *(clones(plan.clones) if plan.clones else ()),
        ("Perhaps does not fit", [line for one in plan.misfits if not one.surely for line in misfit(one)]),
        ("Mends what is too far behind", list(plan.mends)),
        ("The contracts have uncommitted changes", list(plan.uncommitted)),
        ("Unreadable: these stay as they are", list(map(unreadable, plan.unreadable))),
        ("Later, by approval", [gate_of(one) for one in plan.gates if one.enver not in steps]),
        ("Held", [held(one) for one in plan.held]),
        ("Not carried out by this release", [f"{naming.enver_label(one.enver)}: {one.why}" for one in plan.beyond]),
        ("Left out", list(map(naming.enver_label, plan.left_out))),
        ("Retired afterwards", [retirement(one) for one in plan.retirements]),
        ("Changed in the contracts", [verdict_of(one) for one in plan.verdicts if one.enver not in steps]),
        ("Removed afterwards", [line for one in plan.removals for line in removal(one)]),
        ("Stacks that left their app", [leaving(one) for one in plan.leaving]),
    )
    return [(title, lines) for title, lines in found if lines]
