"""What an experiment is: its variants, their names, and what of a file is refused, with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.cli.experiment.design import (
    LONGEST_EXPERIMENT,
    LONGEST_NAME,
    MOST_VARIANTS,
    NAME,
    Best,
    Variant,
    batches,
    clone_name,
    matrix_variants,
    name_of,
    read_axes,
    read_best,
)
from odmd.cli.experiment.file import read_experiment
from odmd.cli.experiment.options import Typed, read
from odmd.cli.experiment.table import in_figures
from odmd.control.leading.config_views import ConfigChange
from odmd.errors import ExperimentInvalid, SuiteUnfit
from odmd.model import SuiteCheck, naming

NAMES = st.from_regex(NAME, fullmatch=True).filter(lambda name: len(name) <= 60)
EXPERIMENTS = st.from_regex(NAME, fullmatch=True).filter(lambda name: len(name) <= LONGEST_EXPERIMENT)
VALUES = st.one_of(st.booleans(), st.integers(), st.text(max_size=30), st.lists(st.integers(), max_size=2))
AXES = st.dictionaries(
    st.sampled_from(["config.a.b", "config.a.c", "config.d.e.f"]),
    st.lists(VALUES, min_size=1, max_size=4, unique_by=json.dumps),
    min_size=1,
)


@given(EXPERIMENTS, st.lists(NAMES, unique=True, max_size=20))
def test_each_variant_has_a_name_of_its_own_that_fits(experiment: str, variants: list[str]) -> None:
    names = [clone_name(experiment, one) for one in variants]
    assert len({name.lower() for name in names}) == len(variants)
    assert all(len(name) <= LONGEST_NAME and naming.is_plain(name) for name in names)
    assert all(name.startswith(f"{experiment}-") for name in names)
    found_again = [name.removeprefix(f"{experiment}-") for name in names]
    assert [clone_name(experiment, one) for one in found_again] == names, "as one finds them who has no file"


@given(AXES)
def test_a_matrix_has_each_way_to_choose_once(axes: dict[str, list[object]]) -> None:
    variants = matrix_variants(axes)
    wanted = 1
    for values in axes.values():
        wanted *= len(values)
    assert len(variants) == len({one.name for one in variants}) == wanted
    assert len({one.config for one in variants}) == wanted or any(
        isinstance(v, str) for vs in axes.values() for v in vs
    )
    assert all(NAME.fullmatch(one.name) for one in variants)
    assert name_of("shop@main", variants) == name_of("shop@main", matrix_variants(axes))


@given(st.integers(0, 30), st.integers(1, 7))
def test_batches_are_all_in_their_order_and_none_is_too_large(many: int, at: int) -> None:
    variants = [Variant(f"v{n}") for n in range(many)]
    found = list(batches(variants, at))
    assert [one for batch in found for one in batch] == variants
    assert all(0 < len(batch) <= at for batch in found)


def test_what_is_typed_is_a_matrix() -> None:
    variants = matrix_variants(read_axes(["config.prices.tea=2,3", "revision=main,fix/1"]))
    assert [one.name for one in variants] == ["2-main", "2-fix-1", "3-main", "3-fix-1"]
    assert variants[1] == Variant("2-fix-1", "fix/1", (ConfigChange("prices.tea", "2"),))


@pytest.mark.parametrize(
    "typed",
    [
        ["tea"],
        ["tea=1"],
        ["config.=1"],
        ["config.a.b=1,1"],
        ["config.a.b=1", "config.a.b=2"],
        ["revision=,main"],
        [f"config.a.b={','.join(map(str, range(MOST_VARIANTS + 1)))}"],
        [f"config.a.{axis}={','.join(map(str, range(11)))}" for axis in "bcdefghijklmnop"],
    ],
)
def test_what_is_no_matrix_is_refused(typed: list[str]) -> None:
    with pytest.raises(ExperimentInvalid):
        matrix_variants(read_axes(typed))


def test_the_best_is_the_least_or_the_most_and_may_be_shared() -> None:
    least, most = read_best(["min:latency", "max:suite"], ["latency"])
    assert least.of({"a": 2.0, "b": 1.0, "c": 1.0}) == ["b", "c"]
    assert most == Best("suite", is_least=False)
    assert most.of({}) == []
    with pytest.raises(ExperimentInvalid, match="no wish for one of latency"):
        read_best(["min:cost"], ["latency"])


FILE = """
origin = "shop@main"
suite = "tests"
at = 2
ttl = "30min"

