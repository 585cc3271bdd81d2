"""Names derived from declared names: addresses, CloudFormation parameters and outputs, physical names.

The conventions are public: a CDK app in any language can follow them.

    consumed input `bus`        CloudFormation parameter  OdmdInBus
    product `central-Vpc-Cidr`  CloudFormation output     OdmdOutCentralVpcCidr
    `bus`, read by synthesis    template metadata         OdmdSynthBus
    input `bus` of a command    environment variable      ODMD_IN_BUS
    needed secret `db-password` CloudFormation parameter  OdmdSecretDbPassword (where it is, never what)
    its version, its field      CloudFormation parameters OdmdVersionOfDbPassword, OdmdFieldOfDbPassword
    its text, for a command     environment variable      ODMD_SECRET_DB_PASSWORD
    stack of orders@main        orders--main, or orders-data--main for the stack called "data"
    stack of orders@s..prod     orders--s--prod
    branch `release/2024+1`     slot b..release-2024-1-x0f2b73c1: a slug, and a hash of the ref's exact name

A name that would be longer than where it stands allows is cut, and ends in a hash of the whole of it; that of a part's
stack in a hash of the enver and one of the part. A part has no two dashes side by side, so that a slot begins at the
first two after the build.
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
SECRET_PREFIX: Final = "OdmdSecret"  # noqa: S105  # begins names
VERSION_PREFIX: Final = "OdmdVersionOf"
FIELD_PREFIX: Final = "OdmdFieldOf"
VARIABLE_PREFIX: Final = "ODMD_IN_"
PRODUCT_VARIABLE_PREFIX: Final = "ODMD_OUT_"
SECRET_VARIABLE_PREFIX: Final = "ODMD_SECRET_"  # noqa: S105  # likewise
CONFIG_PARAMETER_PREFIX: Final = "OdmdConfig"
CONFIG_VARIABLE_PREFIX: Final = "ODMD_CONFIG_"
LIVE_VARIABLE_PREFIX: Final = "ODMD_LIVE_"
_LONGEST_ID: Final = 255
_LONGEST_STACK: Final = 128
_LONGEST_BEFORE_HASHES: Final = _LONGEST_STACK - 2 * len("-12345678")
_LONGEST_PHYSICAL: Final = 60
_LONGEST_ROLE: Final = 64
_LONGEST_POLICY: Final = 128
_LONGEST_NAMESPACE: Final = 63
_LONGEST_PLAIN: Final = _LONGEST_STACK - len("x--")
_LONGEST_SLUG: Final = 40
_LONGEST_BRIDGE: Final = _LONGEST_STACK - len("-1000000000")
_NO_DASH: Final = re.compile(r"[^A-Za-z0-9-]")
_DASHES: Final = re.compile(r"-{2,}")
_PART: Final = "[A-Za-z0-9]+(-[A-Za-z0-9]+)*"
_HAS_PREFIX: Final = re.compile(r"[bts]\.\.")
_SLOTS: Final = ("b..", "t..", "s..")
SHARE: Final = "/odmd-share"
"""What the names of all parameters begin with in which values stand for other systems."""
_FILES: Final = "~"  # in no commit's id, and in no version
_PLAIN: Final = re.compile(r"(?!.*(\.\.|_-|-_))[A-Za-z0-9_.-]+")
_SLUG: Final = re.compile(r"(.*-)?x[0-9a-f]{8}", re.IGNORECASE)
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")
# What git holds to be no ref: see git-check-ref-format(1). A leading dash and HEAD are refused by `git branch`.
_NO_REF: Final = re.compile(r"""^$|^-|^HEAD$|^/|/$|//|(^|/)\.|\.\.|\.$|\.lock(/|$)|@\{|[\x00-\x20\x7f~^:?*\[\\]""")


@lru_cache(maxsize=4096)
def parameter_name(consumed: str) -> str:
    """The CloudFormation parameter that carries a consumed value."""
    return _logical_id(PARAMETER_PREFIX, consumed)


@lru_cache(maxsize=4096)
def output_name(product: str) -> str:
    """The CloudFormation output that carries a published value."""
    return _logical_id(OUTPUT_PREFIX, product)


@lru_cache(maxsize=4096)
def variable_name(consumed: str) -> str:
    """The environment variable that carries a consumed value to a command."""
    return _variable(VARIABLE_PREFIX, consumed)


