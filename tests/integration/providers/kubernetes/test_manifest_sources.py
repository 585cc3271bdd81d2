"""Where manifests come from: folders, and programs that print them, caged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from odmd.errors import ManifestsUnfit, PublishedWrong, RecipeUnfit, ToolMissing
from support.kubernetes.cluster import Cluster
from support.kubernetes.site import GOOD, Site, as_yaml, config, deployment
from support.kubernetes.tools import kube_tools

MENU = as_yaml(config())


def names(site: Site) -> list[str]:
    recipe = site.procedure.prepare(job := site.job())
    return [str(one["metadata"]["name"]) for one in site.procedure.open(recipe, job)._objects]  # type: ignore[call-overload,index]


def site(tmp_path: Path, cluster: Cluster, *, files: dict[str, str], **more: object) -> Site:
    made = Site(tmp_path, cluster, config(), inputs=(), **more)
    made.push(**files)
    return made


def test_a_folder_is_read_at_every_depth_without_what_is_hidden_or_no_manifest(tmp_path: Path, played: Cluster) -> None:
    files = {
        "a/one.yaml": as_yaml(config("one")),
        "a/b/two.yml": as_yaml(config("two")),
        "three.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "three"}}',
        "README.md": "{nothing: [",
        ".github/workflow.yaml": "on: push",
    }
    assert sorted(names(site(tmp_path, played, files=files))) == ["one", "three", "two"]


def test_another_folder_than_the_builds_is_said_in_the_contract(tmp_path: Path, played: Cluster) -> None:
    files = {"deploy/m.yaml": MENU, "chart.yaml": "not: {a manifest"}
    assert names(site(tmp_path, played, files=files, of="deploy")) == ["menu"]
    with pytest.raises(ManifestsUnfit, match="there is no folder gone"):
        names(site(tmp_path, played, files=files, of="gone"))


def test_a_kustomization_is_no_folder_of_manifests(tmp_path: Path, played: Cluster) -> None:
    with pytest.raises(ManifestsUnfit, match="is no folder of manifests") as unfit:
        names(site(tmp_path, played, files={"kustomization.yaml": "resources: []", "m.yaml": MENU}))
    assert "Kustomize(…)" in unfit.value.next_step


def test_what_a_program_prints_is_read(tmp_path: Path, played: Cluster) -> None:
    files = {"synth.sh": "echo made of the source >&2\ncat menu.yaml.in\n", "menu.yaml.in": MENU}
    made = site(tmp_path, played, files=files, made_by="program", of="sh synth.sh")
    assert names(made) == ["menu"]
    assert "app: made of the source" in made.said


def test_a_program_sees_nothing_of_this_process(
    tmp_path: Path, played: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-worker")
    shows = """cat menu.in; echo "data: {seen: '$(env | grep -c secret-of-the-worker)'}" """
    menu = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: menu}\n"
    made = site(tmp_path, played, files={"menu.in": menu}, made_by="program", of=shows)
    assert b'"seen": "0"' in made.procedure.prepare(made.job())


def test_a_program_that_fails_says_why(tmp_path: Path, played: Cluster) -> None:
    made = site(tmp_path, played, files={"x": ""}, made_by="program", of="echo no such chart >&2; exit 3")
    with pytest.raises(ManifestsUnfit, match="ended with 3: no such chart"):
        names(made)


@pytest.mark.parametrize(("made_by", "tool"), [("kustomize", "kustomize"), ("helm", "helm")])
def test_a_tool_that_is_missing_is_named(
    tmp_path: Path, played: Cluster, monkeypatch: pytest.MonkeyPatch, made_by: str, tool: str
) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    made = site(tmp_path, played, files={"x": ""}, made_by=made_by, of=".", release="app")
    with pytest.raises(ToolMissing, match=tool):
        names(made)


@pytest.mark.parametrize(("made_by", "tool"), [("kustomize", "kustomize"), ("helm", "helm")])
def test_a_tool_that_is_there_is_asked(tmp_path: Path, played: Cluster, made_by: str, tool: str, monkeypatch) -> None:
    """Stands for the tool: how it is called is proven, not what it does."""
    bin_ = Path("/usr/local/bin")
    if not os.access(bin_, os.W_OK):
        pytest.skip("a tool in a cage is below /usr")
    files = {"tool.sh": 'echo "$0 $@" >&2; cat menu.in', "menu.in": MENU}
    made = site(tmp_path, played, files=files, made_by=made_by, of="base", release="app", values=("v.yaml",))
    monkeypatch.setattr("shutil.which", lambda name: f"/x/{name}" if name == tool else None)
    monkeypatch.setattr("shlex.join", lambda words: f"sh tool.sh {' '.join(words)}")
    assert names(made) == ["menu"]
    expected = "kustomize build base" if tool == "kustomize" else "helm template app base --values v.yaml"
    assert f"app: tool.sh {expected}" in made.said


CHART = {
    "chart__Chart.yaml": "apiVersion: v2\nname: menu\nversion: 1.0.0\n",
    "chart__values.yaml": "tea: oolong\n",
    "chart__templates__menu.yaml": as_yaml(config()).replace("oolong", "{{ .Values.tea }}")
    + "---\n"
    + as_yaml(deployment(name="{{ .Release.Name }}-shop")),
    "dev.yaml": "tea: assam\n",
}
OVERLAY = {
    "base__kustomization.yaml": "resources: [menu.yaml, shop.yaml]\n",
    "base__menu.yaml": MENU,
    "base__shop.yaml": as_yaml(deployment()),
    "dev__kustomization.yaml": "resources: [../base]\nnamePrefix: dev-\n"
    'patches: [{patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: menu}, data: {tea: assam}}"}]\n',
}


@pytest.mark.parametrize(
    ("files", "how", "expected"),
    [
        (CHART, {"made_by": "helm", "of": "chart", "release": "app", "values": ("dev.yaml",)}, ["menu", "app-shop"]),
        (OVERLAY, {"made_by": "kustomize", "of": "dev"}, ["dev-menu", "dev-shop"]),
    ],
)
def test_a_real_tool_makes_manifests_with_placeholders_in_their_place(
    tmp_path: Path, played: Cluster, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], how: dict[str, object],
    expected: list[str],
) -> None:  # fmt: skip
    """helm 4, and kubectl with the kustomize that is in it; caged, without network."""
    monkeypatch.setenv("PATH", f"{kube_tools()}{os.pathsep}{os.environ['PATH']}")
    made = Site(tmp_path, played, config(), **how)
    made.push(**{name.replace("__", "/"): text for name, text in files.items()})
    job = made.job()
    objects = made.procedure.open(made.procedure.prepare(job), job)._objects
    assert [one["metadata"]["name"] for one in objects] == expected  # type: ignore[call-overload,index]
    assert objects[0]["data"] == {"tea": "assam"}
    containers = objects[1]["spec"]["template"]["spec"]["containers"]  # type: ignore[call-overload,index]
    assert containers[0]["image"] == GOOD  # type: ignore[call-overload,index]


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path, played: Cluster) -> None:
    made = site(tmp_path, played, files={"m.yaml": MENU})
    (secret := tmp_path / "secret.yaml").write_text(MENU)
    job = made.job()
    inside = job.checkout

    def with_link() -> None:
        inside()
        (job.place.source / "n.yaml").symlink_to(secret)

    object.__setattr__(job, "checkout", with_link)
    with pytest.raises(ManifestsUnfit, match="which is outside of"):
        made.procedure.prepare(job)


def test_five_megabytes_are_too_much(tmp_path: Path, played: Cluster) -> None:
    many = "---\n".join(f"{MENU}more: {'x' * 50_000}\n" for _ in range(100))
    with pytest.raises(ManifestsUnfit, match="bytes"):
        names(site(tmp_path, played, files={"m.yaml": many}))


def test_what_cannot_be_recorded_is_refused_before_anything_moves(tmp_path: Path, played: Cluster) -> None:
    texts = [os.urandom(400_000).hex() for _ in range(2)]
    made = site(tmp_path, played, files={f"m{n}.yaml": as_yaml(config(f"c{n}", t=one)) for n, one in enumerate(texts)})
    with pytest.raises(ManifestsUnfit, match="a cluster records 900000 at most"):
        made.run()


def test_a_product_of_no_manifest_is_refused_while_it_is_prepared(tmp_path: Path, played: Cluster) -> None:
    made = Site(tmp_path, played, deployment(), products={"address": "ServiceAddress:shop"})
    with pytest.raises(PublishedWrong, match="publishes `address` of Service/shop, which no manifest brings"):
        made.procedure.prepare(made.job())


def test_another_envers_recipe_is_not_carried_out(tmp_path: Path, played: Cluster) -> None:
    one, other = (Site(tmp_path, played, config(), inputs=()) for _ in range(2))
    recipe = one.procedure.prepare(one.job())
    with pytest.raises(RecipeUnfit, match="they are another enver's"):
        other.procedure.open(recipe, other.job())
    with pytest.raises(RecipeUnfit):
        other.procedure.open(b"nonsense", other.job())
