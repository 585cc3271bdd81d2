"""Traces, as a collector gets them."""

from __future__ import annotations

import gzip
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from odmd.control.ports.journal import DoneStep
from odmd.errors import ToolMissing
from odmd.server.traces import Traces, traces
from support.served import Served
from support.until import until
from support.worlds import graph_of, node, wire


class Collector(ThreadingHTTPServer):
    """Keeps the spans that it is sent."""

    def __init__(self) -> None:
        spans = self.spans = list[Span]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                sent = ExportTraceServiceRequest.FromString(body)
                spans.extend(
                    span for resource in sent.resource_spans for scope in resource.scope_spans for span in scope.spans
                )
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with Collector() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{made.server_address[1]}")
        yield made
        made.shutdown()


def told(collector: Collector, folder: Path) -> dict[str, Span]:
    """What comes of a change that goes through, and of one that fails; by the names of the spans."""
    graph = graph_of([node(0), node(1, [wire(0, 1)])])
    served = Served(graph, folder, subscribers=lambda store: [told_of(traces("acme", store))])
    with served.serving():
        served.store.record(1, 1, DoneStep("synth", "{}", 0.5, 100.0))
        served.deploy()
        served.push("c2", 1)
        served.fail(1)
        until(lambda: all(one.position == served.store.position() for one in served.subscribers.progress()))
    return {span.name: span for span in collector.spans}


def told_of(made: Traces | None) -> Traces:
    assert made
    return made


def test_a_change_is_one_trace_of_its_runs_and_their_steps(collector: Collector, tmp_path: Path) -> None:
    spans = told(collector, tmp_path)
    wave, first, step = spans["wave 1: a push"], spans["run e0@main"], spans["synth"]
    assert {span.trace_id for span in (wave, first, step)} == {wave.trace_id}
    assert not wave.parent_span_id
    assert first.parent_span_id == wave.span_id
    assert step.parent_span_id == first.span_id
    assert (step.end_time_unix_nano - step.start_time_unix_nano) == 500_000_000
    assert wave.start_time_unix_nano <= first.start_time_unix_nano <= first.end_time_unix_nano
    failed = [span for span in collector.spans if span.name == "run e1@main" and span.trace_id != wave.trace_id]
    assert [span.status.message for span in failed] == ["boom"], "another change, another trace"
    said = {one.key: one.value for one in first.attributes}
    assert (said["odmd.run"].int_value, said["odmd.worker"].string_value) == (1, "worker")


def test_whoever_tells_them_derives_the_same_ids(collector: Collector, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first = told(collector, tmp_path / "one")
    collector.spans.clear()
    second = told(collector, tmp_path / "two")
    assert first["synth"].span_id == second["synth"].span_id
    assert first["wave 1: a push"].trace_id == second["wave 1: a push"].trace_id


def test_nobody_pays_who_does_not_collect_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    store = Served(graph_of([node(0)]), tmp_path).store
    assert traces("acme", store) is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    with pytest.raises(ToolMissing) as missing:
        traces("acme", store)
    assert "ondemandenv[otel]" in missing.value.next_step
