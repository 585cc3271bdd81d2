"""One attempt at a run, step by step. Each step is journalled when it is done and skipped when it was."""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from odmd.agent import assemblies, outputs
from odmd.agent.document import run_document, skew
from odmd.agent.inputs import handed_over
from odmd.agent.lookups import synthesised
from odmd.agent.questions import Questions, lines
from odmd.agent.tools import Tell, Tools
from odmd.control.deployment import Assembly, Asset, ChangeSet, StackTemplate, Target, Workplace
from odmd.control.desk import Claim, Desk
from odmd.control.halting import Halt, halting
from odmd.control.messages import FinishRun, Publication
from odmd.control.ports import WARNS, Step
from odmd.control.private import open_private, private_file, private_folder
from odmd.control.state import RunMode
from odmd.errors import AppFailed, AppOverLimit, DiskFull, OdmdError, RunCancelled, StackFailed
from odmd.model import naming
from odmd.model.kinds import Handover
from odmd.model.run_document import Seen

SYNTH: Final = "synth"
"""The step whose result says which `assembly` is deployed."""
_LOOK_SECONDS: Final = 1.0
"""How often it is asked, while programs run for it, whether the run is still to be had."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class Attempt:
    """Knows what it moved so far, so that a failure can be told clean from unclean."""

    def __init__(self, claim: Claim, desk: Desk, tools: Tools, folder: Path, tell: Tell) -> None:
        self._claim, self._desk, self._tools, self._tell = claim, desk, tools, tell
        self._run, self._enver = claim.run, claim.enver
        self._target = Target(claim.enver.account, claim.enver.region)
        self._place = Workplace(folder / str(claim.run.id) / str(claim.attempt))
        self._texts: Mapping[str, str] = {}
        self._at_stacks = self._executing = False
        # A change set that an earlier attempt made may be executing, or executed, although nobody journalled it.
        self._moved = claim.moved
        self._asks = Questions(claim)
        self.published: tuple[Publication, ...] = ()
        self.touched: tuple[str, ...] = ()
        """Stacks that it may have made or changed."""

    def carry_out(self) -> FinishRun:
        """From claim to publications.

        Raises:
            OdmdError: whatever step failed.
        """
        try:
            return self._carried_out()
        except (AppOverLimit, DiskFull):
            self._clear_up()  # others need the room
            raise
        except OSError as wrong:
            if wrong.errno not in _FULL:
                raise
            self._clear_up()
            raise DiskFull(f"the disk of this machine is full: {wrong}", next_step="make room") from wrong

    def _carried_out(self) -> FinishRun:
        private_folder(self._place.root)
        self._texts = handed_over(self._run, self._enver, self._claim.kinds)
        self._tools.cloud.preflight(self._target)
        assembly, stored = self._assembly()
        parameters = assemblies.parameters(self._enver, self._texts, assembly)
        self._at_stacks = True
        for stack in assembly.stacks:
            self._deploy(stack, parameters)
        missing = {product.address for product in self._enver.products} - {done.product for done in self.published}
        outputs.refuse_missing(self._enver, missing)
        self._clear_up()
        stacks = tuple(stack.name for stack in assembly.stacks)
        return FinishRun(self._run.id, self._claim.attempt, stored, self.published, stacks, assembly.lookups)

    def is_clean(self, failed: Exception) -> bool:
        """Whether what ran before this run surely still runs; what we broke ourselves is trusted only before stacks."""
        if self._moved:
            return False
        if isinstance(failed, StackFailed):
            return failed.clean
        return not (self._executing if isinstance(failed, OdmdError) else self._at_stacks)

    def log(self, line: str) -> None:
        """Adds to the run's log."""
        with contextlib.suppress(OSError), open_private(self._place.log, "a") as log:
            log.write(line + "\n")

    def _assembly(self) -> tuple[Assembly, str]:
        """The stored one with new parameters where that is enough, else a new one from source."""
        if self._run.mode is RunMode.VALUES:
            stored, why_not = self._reusable()
            if stored and self._run.assembly:
                self._tell("stored template, new parameters")
                return stored, self._run.assembly
            self._step("full run", lambda: {"reason": why_not})
            self._tell(f"a full run after all: {why_not}", lasting=True)
        return self._from_source()

    def _reusable(self) -> tuple[Assembly | None, str]:
        """The stored assembly if new parameters alone are enough, else why not."""
        if self._claim.foreign:
            return None, "an agent of another place made its template"
        stored, why_not = assemblies.reusable(
            self._tools.artifacts, self._run.assembly, self._enver, self._claim.others, self._texts
        )
        if stored and (gone := self._tools.cloud.missing_assets(stored, self._target)):
            return None, f"{_named(gone)} of the stored template is not in its bucket any more"
        return stored, why_not

    def _from_source(self) -> tuple[Assembly, str]:
        made = self._step(SYNTH, self._synthesised)
        stored = str(made["assembly"])
        assembly = assemblies.load_own(self._tools.artifacts, stored, self._enver, self._claim.others, self._texts)
        self._tools.cloud.prove(assembly, self._target, self._tell_of_cloud)
        self._step("assets", lambda: self._upload(assembly))
        self._tell_of_assets_that_a_rollback_needs()
        return assembly, stored

    def _synthesised(self) -> Mapping[str, Any]:
        """Synthesises; what was started for it ends, within seconds, when the run is cancelled or somebody else's."""
        done = threading.Event()
        with halting() as halt:
            threading.Thread(target=self._end_when_over, args=(halt, done), name="halt", daemon=True).start()
            try:
                return self._synthesise()
            except Exception:
                if halt.over:
                    self._refuse_if_over()
                raise
            finally:
                done.set()

    def _end_when_over(self, halt: Halt, done: threading.Event) -> None:
        while not done.wait(_LOOK_SECONDS):
            try:
                self._refuse_if_over()
            except RunCancelled:
                halt.end()
                return
            except OdmdError:
                continue  # nobody answers for now

    def _tell_of_assets_that_a_rollback_needs(self) -> None:
        """CloudFormation reads those of the template that runs again when it goes back to it."""
        with contextlib.suppress(LookupError):
            runs = assemblies.load(self._tools.artifacts, self._run.assembly or "")
            if gone := self._tools.cloud.missing_assets(runs, self._target):
                self._tell(
                    f"{WARNS}{_named(gone)} of what runs now is not in its bucket any more: if this update fails, "
                    "CloudFormation may not be able to go back",
                    lasting=True,
                )

    def _synthesise(self) -> Mapping[str, Any]:
        self._tell(f"checkout {self._run.fingerprint.commit[:7]} of {self._enver.repo}")
        self._tools.repositories.checkout(self._enver.repo, self._run.fingerprint.commit, self._place.source)
        document = run_document(self._run, self._enver, self._texts, self._claim.contracts)
        private_file(self._place.document).write_text(document.to_json())
        source = self._place.source / self._enver.folder
        try:
            lookups = synthesised(self._tools, source, self._place, self._target, self._run.fingerprint, self._tell)
        except AppFailed as failed:
            where = f"{self._enver.repo} at {self._run.fingerprint.commit[:7]}, folder {self._enver.folder}"
            raise type(failed)(f"{where}: {failed.fact}", next_step=failed.next_step) from failed
        self._tell_of_skew()
        published = {product.output: product.of for product in self._enver.products}
        read = self._tools.cloud.read_assembly(self._place.assembly, self._target, published)
        for warning in read.warnings:
            self._tell(WARNS + warning, lasting=True)
        assemblies.check(self._enver, self._claim.others, self._texts, read)
        assembly = assemblies.marked(replace(read, lookups=lookups), self._enver)
        if unused := assemblies.unused(self._enver, assembly):
            self._tell(f"{WARNS}declared and not used: {', '.join(unused)}", lasting=True)
        stored = assemblies.store(self._tools.artifacts, assemblies.tagged(assembly, self._enver))
        return {"assembly": stored}

    def _tell_of_skew(self) -> None:
        seen = Seen.found(self._place.document)
        if seen and (differs := skew(self._enver, self._claim.contracts, seen)):
            self._step("contracts", lambda: {"skew": differs})
            self._tell(differs, lasting=True)

    def _upload(self, assembly: Assembly) -> Mapping[str, Any]:
        """From what this attempt synthesised: no journal says where files are."""
        if assembly.assets and not self._place.assembly.is_dir():
            self._synthesised()
        count = len(assembly.assets)
        self._tell(f"upload {count} asset{'s' * (count != 1)}" if count else "no assets to upload")
        self._tools.cloud.upload_assets(self._place.assembly, assembly, self._target, self._tell)
        return {"assets": [asset.key for asset in assembly.assets]}

    def _deploy(self, stack: StackTemplate, parameters: Mapping[str, str]) -> None:
        mine = {name: text for name, text in parameters.items() if name in stack.parameters}
        if f"execute {stack.name}" not in self._claim.done:
            self._execute(stack, mine)
        else:
            self.touched = (*self.touched, stack.name)
        if stack.termination_protection or assemblies.protected(self._tools.artifacts, self._run.assembly, stack.name):
            self._tools.cloud.protect(stack, self._target)
        deployed = self._tools.cloud.deployed(stack, self._target)
        for publication in outputs.publications(self._enver, self._claim.kinds, deployed):
            self.published = (*self.published, self._with_handover(publication))

    def _execute(self, stack: StackTemplate, parameters: Mapping[str, str]) -> None:
        look = self._tools.cloud.look(stack.name, self._target)
        if adopted := self._asks.before_touching(stack, look, parameters):
            self._tell(f"{stack.name}: what is there ({look.status}) was approved", lasting=True)
        self.touched = (*self.touched, stack.name)
        name = naming.change_set(self._run.id, self._claim.attempt)
        about = f"run {self._run.id} commit {self._run.fingerprint.commit}"
        began = time.monotonic()
        tagged = stack if self._asks.is_untagged(look) else assemblies.of_state(stack, self._claim.state)
        change_set = self._tools.cloud.propose(tagged, parameters, name, about, self._target, self._tell_if_mine)
        self._record(f"change set {stack.name} {self._claim.attempt}", _as_json(change_set), began)
        self._show(change_set)
        if lost := self._asks.before_executing(change_set, stack, parameters, adopted):
            self._tell(f"{change_set.stack}: {lost}: its loss was approved", lasting=True)
        self._step(f"execute {stack.name}", lambda: self._carry_out(change_set))

    def _carry_out(self, change_set: ChangeSet) -> Mapping[str, Any]:
        self._executing = True
        self._tools.cloud.execute(change_set, self._target, self._tell_if_mine)
        self._executing = False
        self._moved = self._moved or not change_set.empty
        return {"changes": len(change_set.changes)}

    def _show(self, change_set: ChangeSet) -> None:
        if change_set.empty:
            self._tell(f"{change_set.stack}: CloudFormation finds nothing to change")
        for change in change_set.changes:
            how = " (replaced)" if change.replacement == "True" else ""
            self._tell(f"{change_set.stack}: {change.action} {change.type} {change.logical_id}{how}", lasting=True)

    def _with_handover(self, new: Publication) -> Publication:
        """Keeps what arrives at a replaced resource flowing to its successor before anybody moves."""
        old = self._claim.published.get(new.product)
        kind = self._claim.kinds[new.kind]
        if old is None or old.resource is None or new.resource is None or kind.handover is not Handover.BRIDGE:
            return new
        if old.resource == new.resource or old.identity == new.identity:
            return new
        before, after = old.resource, new.resource
        name = naming.bridge_stack(new.product, old.version)
        self._tell(f"bridge {before.physical_id} → {after.physical_id}", lasting=True)
        made = self._step(
            f"bridge {new.product}",
            lambda: {"bridge": self._tools.handovers.bridge(before, after, name, self._enver.address)},
        )
        return Publication(new.product, new.text, new.identity, new.kind, new.resource, str(made["bridge"]) or None)

    def _step(self, name: str, do: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """Does a step once: what an earlier attempt recorded is taken from the journal."""
        if name in self._claim.done:
            return json.loads(self._claim.done[name].result)
        self._refuse_if_over()
        began = time.monotonic()
        result = do()
        self._record(name, result, began)
        return result

    def _tell_of_cloud(self, line: str) -> None:
        self._tell(line, lasting=line.startswith(WARNS))

    def _tell_if_mine(self, line: str) -> None:
        """What CloudFormation does goes on without us, so whoever was replaced need not wait for it."""
        self._tell_of_cloud(line)
        if self._desk.still(self._claim) is None:
            raise RunCancelled("another worker took it over")

    def _refuse_if_over(self) -> None:
        """Cancelled is a run until something moved; from then on it is safer to go on."""
        run = self._desk.still(self._claim)
        if run is None:
            raise RunCancelled("another worker took it over")
        if run.cancelled and not self._moved:
            raise RunCancelled(
                f"cancelled by {run.cancelled} before anything moved", next_step="`odmd apply` tries it again"
            )

    def _record(self, name: str, result: Mapping[str, Any], began: float) -> None:
        self._desk.record(self._claim, Step(name, json.dumps(result), time.monotonic() - began, time.time()))

    def _clear_up(self) -> None:
        for attempt in self._place.root.parent.iterdir():
            place = Workplace(attempt)
            for folder in (place.source, place.assembly):
                shutil.rmtree(folder, ignore_errors=True)


def _named(assets: Sequence[Asset]) -> str:
    """The first of some assets, and how many more there are."""
    more = f" (and {len(assets) - 1} more)" if len(assets) > 1 else ""
    return f"asset {assets[0].key}{more}"


def _as_json(change_set: ChangeSet) -> Mapping[str, Any]:
    return {"stack": change_set.stack, "id": change_set.id, "empty": change_set.empty, "changes": lines(change_set)}