def product_variable(product: str) -> str:
    """The environment variable that carries what an enver publishes to what verifies it."""
    return _variable(PRODUCT_VARIABLE_PREFIX, product)


@lru_cache(maxsize=4096)
def secret_parameter(needed: str) -> str:
    """The CloudFormation parameter that carries where a needed secret is."""
    return _logical_id(SECRET_PREFIX, needed)


@lru_cache(maxsize=4096)
def version_of_secret(needed: str) -> str:
    """The CloudFormation parameter that carries its version, where a new one is a new deployment."""
    return _logical_id(VERSION_PREFIX, needed)


@lru_cache(maxsize=4096)
def field_of_secret(needed: str) -> str:
    """The CloudFormation parameter that carries which member of the JSON object it is, if it is one."""
    return _logical_id(FIELD_PREFIX, needed)


@lru_cache(maxsize=4096)
def secret_variable(needed: str) -> str:
    """The environment variable that carries its text to the one process that it is for."""
    return _variable(SECRET_VARIABLE_PREFIX, needed)


def config_parameter(config: str) -> str:
    """The CloudFormation parameter that carries a private config, as JSON."""
    return _logical_id(CONFIG_PARAMETER_PREFIX, config)


def config_variable(config: str) -> str:
    """The environment variable that carries a private config, as JSON, to a command or the build of a package."""
    return _variable(CONFIG_VARIABLE_PREFIX, config)


def config_path(build: str, slot: str, config: str) -> str:
    """The SSM parameter in the enver's account that holds a private config which is read live."""
    return f"{config_folder(build, slot)}/{config}"


def config_folder(build: str, slot: str) -> str:
    """What the names of all of an enver's begin with."""
    return f"/odmd-{build}/{slot}/config"


def live_variable(config: str) -> str:
    """The environment variable that tells a service in which SSM parameter it reads a private config."""
    return _variable(LIVE_VARIABLE_PREFIX, config)


def synth_mark(consumed: str) -> str:
    """The key in a template's metadata that says: synthesis read this value, so a new one needs a new synthesis."""
    return _logical_id(SYNTH_PREFIX, consumed)


def stack_name(build: str, slot: str, part: str = "", continued: str = "") -> str:
    """The name of an enver's stack; `part` tells several stacks of one enver apart.

    Args:
        continued: the name of a stack that was there before its enver; part `data` of `net--old` is `net-data--old`.
    """
    begins, ends = _around_part(build, slot, continued)
    named = _DASHES.sub("-", dashed(part)).strip("-") if part else ""
    full = f"{begins}{'-' if named else ''}{named}{ends}"
    if len(full) <= _LONGEST_STACK:
        return full
    whose = f"{build}/{slot}/"
    if not named:
        return _cut(full, _LONGEST_STACK, whose)
    return f"{full[:_LONGEST_BEFORE_HASHES]}-{_short_hash(whose)}-{_short_hash(named)}"


def is_stack_of(stack: str, build: str, slot: str, continued: str = "") -> bool:
    """Whether a stack has a name that `stack_name` gives to one of this enver's, whatever its part.

    No name is one of two envers, but where one's build goes on as a part of the other's might: `kitchen-data--main`.
    Such a stack is the longer build's.
    """
    if len(stack) > _LONGEST_STACK:
        return False
    begins, ends = _around_part(build, slot, continued)
    whole = re.fullmatch(f"{re.escape(begins)}(-{_PART})?{re.escape(ends)}", stack)
    if whole is not None or stack == stack_name(build, slot, continued=continued):
        return True
    cut, hashes = stack[:_LONGEST_BEFORE_HASHES], stack[_LONGEST_BEFORE_HASHES:]
    is_its = re.fullmatch(f"-{_short_hash(f'{build}/{slot}/')}-[0-9a-f]{{8}}", hashes)
    return is_its is not None and cut.startswith(f"{begins}-"[:_LONGEST_BEFORE_HASHES])


def stack_head(build: str, continued: str = "") -> str:
    """What the names of all stacks of an enver begin with, and then end or go on after a dash, unless they are cut."""
    return continued.partition("--")[0] if continued else dashed(build)


