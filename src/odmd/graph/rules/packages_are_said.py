"""ODMD055: contracts that are published say as what, what is in it, and where, at addresses that hold no password."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.graph.nodes import PackageNode

_DISTRIBUTION: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")  # as PEP 508 has it
_ENTRY_POINT: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds what of a publication is missing, or cannot be."""
    for node in draft.nodes:
        for what, hint in _wrong(node.package) if node.package else ():
            yield Diagnostic("ODMD055", f"{node.label}: {what}", node.place, hint)


def _wrong(package: PackageNode) -> Iterator[tuple[str, str]]:
    if not _DISTRIBUTION.fullmatch(package.distribution):
        yield f"no package is called {package.distribution!r}", 'say distribution="acme-contracts"'
    if not _ENTRY_POINT.fullmatch(package.entry_point):
        yield (
            f"no organisation is at {package.entry_point!r} in a package",
            'say entry_point="acme_contracts:acme": the module, and the name that the organisation has there',
        )
    for name, address in (("index", package.index), ("upload", package.upload)):
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
