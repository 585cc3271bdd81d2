"""Every format holds every node and every edge of every view, whatever they are called."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.graph.views import html as page
from odmd.graph.views.as_json import as_json
from odmd.graph.views.cypher import cypher, literal
from odmd.graph.views.dot import dot
from odmd.graph.views.graphml import graphml
from odmd.graph.views.html import html
from odmd.graph.views.mermaid import mermaid
from odmd.graph.views.text import text
from odmd.graph.views.view import View
from support.view_samples import HOSTILE, VIEWS, graphs, hostile_graph

XML = {"g": "http://graphml.graphdrawing.org/xmlns"}
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DOT_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
CYPHER_STRING = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
HTML_DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
MERMAID_NODE = re.compile(r'    n\d+(\["|\(\["|\{\{"|\[\(")[\w \-@/.,()+=#;]+("\]|"\]\)|"\}\}|"\)\])', re.ASCII)
MERMAID_EDGE = re.compile(r'  n\d+ (-->|-\.->|==>)\|"[\w \-@/.,()+=#;]+"\| n\d+', re.ASCII)
MERMAID_REST = re.compile(r'  subgraph g\d+\["[^"\n]+"\]|  end|  linkStyle [\d,]+ stroke:#\w+|flowchart LR|%% .*')
views = st.builds(lambda made, name: VIEWS[name](made), graphs(), st.sampled_from(sorted(VIEWS)))
each_view = pytest.mark.parametrize("name", VIEWS)


def hostile(name: str) -> View:
    return VIEWS[name](hostile_graph())


def strand_ends(view: View) -> Counter[tuple[str, str]]:
    return Counter((edge.source, edge.target) for edge in view.edges for _ in edge.strands or [None])


def check_json(view: View) -> None:
    _check_data(json.loads(as_json(view)), view)


def _check_data(data: Any, view: View) -> None:
    assert [node["id"] for node in data["nodes"]] == [node.id for node in view.nodes]
    ends = Counter((edge.source, edge.target) for edge in view.edges)
    assert Counter((edge["from"], edge["to"]) for edge in data["edges"]) == ends


def check_graphml(view: View) -> None:
    root = ET.fromstring(graphml(view))
    declared = {(key.get("for"), key.get("id")) for key in root.findall("g:key", XML)}
    found = {node.get("id") for node in root.iterfind("g:graph/g:node", XML)}
    assert found == {_xml(node.id) for node in view.nodes}
    edges = Counter((edge.get("source"), edge.get("target")) for edge in root.iterfind("g:graph/g:edge", XML))
    assert edges == Counter({(_xml(a), _xml(b)): count for (a, b), count in strand_ends(view).items()})
    for what in ("node", "edge"):
        used = {data.get("key") for data in root.iterfind(f"g:graph/g:{what}/g:data", XML)}
        assert {(what, key) for key in used} <= declared


def _xml(said: str) -> str:
    return NOT_XML.sub("�", said)


def check_dot(view: View) -> None:
    written = dot(view)
    assert not NOT_XML.search(written), "an SVG made of it is none"
    bare = DOT_STRING.sub("S", written)
    assert '"' not in bare
    assert re.fullmatch(r"[\w\s{}\[\]=,;>-]*", bare), bare
    assert bare.count("{") == bare.count("}")
    assert bare.count("->") == len(view.edges)
    assert len(re.findall(r"^    S \[", bare, re.MULTILINE)) == len(view.nodes)
    for node in view.nodes:
        assert f'label="{node.label}"' in written or not re.fullmatch(r"[\w@.-]*", node.label)


def check_mermaid(view: View) -> None:
    lines = mermaid(view).rstrip("\n").split("\n")
    nodes = [line for line in lines if MERMAID_NODE.fullmatch(line)]
    edges = [line for line in lines if MERMAID_EDGE.fullmatch(line)]
    assert len(nodes) == len(view.nodes)
    assert len(edges) == len(view.edges)
    assert all(MERMAID_REST.fullmatch(line) for line in lines if line not in {*nodes, *edges})


def check_cypher(view: View) -> None:
    first, *rest = cypher(view).split("\n")
    assert first.startswith("// ")
    written = "\n".join(rest)
    bare = re.sub(r"`(?:[^`]|``)*`", "I", CYPHER_STRING.sub("S", written))
    assert not set(bare) & set("'\"\\`/")
    statements = bare.strip().removesuffix(";").split(";")
    assert statements[0].startswith("CREATE CONSTRAINT")
    assert all(one.strip().startswith("UNWIND [") for one in statements[1:])
    assert bare.count("source: S") == sum(strand_ends(view).values())
    for node in view.nodes:
        assert f"id: {literal(node.id)}, label: {literal(node.label)}" in written


def check_html(view: View) -> None:
    written = html(view)
    (found,) = HTML_DATA.findall(written)
    data = json.loads(found)
    _check_data(data, view)
    assert written.lower().count("<script") == written.lower().count("</script>") == 2
    places = [(node["x"], node["y"]) for node in data["nodes"]]
    assert len(set(places)) == len(places), "two boxes at one place"


CHECKS: Mapping[str, Callable[[View], None]] = {
    "json": check_json,
    "graphml": check_graphml,
    "dot": check_dot,
    "mermaid": check_mermaid,
    "cypher": check_cypher,
    "html": check_html,
}
each_format = pytest.mark.parametrize("format", CHECKS)


@each_format
@given(view=views)
def test_a_format_holds_every_node_and_edge(format: str, view: View) -> None:
    CHECKS[format](view)


@each_format
@each_view
def test_a_format_holds_hostile_names(format: str, name: str) -> None:
    CHECKS[format](hostile(name))


class TestJson:
    @given(graphs())
    def test_dependencies_hold_every_product_and_every_consumption(self, made: Any) -> None:
        data = json.loads(as_json(VIEWS["dependencies"](made)))
        products = {one["id"] for node in data["nodes"] for one in node["products"]}
        assert products == {one.address for enver in made.envers.values() for one in enver.products}
        consumed = Counter(
            (edge["to"], wire["input"], wire["product"]) for edge in data["edges"] for wire in edge["wires"]
        )
        assert consumed == Counter((wire.consumer, wire.name, wire.product) for wire in made.wires())


class TestMermaid:
    def test_what_could_be_syntax_is_the_number_of_its_character(self) -> None:
        written = mermaid(hostile("dependencies"))
        assert "quo#34;te" in written
        assert "#60;#47;script#62;" in written or "#60;/script#62;" in written


class TestCypher:
    @given(st.text() | st.sampled_from(HOSTILE))
    def test_a_string_reads_back_whether_unicode_escapes_are_read_before_or_in_strings(self, said: str) -> None:
        written = literal(said)[1:-1]
        unicode = re.compile(r"\\u([0-9a-f]{4})")
        before = unicode.sub(lambda found: chr(int(found[1], 16)), written)
        names = {"\\": "\\", "'": "'", '"': '"'}
        assert re.sub(r"\\(.)", lambda found: names[found[1]], before) == said
        inside = re.compile(r"\\(?:u([0-9a-f]{4})|(.))")
        assert inside.sub(lambda found: chr(int(found[1], 16)) if found[1] else names[found[2]], written) == said


class TestHtml:
    def test_it_needs_no_network(self) -> None:
        written = html(hostile("dependencies"))
        without_data = HTML_DATA.sub("", written).replace("http://www.w3.org/2000/svg", "")
        assert not re.findall(r"https?:|//[a-z]|src=|href=|@import|url\((?!#)|fetch|XMLHttp|innerHTML", without_data)
        assert "default-src 'none'" in written

    def test_data_ends_no_script(self) -> None:
        assert "<" not in page.embedded({"</script>": "<!--"})
        assert json.loads(page.embedded({"</script>": "<!-- &"})) == {"</script>": "<!-- &"}


class TestText:
    @given(views)
    def test_it_names_all(self, view: View) -> None:
        written = text(view)
        for node in view.nodes:
            assert node.label in written
        for edge in view.edges:
            for strand in edge.strands:
                assert strand.inlet in written or strand.outlet in written

    @each_view
    def test_nothing_that_a_terminal_obeys_gets_through(self, name: str) -> None:
        written = text(hostile(name))
        assert all(letter == "\n" or letter.isprintable() for letter in written)
        assert 'quo"te@0' not in written
        assert 'quo"te' in written
