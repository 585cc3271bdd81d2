"""ODMD055: what is published as a package says as what, and where, at addresses that hold no password."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from odmd.errors import Diagnostic
from odmd.graph.built import PackageNode
from odmd.graph.draft import Draft
from odmd.model.build_types import CONTRACTS, NPM

_DISTRIBUTION: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")  # as PEP 508 has it
_NPM: Final = re.compile(r"(?=.{1,214}$)(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_ENTRY_POINT: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds what of a publication is missing, or cannot be."""
    for node in draft.nodes:
        for what, hint in _wrong(node.build_type, node.built) if isinstance(node.built, PackageNode) else ():
            yield Diagnostic("ODMD055", f"{node.label}: {what}", node.place, hint)


def _wrong(build_type: str, package: PackageNode) -> Iterator[tuple[str, str]]:
    if build_type == NPM.name:
        yield from _wrong_for_npm(package)
        return
    if not _DISTRIBUTION.fullmatch(package.distribution):
        yield f"no package is called {package.distribution!r}", 'say distribution="acme-contracts"'
    if build_type == CONTRACTS.name and not _ENTRY_POINT.fullmatch(package.entry_point):
        yield (
            f"no organisation is at {package.entry_point!r} in a package",
            'say entry_point="acme_contracts:acme": the module, and the name that the organisation has there',
        )
    yield from _wrong_addresses(("index", package.index), ("upload", package.upload))


def _wrong_for_npm(package: PackageNode) -> Iterator[tuple[str, str]]:
    if not _NPM.fullmatch(package.distribution):
        yield (
            f"no package of npm is called {package.distribution!r}",
            'say package_name="@acme/orders", in small letters',
        )
    yield from _wrong_addresses(("registry", package.index))


def _wrong_addresses(*said: tuple[str, str]) -> Iterator[tuple[str, str]]:
    for name, address in said:
        if wrong := _wrong_address(address):
            yield f"its {name} {wrong}", f'say {name}="https://…", and who may sign in where runs are carried out'


def _wrong_address(address: str) -> str:
    """What is wrong with it; no word of what it holds, as that may be a password."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no address"
    if not address.isprintable() or " " in address or not host or parts.scheme not in ("http", "https"):
        return "is no address of a web server"
    if parts.username is not None or parts.password is not None:
        return "says who signs in, and contracts are public"
    if parts.query or parts.fragment:
        return "has a question, or a fragment, behind its path"
    if parts.scheme == "http" and host not in THIS_MACHINE:
        return f"is asked over plain HTTP, so that anybody on the way to {host} may answer"
    return ""
