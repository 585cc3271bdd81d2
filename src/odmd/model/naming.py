"""Names derived from declared names: addresses, CloudFormation parameters and outputs, physical names.

The conventions are public: a CDK app in any language can follow them.

    consumed input `bus`        CloudFormation parameter  OdmdInBus
    product `central-Vpc-Cidr`  CloudFormation output     OdmdOutCentralVpcCidr
    `bus`, read by synthesis    template metadata         OdmdSynthBus
    stack of orders@main        orders--main, or orders-data--main for the stack called "data"
    stack of orders@s..prod     orders--s--prod
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Sequence
from functools import lru_cache
from typing import Final

PARAMETER_PREFIX: Final = "OdmdIn"
OUTPUT_PREFIX: Final = "OdmdOut"
SYNTH_PREFIX: Final = "OdmdSynth"
_LONGEST_PHYSICAL: Final = 60
_NO_DASH: Final = re.compile(r"[^A-Za-z0-9-]")
_HAS_PREFIX: Final = re.compile(r"[bts]\.\.")


@lru_cache(maxsize=4096)
def parameter_name(consumed: str) -> str:
    """The CloudFormation parameter that carries a consumed value."""
    return PARAMETER_PREFIX + _camel(consumed)


@lru_cache(maxsize=4096)
def output_name(product: str) -> str:
    """The CloudFormation output that carries a published value."""
    return OUTPUT_PREFIX + _camel(product)


def synth_mark(consumed: str) -> str:
    """The key in a template's metadata that says: synthesis read this value, so a new one needs a new synthesis."""
    return SYNTH_PREFIX + _camel(consumed)


def stack_name(build: str, slot: str, part: str = "") -> str:
    """The name of an enver's stack; `part` tells several stacks of one enver apart."""
    return f"{dashed(build)}{'-' + dashed(part) if part else ''}--{short_slot(slot)}"


def physical_name(build: str, slot: str, name: str) -> str:
    """A resource name that no other enver has: at most 60 of the characters that nearly every AWS service takes."""
    full = f"{dashed(build)}-{short_slot(slot)}-{name}"
    return full if len(full) <= _LONGEST_PHYSICAL else f"{full[: _LONGEST_PHYSICAL - 9]}-{_short_hash(full)}"


def repository_name(build: str) -> str:
    """The ECR repository of an image build; all its envers push there, told apart by digest."""
    return build.lower()


def namespace(build: str, slot: str) -> str:
    """The Kubernetes namespace of an enver."""
    return f"{dashed(build)}-{short_slot(slot)}".lower()


@lru_cache(maxsize=4096)
def short_slot(slot: str) -> str:
    """A slot in letters, digits and dashes: `b..main` is `main`, its clone `main--fix-1`, and `s..prod` is `s--prod`.

    What loses characters, or could be read as another's (a clone's, or a stage's), gets a hash to stay unique.
    """
    of_stage = slot.startswith("s..")
    plain = slot.removeprefix("s.." if of_stage else "b..").replace("-_b..", "--")
    fit = dashed(plain)
    is_clear = fit == plain and "--" not in slot and (of_stage or not fit.startswith("s--"))
    named = f"s--{fit}" if of_stage else fit
    return named if is_clear else f"{named}-{_short_hash(slot)}"


def enver_address(text: str, known: Container[str] = ()) -> str:
    """The full address of what a user typed: `orders@main` and `orders/b..main` are the same enver.

    A slot without its prefix is a branch, or else the stage or the tag of that name that is among the known addresses.
    """
    meant = enver_addresses(text)
    return next((address for address in meant if address in known), meant[0])


def enver_addresses(text: str) -> Sequence[str]:
    """All that a user may mean, the likeliest first."""
    build, at, slot = text.partition("@")
    if not at:
        return [text]
    prefixes = ("",) if _HAS_PREFIX.match(slot) else ("b..", "s..", "t..")
    return [f"{build}/{prefix}{slot}" for prefix in prefixes]


def enver_label(address: str) -> str:
    """How people write an address: `orders/b..main` is `orders@main`, other slots keep their prefix."""
    build, _, slot = address.partition("/")
    return f"{build}@{slot.removeprefix('b..')}"


def product_label(product: str) -> str:
    """`orders/b..main/bus` as `orders@main/bus`."""
    build, slot, name = product.split("/", 2)
    return f"{enver_label(f'{build}/{slot}')}/{name}"


@lru_cache(maxsize=16384)
def dashed(text: str) -> str:
    """The text with everything but letters, digits and dashes made a dash."""
    return _NO_DASH.sub("-", text)


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