def _around_part(build: str, slot: str, continued: str) -> tuple[str, str]:
    """What stands before and behind the part, and the dash before it, in the name of a stack."""
    head, dashes, tail = continued.partition("--") if continued else (dashed(build), "--", short_slot(slot))
    return head, f"{dashes}{tail}"


def bridge_stack(product: str, version: int) -> str:
    """The name of the stack that leads from one version of a product to the next."""
    return f"{_bridges(product)}{version}"


def is_bridge_of(stack: str, product: str) -> bool:
    """Whether a stack has the name of a bridge of this product."""
    head, version = _bridges(product), stack.removeprefix(_bridges(product))
    return stack.startswith(head) and version.isdigit()


def _bridges(product: str) -> str:
    return f"{_cut(f'odmd-bridge-{dashed(product)}', _LONGEST_BRIDGE, product, always=True)}-"


def bridge_head(address: str) -> str:
    """What the names of all bridges of an enver's products begin with, unless they are cut; of several envers, whose
    addresses a pattern `orders/t..*` matches, what all of theirs do."""
    return f"odmd-bridge-{dashed(address.removesuffix('*'))}{'' if address.endswith('*') else '-'}"


def enver_of(product: str) -> str:
    """The address of the enver that makes a product."""
    return "/".join(product.split("/", 2)[:-1])  # its name may have slashes, too


def stack_patterns(build: str, slot: str, continued: str = "") -> tuple[str, str]:
    """What IAM matches the names of an enver's stacks with: its stack by itself, and those of its parts."""
    begins, ends = _around_part(build, slot, continued)
    return stack_name(build, slot, continued=continued), f"{begins}-*{ends}"


def role_name(what: str, build: str, revision_class: str, region: str) -> str:
    """The name of what IAM has for a build's envers of one class in a region: `deploy`, `exec` or `boundary`.

    IAM takes names for the same that differ in case only.
    """
    full = f"odmd-{what}-{region}-{revision_class}-{build}"
    return _cut(full, _LONGEST_ROLE, full, always=full != full.lower())


def mirror_role(region: str) -> str:
    """The name of the role with which values are written for other systems in a region."""
    return f"odmd-mirror-{region}"


def boundary_name(role: str, slot: str) -> str:
    """The name of the boundary of one enver, or of the clones of one; `role` is what `role_name` calls that of its
    class, which all of them begin with, and then an @: no build's name has one."""
    full = f"{role}@{slot}"
    return _cut(full, _LONGEST_POLICY, full, always=slot != slot.lower())


def roles_stack(build: str) -> str:
    """The name of the stack that has the roles of a build in an account and region."""
    return _cut(f"odmd-roles-{dashed(build)}", _LONGEST_STACK, build, always=build != dashed(build).lower())


def template_folder(build: str = "", revision_class: str = "") -> str:
    """Where templates are, in an account's bucket for assets, that are too large to be sent along."""
    return "/".join(["odmd/templates", *filter(None, (build, revision_class))])


def change_set(run: int, attempt: int) -> str:
    """The name of what one attempt of a run would change."""
    return f"odmd-run-{run}-{attempt}"


def physical_name(build: str, slot: str, name: str) -> str:
    """A resource name that no other enver has: at most 60 of the characters that nearly every AWS service takes."""
    full = f"{dashed(build)}-{short_slot(slot)}-{name}"
    return _cut(full, _LONGEST_PHYSICAL, full)


def repository_name(build: str) -> str:
    """The ECR repository of an image build; all its envers push there, told apart by digest."""
    return build.lower()


def namespace(build: str, slot: str) -> str:
    """The Kubernetes namespace of an enver."""
    full = f"{dashed(build)}-{short_slot(slot)}".lower()
    begins = full.rstrip("-")  # a ref may end in a dash, a namespace not
    return _cut(begins, _LONGEST_NAMESPACE, full, always=begins != full)


@lru_cache(maxsize=4096)
def workflow_file(build: str) -> str:
    """The file of the workflow of GitHub that carries out a build's runs, below `.github/workflows`."""
    return f"odmd-{build}.yaml"


def is_package(name: str) -> bool:
    """Whether what a build is made of is a package, by its name in Python, and no `owner/name` of a repository."""
    return len(name) <= _LONGEST_ID and all(part.isidentifier() for part in name.split("."))


