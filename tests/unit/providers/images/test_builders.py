"""What builders are told."""

from __future__ import annotations

from pathlib import Path

from odmd.providers.images.builders import Buildah, Buildx, Order

SOURCE, STORAGE, LAYOUT = Path("/source"), Path("/storage"), Path("/layout")
ORDER = Order(SOURCE / "app" / "Dockerfile", SOURCE / "app")
FULL = Order(
    SOURCE / "Dockerfile",
    SOURCE,
    "wanted",
    {"KIND": "tea"},
    ("linux/amd64", "linux/arm64"),
    {"key": Path("/secrets/key")},
    True,
    ("base:1", f"base@sha256:{'a' * 64}"),
)


def words(builder: Buildah | Buildx, order: Order) -> list[str]:
    return [" ".join(command.words) for command in builder.commands(order, STORAGE, LAYOUT)]


class TestBuildah:
    def test_builds_and_writes_a_layout(self) -> None:
        build, writing = words(Buildah(), ORDER)
        assert "bud --isolation chroot --timestamp 0 --pull-never" in build
        assert build.endswith("--file /source/app/Dockerfile /source/app")
        assert writing.endswith("push --quiet localhost/odmd oci:/layout:image")

    def test_fetches_bases_itself_so_that_foreign_code_needs_no_network(self) -> None:
        commands = Buildah().commands(FULL, STORAGE, LAYOUT)
        assert [command.network for command in commands] == [True, True, True, False]
        alone = Buildah().commands(Order(SOURCE, SOURCE, bases=("base:1",)), STORAGE, LAYOUT)
        assert [command.network for command in alone] == [True, False, False]

    def test_asks_anew_for_what_may_move_only(self) -> None:
        tag, pinned, *_ = words(Buildah(), FULL)
        assert "--policy always base:1" in tag
        assert "--policy missing base@sha256" in pinned

    def test_takes_no_kept_layer_of_another_platform(self) -> None:
        assert "--layers" in words(Buildah(), ORDER)[0]
        *_, build, writing = words(Buildah(), FULL)
        assert "--layers" not in build
        assert "--manifest localhost/odmd --platform linux/amd64,linux/arm64" in build
        assert "manifest push --all" in writing


class TestBuildx:
    def test_says_all_at_once(self) -> None:
        (build,) = words(Buildx(), FULL)
        assert "--output type=oci,dest=/layout,tar=false,rewrite-timestamp=true" in build
        assert "--provenance=false --sbom=false" in build
        assert "--build-arg SOURCE_DATE_EPOCH=0" in build
        assert "--platform linux/amd64,linux/arm64" in build
        assert "--target wanted --build-arg KIND=tea --secret id=key,src=/secrets/key" in build

    def test_gives_run_lines_no_network_unless_it_is_said(self) -> None:
        assert "--network none" in words(Buildx(), ORDER)[0]
        assert "--network default" in words(Buildx(), FULL)[0]
