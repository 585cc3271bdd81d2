"""The rules that contracts keep: one file each, a stable code each, every finding with its place."""

from collections.abc import Callable, Iterator
from typing import Final

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.rules import (
    access_is_known,
    addresses_differ,
    build_types_consume,
    clones_are_few,
    commands_are_said,
    contracts_are_in_each_region,
    contracts_are_pure,
    cycles_have_a_placeholder,
    declared_stacks_differ,
    documents_exist,
    envers_are_listed,
    gates_are_held_by_known_teams,
    hub_keys_differ,
    inputs_are_wired,
    inputs_are_wired_once,
    kinds_fit,
    names_are_valid,
    names_hold_no_account,
    names_of_apps_differ,
    no_wire_to_itself,
    one_name_is_one_thing,
    origins_are_plain,
    parameters_differ,
    physical_names_differ,
    producers_are_listed,
    products_are_used,
    regions_are_known,
    regions_match,
    repositories_are_named,
    requests_are_answered,
    schemas_fit,
    stages_in_order,
    stages_reach,
    tags_consume_tags,
    zones_are_delegated_once,
)

Rule = Callable[[Draft], Iterator[Diagnostic]]

OF_NODES: Final[tuple[Rule, ...]] = (
    access_is_known.check,
    addresses_differ.check,
    build_types_consume.check,
    commands_are_said.check,
    contracts_are_in_each_region.check,
    cycles_have_a_placeholder.check,
    declared_stacks_differ.check,
    names_hold_no_account.check,
    names_of_apps_differ.check,
    no_wire_to_itself.check,
    parameters_differ.check,
    physical_names_differ.check,
    producers_are_listed.check,
    regions_match.check,
    tags_consume_tags.check,
)
"""Those that look at nodes alone, so that contracts can be asked again that another process tells of."""
RULES: Final[tuple[Rule, ...]] = (
    *OF_NODES,
    clones_are_few.check,
    contracts_are_pure.check,
    documents_exist.check,
    envers_are_listed.check,
    gates_are_held_by_known_teams.check,
    hub_keys_differ.check,
    inputs_are_wired.check,
    inputs_are_wired_once.check,
    kinds_fit.check,
    names_are_valid.check,
    one_name_is_one_thing.check,
    origins_are_plain.check,
    products_are_used.check,
    regions_are_known.check,
    repositories_are_named.check,
    requests_are_answered.check,
    schemas_fit.check,
    stages_in_order.check,
    stages_reach.check,
    zones_are_delegated_once.check,
)
