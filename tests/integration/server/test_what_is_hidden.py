"""What policies hide from a caller is not there: no list shows what a get refuses, and no text speaks of it."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from odmd.control.leading.control_plane import ControlPlane
from odmd.control.scheduler.actor import Scope
from odmd.control.scheduler.messages import PauseScope, ResumeScope
from odmd.errors import NotAllowed
from odmd.graph import Compiled
from support.actors import somebody
from support.governed import governed
from support.served import Served
from support.worlds import address

HIDES = (
    'forbid (principal, action in Action::"look", resource in Team::"roasters") unless {{ principal in Team::"{0}" }};'
)
HIDDEN = re.compile(r"e[23](@main|/b\.\.main)")
READS = [
    *(
        "/envers",
        "/runs",
        "/values",
        "/waves",
        "/graph",
        "/log",
        "/pauses",
        "/dora",
        "/contracts",
        "/subscribers",
        "/troubles",
        "/lag",
        "/costs",
        "/overview",
        "/questions",
    ),
    *(f"/search?text={text}" for text in ("e", "of", "c1")),
    *(f"/neighbourhood?of=e{n}@main" for n in (0, 1, 4)),
    *(
        "/comparison?before=e0@main&after=e4@main",
        "/comparison?before=e1@main&run=4",
        "/where?of=e0@main/out",
        "/lag?enver=e1@main",
        "/costs?enver=e1@main",
    ),
    *(f"/envers/e{n}/b..main{part}" for n in (0, 1, 4) for part in ("", "/why", "/documents", "/earlier")),
]


@pytest.fixture
def served(tmp_path: Path) -> Generator[Served]:
    graph = governed(HIDES.format("roasters"))
    with Served(graph, tmp_path).serving(tokens=True) as served:
        for n in (0, 2, 4, 1, 3):
            served.push("c1", n)
            while served.leader.state.runs:
                served.finish(next(int(run.enver[1]) for run in served.leader.state.runs.values()), f"of {n}")
        for n in (1, 2):
            served.leader.ask(PauseScope(address(n), somebody("ada")))
        served.leader.ask(PauseScope("team:roasters", somebody("ada")))
        served.service.control.failing.say("", "contracts are to be in force", "they break e2@main")
        yield served


@pytest.fixture
def barista(served: Served) -> Generator[httpx.Client]:
    with served.http(served.token(Scope.WRITE, "baristas").text) as http:
        yield http


def every(http: httpx.Client, path: str) -> list[dict[str, object]]:
    found, at = list[dict[str, object]](), f"/api/v1{path}?limit=2"
    while at:
        page = http.get(f"{http.base_url.copy_with(path='')}{at}".replace("//api", "/api")).json()
        found, at = [*found, *page["items"]], page["next"]
    return found


@pytest.mark.parametrize("path", READS)
def test_nothing_that_is_read_speaks_of_it(served: Served, barista: httpx.Client, path: str) -> None:
    answer = barista.get(path)
    assert answer.status_code in (200, 409), answer.text
    assert not HIDDEN.search(answer.text), answer.text
    with served.http(served.token(Scope.WRITE, "roasters").text) as roaster:
        assert roaster.get(path).status_code == answer.status_code


def test_lists_show_what_gets_tell_and_nothing_else(served: Served, barista: httpx.Client) -> None:
    envers = [str(one["enver"]) for one in every(barista, "/envers")]
    assert envers == [address(n) for n in (0, 1, 4)]
    assert all(barista.get(f"/envers/{one}").status_code == 200 for one in envers)
    runs = {one["id"] for one in every(barista, "/runs")}
    for run in range(1, 8):
        assert (barista.get(f"/runs/{run}").status_code == 200) == (run in runs)
        assert (barista.get(f"/runs/{run}/log").status_code == 200) == (run in runs)
    waves = {one["id"] for one in every(barista, "/waves")}
    for wave in range(1, 8):
        assert (barista.get(f"/changes/{wave}").status_code == 200) == (wave in waves)
    assert barista.get("/contracts").json()["envers"] == 3
    assert len(every(barista, "/graph")) == 3


def test_what_is_hidden_is_refused_as_what_there_is_not(barista: httpx.Client) -> None:
    for path in ("/envers/{}/b..main", "/envers/{}/b..main/why", "/envers/{}/b..main/documents"):
        hidden, nothing = (barista.get(path.format(one)) for one in ("e2", "e9"))
        assert hidden.status_code == nothing.status_code == 404
        assert problem(hidden) == problem(nothing)
    for path in (
        "/comparison?before={}@main&run=1",
        "/comparison?before=e0@main&after={}@main",
        "/lag?enver={}@main",
        "/costs?enver={}@main",
        "/neighbourhood?of={}@main",
    ):
        hidden, nothing = (barista.get(path.format(one)) for one in ("e2", "e9"))
        assert problem(hidden)[0] == 404
        assert problem(hidden) == problem(nothing)
    for path in ("/where?of={}@main/out", "/where?of=x&repo=acme/{}"):
        hidden, nothing = (barista.get(path.format(one)) for one in ("e2", "e9"))
        assert json.dumps(problem(hidden)).replace("e2", "e9") == json.dumps(problem(nothing))
    wishes = [
        ("/pauses", {"scope": "{}@main"}),
        ("/pins", {"enver": "{}@main"}),
        ("/releases", {"enver": "{}@main"}),
        ("/answers", {"enver": "{}@main", "approved": True, "identity": "x"}),
        ("/deployability", {"enver": "{}@main"}),
        ("/plans", {"targets": ["{}@main"]}),
        ("/preflights", {"envers": ["{}@main"]}),
        ("/drifts", {"envers": ["{}@main"]}),
        ("/drift-acceptances", {"enver": "{}@main", "why": "so be it"}),
    ]
    for path, body in wishes:
        answers = [
            barista.post(path, content=json.dumps(body).replace("{}", one), headers=JSON) for one in ("e2", "e9")
        ]
        assert problem(answers[0]) == problem(answers[1]), path


def problem(answer: httpx.Response) -> tuple[int, dict[str, object]]:
    said = answer.json()
    assert answer.status_code in (400, 404), answer.text
    return answer.status_code, {name: text for name, text in said.items() if name != "request"}


JSON = {"Content-Type": "application/json"}


def test_the_stream_is_silent_about_it(served: Served, barista: httpx.Client) -> None:
    with barista.stream("GET", "/events", params={"after": "0"}) as stream:
        told = list[str]()
        for line in stream.iter_lines():
            told.append(line)
            if line.startswith("data:") and '"Paused"' in line and "e1/b..main" in line:
                break
    text = "\n".join(told)
    assert "e1/b..main" in text
    assert not HIDDEN.search(text)


def test_figures_of_everything_are_for_who_sees_everything(served: Served, barista: httpx.Client) -> None:
    root = str(barista.base_url).removesuffix("/api/v1/")
    assert barista.get(f"{root}/metrics").status_code == 403
    for path in ("/audit", "/audit/entries?text=e2"):
        assert barista.get(path).status_code == 403
    with served.http(served.token(Scope.READ, "roasters").text) as roaster:
        assert roaster.get(f"{root}/metrics").status_code == 200


@pytest.mark.parametrize("path", ["/provenance?of=e{}@main/out", "/history?of=e{}@main"])
def test_looking_back_ends_at_what_is_hidden(served: Served, barista: httpx.Client, path: str) -> None:
    for n in (0, 1, 4):
        answer = barista.get(path.format(n))
        assert answer.status_code == 200, answer.text
        assert not HIDDEN.search(answer.text), answer.text
    hidden, nothing = (barista.get(path.format(n)) for n in (2, 9))
    assert problem(hidden) == problem(nothing)
    with served.http(served.token(Scope.WRITE, "roasters").text) as roaster:
        assert HIDDEN.search(roaster.get(path.format(2)).text)


def test_what_a_commit_reached_is_told_as_far_as_it_is_seen(served: Served, barista: httpx.Client) -> None:
    for scope in (address(1), address(2), "team:roasters"):
        served.leader.ask(ResumeScope(scope, somebody("ada")))
    for n in (0, 2):
        served.push("c0ffee", n)
        while served.leader.state.runs:
            served.finish(next(int(run.enver[1]) for run in served.leader.state.runs.values()), "more")
    told = barista.get("/reached?commit=c0ffee")
    assert told.status_code == 200, told.text
    assert not HIDDEN.search(told.text)
    with served.http(served.token(Scope.WRITE, "roasters").text) as roaster:
        assert HIDDEN.search(roaster.get("/reached?commit=c0ffee").text)


def test_the_log_is_searched_as_far_as_it_is_seen(served: Served, barista: httpx.Client) -> None:
    found = every(barista, "/audit/entries")
    assert found
    assert not HIDDEN.search(json.dumps(found))
    assert [one["position"] for one in found] == [one["position"] for one in every(barista, "/log")]
    assert {(one["payload"], one["link"]) for one in found} == {("", None)}, "a digest tells who guesses right"
    hidden, nothing = (barista.get(f"/audit/entries?enver={one}@main") for one in ("e2", "e9"))
    assert problem(hidden) == problem(nothing)
    newest = barista.get("/audit/entries?before=100000&limit=3").json()["items"]
    assert [one["position"] for one in newest] == [one["position"] for one in found[:-4:-1]]


def test_acting_beyond_ones_team_is_refused_by_name_of_the_policy_and_the_log_says_so(served: Served) -> None:
    with served.http(served.token(Scope.WRITE, "roasters").text) as roaster:
        answer = roaster.post("/pauses", json={"scope": "e0@main"})
        assert answer.status_code == 403
        assert "no policy permits it" in answer.json()["detail"]
        assert any(one["type"] == "Denied" for one in every(roaster, "/log"))


def test_an_admin_breaks_the_glass_and_it_stands_in_the_log(served: Served) -> None:
    with served.http(served.token(Scope.ADMIN).text) as admin:
        assert admin.get("/envers/e2/b..main").status_code == 404
        loud = {"X-Odmd-Break-Glass": "the house burns"}
        assert admin.get("/envers/e2/b..main", headers=loud).status_code == 200
        assert admin.post("/pauses", json={"scope": "e3@main"}, headers=loud).status_code == 200
        last = every(admin, "/log")
        assert admin.get("/envers/e2/b..main").status_code == 404
    assert not [one for one in last if "house burns" in str(one)]
    with served.http(served.token(Scope.READ, "roasters").text) as roaster:
        assert [one for one in every(roaster, "/log") if "house burns" in str(one)]


def test_other_policies_are_for_whom_the_policies_in_force_let(served: Served) -> None:
    control: ControlPlane[object] = served.service.control  # type: ignore[assignment]
    other = Compiled(governed("permit (principal, action, resource);"), {}, {})
    with pytest.raises(NotAllowed):
        control.use(other, somebody("eve", "roasters", scope=Scope.WRITE))
    assert served.leader.in_force.governed == served.graph.governed


def test_who_changes_policies_stands_in_the_log_with_who_gains_what(served: Served) -> None:
    control: ControlPlane[object] = served.service.control  # type: ignore[assignment]
    other = governed("permit (principal, action, resource);")
    control.use(Compiled(other, {}, {}), somebody("root"))
    assert served.leader.in_force.governed == other.governed
    with served.http(served.token(Scope.READ).text) as anybody:
        found = anybody.get("/audit/entries?action=policies-changed").json()["items"]
    assert [one["actor"] for one in found] == ["root"]
    assert json.loads(found[0]["body"])["gains"]


@pytest.mark.parametrize("scope", ["e1@main", "team:baristas", "*"])
def test_a_pause_that_holds_up_production_ends_with_a_reason(served: Served, scope: str) -> None:
    with served.http(served.token(Scope.ADMIN).text) as admin:
        loud = {"X-Odmd-Break-Glass": "for the test"}
        admin.post("/pauses", json={"scope": scope}, headers=loud)
        refused = admin.delete(f"/pauses/{scope}", headers=loud)
        assert (refused.status_code, refused.json()["code"]) == (422, "ODMD137")
        ended = admin.delete(f"/pauses/{scope}", params={"why": "it is mended"}, headers=loud)
        assert ended.json()["events"][0]["body"]["why"] == "it is mended"
        admin.post("/pauses", json={"scope": "e0@main"}, headers=loud)
        assert admin.delete("/pauses/e0@main", headers=loud).status_code == 200, "it is none"
