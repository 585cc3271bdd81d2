"""One trace a change for OpenTelemetry, across whoever carries out its runs: the wave, below it its runs, below each
its steps.

Spans are made from what is recorded, with its times, and their ids are derived from the organisation, the wave, the run
and the step. So no process hands a context to another one, a leader that takes over goes on with the same trace, and a
collector that is told twice is told the same.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from odmd import __version__
from odmd.control.ports.journal import DoneStep
from odmd.control.ports.log import Logged
from odmd.control.ports.subscribers import Begin
from odmd.control.scheduler.events import RunFailed, RunSucceeded
from odmd.control.scheduler.runs import Run, RunStatus
from odmd.control.scheduler.state import Wave
from odmd.errors import ToolMissing
from odmd.model import naming
from odmd.store.sql import SqlStore

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext

_ASKED: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_AT_ONCE: Final = 500
"""Spans in one request."""


def traces(organisation: str, store: SqlStore) -> Traces | None:
    """Where the environment says that somebody collects them.

    Raises:
        ToolMissing: the exporter is not installed.
    """
    if not any(os.environ.get(name) for name in _ASKED):
        return None
    try:
        return Traces(organisation, store)
    except ModuleNotFoundError as missing:
        raise ToolMissing(
            f"{missing.name} is not installed, and OTEL_EXPORTER_OTLP_ENDPOINT asks for traces",
            next_step="pip install 'ondemandenv[otel]', or unset it",
        ) from missing


class Traces:
    """A subscriber that tells the collector of what ended; one that is away is told later."""

    name = "traces"
    begin = Begin.NEXT

    def __init__(self, organisation: str, store: SqlStore) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource

        self._organisation, self._store = organisation, store
        self._resource = Resource.create({"service.name": "odmd", "service.version": __version__})
        self._exporter = OTLPSpanExporter()

    def handle(self, batch: Sequence[Logged]) -> None:
        """The runs and waves that ended in it.

        Raises:
            ConnectionError: the collector did not take all of them.
            StateUnreadable, DatabaseUnreachable, DatabaseRefused
        """
        spans = [*self._of_runs(batch), *self._of_waves(batch)]
        for at in range(0, len(spans), _AT_ONCE):
            self._export(spans[at : at + _AT_ONCE])

    def close(self) -> None:
        """Waits for the collector no longer."""
        self._exporter.shutdown()

    def _export(self, spans: Sequence[ReadableSpan]) -> None:
        from opentelemetry.sdk.trace.export import SpanExportResult

        if self._exporter.export(spans) is not SpanExportResult.SUCCESS:
            raise ConnectionError("the collector of traces did not take them; the log of the server says why")

    def _of_runs(self, batch: Sequence[Logged]) -> Iterator[ReadableSpan]:
        for entry in batch:
            if isinstance(event := entry.event, (RunSucceeded, RunFailed)):
                run = self._store.run(event.run)
                if run is not None:
                    yield from self._of_run(run, event.at)

    def _of_waves(self, batch: Sequence[Logged]) -> Iterator[ReadableSpan]:
        times = {entry.position: entry.event.at for entry in batch}
        for wave, ended in self._store.ended_waves(batch[0].position - 1, batch[-1].position):
            yield from self._of_wave(wave, times[ended])

    def _of_wave(self, wave: Wave, at: float) -> Iterator[ReadableSpan]:
        root = wave.root or wave.id
        yield self._span(
            f"wave {wave.id}: {wave.cause}",
            self._context(root, f"wave {wave.id}"),
            None if root == wave.id else self._context(root, f"wave {root}"),
            (wave.at, at),
            {"odmd.wave": wave.id, "odmd.by": wave.by.name, "odmd.plan": wave.plan},
        )

    def _of_run(self, run: Run, at: float) -> Iterator[ReadableSpan]:
        root = run.root or max(run.waves, default=0)
        context = self._context(root, f"run {run.id}")
        yield self._span(
            f"run {naming.enver_label(run.enver)}",
            context,
            self._context(root, f"wave {root}"),
            (run.started_at, at),
            {
                "odmd.run": run.id,
                "odmd.enver": run.enver,
                "odmd.mode": run.mode.value,
                "odmd.commit": run.fingerprint.commit,
                "odmd.attempt": run.attempt,
                "odmd.worker": run.worker,
                "odmd.waves": ", ".join(map(str, run.waves)),
            },
            run.error.splitlines()[0] if run.status is RunStatus.FAILED and run.error else "",
        )
        for step in self._store.steps(run.id):
            yield self._of_step(run.id, root, step, context)

    def _of_step(self, run: int, root: int, step: DoneStep, parent: SpanContext) -> ReadableSpan:
        context = self._context(root, f"run {run} {step.name} {step.at!r}")
        return self._span(step.name, context, parent, (step.at - step.seconds, step.at), {"odmd.run": run})

    def _context(self, root: int, what: str) -> SpanContext:
        from opentelemetry.trace import SpanContext, TraceFlags

        trace = _number(16, self._organisation, str(root))
        span = _number(8, self._organisation, str(root), what)
        return SpanContext(trace, span, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))

    def _span(
        self,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        times: tuple[float, float],
        attributes: Mapping[str, str | int],
        error: str = "",
    ) -> ReadableSpan:
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope
        from opentelemetry.trace import Status, StatusCode

        began, ended = times
        return ReadableSpan(
            name=name,
            context=context,
            parent=parent,
            resource=self._resource,
            attributes={"odmd.organisation": self._organisation, **attributes},
            status=Status(StatusCode.ERROR, error) if error else Status(StatusCode.OK),
            start_time=int(began * 1e9),
            end_time=int(max(began, ended) * 1e9),
            instrumentation_scope=InstrumentationScope("odmd", __version__),
        )


def _number(size: int, *parts: str) -> int:
    """Never 0, which means none."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:size], "big") or 1
