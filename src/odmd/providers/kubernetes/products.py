"""Values that others use, read from the objects of an enver: `of=` in the contracts says from which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from odmd.graph import EnverNode
from odmd.providers.kubernetes.objects import Json, Object, at, list_at, map_at, name_of, text_at

_KINDS: Final = {"ServiceAddress": "Service", "IngressHost": "Ingress", "IngressUrl": "Ingress"}


@dataclass(frozen=True, slots=True)
class FoundField:
    """Where a product stands: in which object, and how it is read from it as the cluster has it."""

    kind: str
    name: str
    read: Callable[[Object], str]
    """Nothing where it is not there yet."""


def found_in(of: str) -> FoundField:
    """What `of=` names, from the form in which contracts keep it."""
    how, _, what = of.partition(":")
    if how == "ObjectField":
        called, _, path = what.partition(" ")
        kind, _, name = called.partition("/")
        return FoundField(kind, name, lambda live: _as_text(at(live, *path.split("."))))
    name, _, port = what.partition(":")
    read: dict[str, Callable[[Object], str]] = {
        "ServiceAddress": lambda live: _address(live, port),
        "IngressHost": _host,
        "IngressUrl": _url,
    }
    return FoundField(_KINDS.get(how, ""), name, read.get(how, _host))


def wrong_products(enver: EnverNode, objects: Sequence[Object]) -> Iterator[str]:
    """Products whose object no manifest brings."""
    there = {(str(one["kind"]), name_of(one)) for one in objects}
    for product in enver.products:
        found = found_in(product.of)
        if (found.kind, found.name) not in there:
            yield f"publishes `{product.name}` of {found.kind or 'nothing'}/{found.name}, which no manifest brings"


def _address(live: Json, port: str) -> str:
    host = f"{text_at(live, 'metadata', 'name')}.{text_at(live, 'metadata', 'namespace')}.svc"
    if not port:
        return host
    numbers = {
        text_at(one, key): text_at(one, "port") for key in ("port", "name") for one in list_at(live, "spec", "ports")
    }
    return f"{host}:{numbers[port]}" if port in numbers else ""


def _host(live: Json) -> str:
    said = [host for rule in list_at(live, "spec", "rules") if (host := text_at(rule, "host"))]
    balancers = list_at(live, "status", "loadBalancer", "ingress")
    reached = [text for one in balancers if (text := text_at(one, "hostname") or text_at(one, "ip"))]
    return next(iter([*said, *reached]), "")


def _url(live: Json) -> str:
    scheme = "https" if list_at(live, "spec", "tls") or map_at(live, "spec", "tls") else "http"
    host = _host(live)
    return f"{scheme}://{host}" if host else ""


def _as_text(found: Json) -> str:
    return "" if found is None or isinstance(found, (dict, list)) else str(found)