[variants.cheap]
config.prices.cents.tea = 200
config.prices.label = "5"

[variants.fixed]
on = "fix-1"
"""


def test_a_file_says_what_is_tried(tmp_path: Path) -> None:
    file = tmp_path / "Tea Prices.toml"
    file.write_text(FILE)
    made = read_experiment(file)
    assert (made.name, made.origin, made.suite, made.at, made.ttl) == (
        "tea-prices",
        "shop@main",
        SuiteCheck("tests"),
        2,
        1800,
    )
    cheap = (ConfigChange("prices.cents.tea", "200"), ConfigChange("prices.label", "5"))
    assert made.variants == (Variant("cheap", "", cheap), Variant("fixed", "fix-1"))
    assert made.wish(made.variants[1]).branch == "fix-1"


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("at = 2", "at = 0", 4, "at: expected 1 or more"),
        ("at = 2", 'at = "2"', 4, "at: expected a whole number"),
        ("at = 2", "att = 2", 4, "att: nobody knows this field"),
        ('on = "fix-1"', "onn = 1", 12, "variants.fixed.onn: nobody knows this field"),
        ('on = "fix-1"', "on = 1", 12, "variants.fixed.on: expected a text"),
        ("[variants.fixed]", "[variants.Fixed]", 11, "expected a text that matches"),
        ("at = 2", "at = ", 4, "it is no TOML"),
        ("= 200", "= 2026-01-01", 1, "config of cheap: prices.cents.tea is no field with a value that JSON has"),
        ("config.prices.cents.tea", "config.tea", 1, "config of cheap: tea is no field"),
        ('"30min"', '"soon"', 1, "ttl: soon is no duration"),
        ("[variants.cheap]", "[matrix]\nconfig.prices.tea = [1]\n[variants.cheap]", 1, "both variants and a matrix"),
        ('origin = "shop@main"', "", 1, "origin: it is missing"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_line(
    tmp_path: Path, before: str, after: str, line: int, said: str
) -> None:
    file = tmp_path / "tea.toml"
    file.write_text(FILE.replace(before, after, 1))
    with pytest.raises(ExperimentInvalid) as refused:
        read_experiment(file)
    assert said in refused.value.fact
    assert refused.value.place
    assert refused.value.place.line == line


@given(st.text(max_size=200))
def test_whatever_a_file_has_it_is_read_or_refused(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.toml"
        file.write_bytes(text.encode(errors="surrogatepass"))
        with pytest.raises(ExperimentInvalid):
            read_experiment(file)


@pytest.mark.parametrize(
    ("value", "shown"), [(800.0, "800"), (60000.0, "60000"), (0.31234, "0.3123"), (12345.678, "12346"), (1e-7, "1e-07")]
)
def test_figures_are_short_and_whole_before_the_point(value: float, shown: str) -> None:
    assert in_figures(value) == shown


def typed(what: str, **more: object) -> Typed:
    plain: dict[str, object] = dict.fromkeys(("matrix", "suite", "name", "at", "ttl", "also"))
    said = {**plain, "network": False, "consumers": False, "share_data": False, "metrics": (), "best": (), **more}
    return Typed(what, **said)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_options_say_otherwise_than_a_file(tmp_path: Path) -> None:
    file = tmp_path / "tea.toml"
    file.write_text(FILE)
    made = read(typed(str(file), suite="more", name="other", at=9, ttl="2h", network=True, metrics=("m",)))
    assert (made.name, made.suite, made.at, made.ttl) == ("other", SuiteCheck("more", network=True), 9, 7200)
    with pytest.raises(SuiteUnfit):
        read(typed(str(file), suite="../up"))
    with pytest.raises(ExperimentInvalid, match="cannot be called"):
        read(typed(str(file), name="Tea Prices"))
    with pytest.raises(ExperimentInvalid, match="is no file of an experiment"):
        read(typed("shop@main"))
