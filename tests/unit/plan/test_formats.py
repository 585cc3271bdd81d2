"""A plan for a pull request and as a page: complete, escaped, and never too long."""

from __future__ import annotations

from dataclasses import replace

from odmd.plan import Plan, WireVerdict
from odmd.plan.html import html
from odmd.plan.markdown import markdown
from odmd.plan.settings import SettingMoved
from odmd.plan.words import about
from support.planned import CHAIN, planned
from support.worlds import address, graph, graph_of, node, wire

NASTY = "<script>alert(1)</script> | `x` @somebody #12 https://evil.example\n# head"


def nasty() -> Plan:
    return replace(planned(CHAIN), verdicts=(WireVerdict(address(1), "in0", "breaking", NASTY),))


def test_markdown_has_a_table_a_stage_and_folds_the_rest() -> None:
    said = markdown(planned(CHAIN))
    assert said.startswith("### Plan `")
    assert "**3 steps in 3 stages**" in said
    assert said.count("| step | | enver | commit | because |") == 3
    assert said.count("<details>") == said.count("</details>") == 2


def test_markdown_escapes_what_users_wrote() -> None:
    said = markdown(nasty())
    assert "<script>" not in said
    assert "@somebody" not in said
    assert "#12" not in said
    assert "https://" not in said
    assert not [line for line in said.splitlines() if line.startswith("# head")]
    assert "> [!CAUTION]" in said


def test_markdown_ends_before_github_does() -> None:
    for size in (300, 3000):
        said = markdown(planned(graph(size, [(n // 2, n) for n in range(1, size)])))
        assert len(said) < 65_536
        assert ("`odmd plan` shows all of them" in said) is (size == 3000)


def test_markdown_ends_before_github_does_also_with_many_gates() -> None:
    gated = graph_of([node(0), *(node(n, [wire(0, n, mode="gated")]) for n in range(1, 2500))])
    assert len(markdown(planned(gated))) < 65_536


def test_a_page_loads_nothing_and_escapes_what_users_wrote() -> None:
    page = html(nasty())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "src=" not in page
    assert "http" not in page.replace("https://evil.example", "")
    assert page.count('<section class="stage">') == 3


def test_what_each_run_will_do_is_said_where_somebody_wants_to_know() -> None:
    plan, said = planned(CHAIN), "steps: prepare, deliver, bring about its stacks"
    for page in (markdown, html):
        assert page(plan, steps=True).count(said) == 3
        assert said not in page(plan)


def test_old_and_new_values_stand_beside_what_changes_for_who_may_see_them() -> None:
    moved, plan = SettingMoved("config prices", "cents.latte", "e0@main"), planned(CHAIN)
    first, *others = plan.stages
    step = first.steps[0]._replace(settings_moved=(moved,))
    plan = replace(plan, stages=(replace(first, steps=(step, *first.steps[1:])), *others))
    said = "config prices: cents.latte (from e0@main)"
    for page in (markdown, html):
        assert f"{said}: 4 → •••" in unescaped(page(plan, values={(step.enver, moved): "4 → •••"}))
        assert f"{said}:" not in unescaped(page(plan))
        assert said in unescaped(page(plan))


def unescaped(page: str) -> str:
    return page.replace("\\", "").replace("<!-- -->", "")


def test_durations_are_guesses() -> None:
    assert [about(seconds) for seconds in (0.2, 45, 100, 180, 7200)] == [
        "about 1 s",
        "about 45 s",
        "about 2 min",
        "about 3 min",
        "about 2 h",
    ]
