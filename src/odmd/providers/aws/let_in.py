"""Whether the templates of an app let in those that the wires of its products lead to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from odmd.model.run_document import DocumentProduct, RunDocument
from odmd.providers.aws.references import output_value, referred, resources_behind
from odmd.providers.aws.templates import Template, section, walk

_OF_THING: Final = "Principal"
_OF_ROLES: Final = "AWS::IAM::"


def not_let_in(document: RunDocument, templates: Iterable[Template]) -> Iterator[str]:
    """In words: each product whose thing decides who may use it, and names nobody of an account that wires come from.
    Within its own account the roles of consumers need no more than their own rights."""
    known = list(templates)
    for name, product in document.products.items():
        wanted = {_account(one) for one in product.lets_in} - {document.account}
        for account in sorted(wanted - _named(product, known)) if wanted else ():
            who = ", ".join(sorted({one.enver for one in product.consumers or () if one.account == account}))
            yield (
                f"what is behind `{name}` lets nobody of account {account} in, where it is consumed ({who}): say "
                f"allow_consumers(enver.{name}, …) in the app, or put the statements that the run document has there "
                f"(products.{name}.lets_in) into its policy"
            )


def _account(statement: Mapping[str, Any]) -> str:
    return str(statement["Principal"]["AWS"]).split(":")[4]


def _named(product: DocumentProduct, templates: Iterable[Template]) -> set[str]:
    """The accounts that the policies of the thing name; all that wires come from, where a policy names everybody, or it
    is not known what the thing is."""
    wires = {_account(one) for one in product.lets_in}
    for template in templates:
        if not (behind := resources_behind(output_value(template, product.output), template)):
            continue
        said = json.dumps(list(_principals(behind[0], template)))
        return wires if '"*"' in said else {one for one in wires if one in said}
    return wires


def _principals(thing: str, template: Template) -> Iterator[object]:
    """Whom its own policy names, and the policies that are for it."""
    for id, resource in section(template, "Resources").items():
        type_, properties = str(resource.get("Type")), section(resource, "Properties")
        is_policy = type_.endswith("Policy") and not type_.startswith(_OF_ROLES) and thing in referred(properties)
        if id == thing or is_policy:
            yield from (inner for key, inner in walk(properties) if key == _OF_THING)