def version_id(version: str, files: str) -> str:
    """What stands where a commit stands, for a package: its version, and the digest of its files."""
    return f"{version}{_FILES}{files}"


def is_version(commit: str) -> bool:
    """Whether what stands there is the version of a package."""
    return _FILES in commit


def short_commit(commit: str) -> str:
    """A commit as people quote it; of a package its version."""
    return commit.partition(_FILES)[0] if is_version(commit) else commit[:7]


def is_ref(name: str) -> bool:
    """Whether git takes it as the name of a branch or a tag."""
    return _NO_REF.search(name) is None


def is_plain(name: str) -> bool:
    """Whether it can stand in a slot as it is."""
    return len(name) <= _LONGEST_PLAIN and _PLAIN.fullmatch(name) is not None


def is_slot(slot: str) -> bool:
    """Whether an enver can have it: `b..main`, `t..v1`, `s..prod`, and a clone's `b..main-_b..fix`."""
    return all(part[:3] in _SLOTS and is_plain(part[3:]) for part in slot.split("-_"))


@lru_cache(maxsize=4096)
def slug(ref: str) -> str:
    """A branch or a tag as it stands in a slot: itself where it is plain, else what is left of it, and a hash.

    Nothing plain looks like a hashed one: a ref that does is hashed, too.
    """
    if is_plain(ref) and not _SLUG.fullmatch(ref):
        return ref
    left = _NO_SLUG.sub("-", ref.lower()).strip("-")[:_LONGEST_SLUG].strip("-")
    return f"{left}{'-' if left else ''}x{_short_hash(ref)}"


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


def origin_slot(slot: str) -> str:
    """The slot of what a clone is one of, be it a clone of a clone; its own, of what is none."""
    return slot.partition("-_")[0]


def short_clones(slot: str) -> str:
    """What the short slots of all clones of a slot begin with."""
    of_stage = slot.startswith("s..")
    return f"{'s--' if of_stage else ''}{dashed(slot.removeprefix('s..' if of_stage else 'b..'))}--"


def enver_address(text: str, known: Container[str] = ()) -> str:
    """The full address of what a user typed: `orders@main` and `orders/b..main` are the same enver, and
    `orders@main+fix-1` is its clone.

    A slot without its prefix is a branch, or else the stage or the tag of that name that is among the known addresses.
    """
    meant = enver_addresses(text)
    return next((address for address in meant if address in known), meant[0])


def enver_addresses(text: str) -> Sequence[str]:
    """All that a user may mean, the likeliest first."""
    build, at, slot = text.partition("@")
    if not at:
        return [text]
    clone = slot.replace("+", "-_b..")
    if _HAS_PREFIX.match(slot):
        return [f"{build}/{clone}"]
    as_typed = [f"{build}/{prefix}{clone}" for prefix in ("b..", "s..", "t..")]
    hashed = slug(slot)
    return as_typed if hashed == slot else [*as_typed, f"{build}/b..{hashed}", f"{build}/t..{hashed}"]


def enver_label(address: str) -> str:
    """How people write an address: `orders/b..main` is `orders@main`, its clone is `orders@main+fix-1`; other slots
    keep their prefix."""
    build, _, slot = address.partition("/")
    return f"{build}@{slot.removeprefix('b..').replace('-_b..', '+')}"


def product_label(product: str) -> str:
    """`orders/b..main/bus` as `orders@main/bus`."""
    build, slot, name = product.split("/", 2)
    return f"{enver_label(f'{build}/{slot}')}/{name}"


@lru_cache(maxsize=16384)
def dashed(text: str) -> str:
    """The text with everything but letters, digits and dashes made a dash."""
    return _NO_DASH.sub("-", text)


def _variable(prefix: str, name: str) -> str:
    return prefix + re.sub(r"[^A-Za-z0-9]+", "_", name).upper()


def _logical_id(prefix: str, name: str) -> str:
    return _cut(prefix + _camel(name), _LONGEST_ID, name, dash="H")


def _camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def _cut(full: str, longest: int, meant: str, *, dash: str = "-", always: bool = False) -> str:
    """The name, or its beginning and a hash of what is meant by it where it is too long."""
    if len(full) <= longest and not always:
        return full
    return f"{full[: longest - len(dash) - 8]}{dash}{_short_hash(meant)}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
