"""The rules that contracts keep: one file each, a stable code each, every finding with its place."""

from collections.abc import Callable, Iterator
from typing import Final

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.rules import (
    addresses_differ,
    cycles_have_a_placeholder,
    hub_keys_differ,
    inputs_are_wired,
    kinds_fit,
    names_are_valid,
    no_wire_to_itself,
    parameters_differ,
    physical_names_differ,
    producers_are_listed,
    regions_match,
    tags_consume_tags,
)

Rule = Callable[[Draft], Iterator[Diagnostic]]

RULES: Final[tuple[Rule, ...]] = (
    inputs_are_wired.check,
    kinds_fit.check,
    addresses_differ.check,
    cycles_have_a_placeholder.check,
    producers_are_listed.check,
    names_are_valid.check,
    no_wire_to_itself.check,
    tags_consume_tags.check,
    regions_match.check,
    hub_keys_differ.check,
    parameters_differ.check,
    physical_names_differ.check,
)
