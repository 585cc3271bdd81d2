"""What each route's caller has to be allowed: it stands beside the route, and a route without it does not start."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.routing import compile_path

from odmd.control.scheduler.may import Action

READS: Final = ("GET", "HEAD", "OPTIONS")
OF_ONE_RUN: Final = (Action.PREPARE, Action.CARRY_OUT)
"""What agents do, who may have the right to one run alone."""
_DIGITS: Final = 16


class _Needs:
    """Looked for by `Rights`; the guard asks, before anything else is looked at."""

    def __init__(self, action: Action | None) -> None:
        self.action = action

    def __call__(self) -> None:
        """Nothing is left to do."""


def needs(action: Action) -> Any:
    """Whoever calls the route has to be allowed this."""
    return Depends(_Needs(action))


OPEN: Final[Any] = Depends(_Needs(None))
"""Anybody may call the route, without a token."""


@dataclass(frozen=True, slots=True)
class Right:
    """What a request has to be allowed."""

    action: Action | None
    """None: nothing at all."""
    run: int | None = None
    """The run that it is about, where agents ask."""
    last_word: bool = False
    """It may be said of a run that is over."""


class Rights:
    """The rights of an app's routes."""

    def __init__(self, routers: Iterable[tuple[str, APIRouter]], open: Collection[str] = ()) -> None:
        """From each router with its prefix, and paths that are open to anybody.

        Raises:
            RuntimeError: a route does not say what its caller needs.
        """
        self._open = open
        self._routes = [
            (compile_path(prefix + route.path)[0], route.methods, _action(route))
            for prefix, router in routers
            for route in router.routes
            if isinstance(route, APIRoute)
        ]

    def of(self, method: str, path: str) -> Right:
        """What a request needs; one that no route takes has to be allowed what others of its method are."""
        if path in self._open:
            return Right(None)
        for form, methods, action in self._routes:
            if method in (methods or ()) and (found := form.match(path)):
                if action not in OF_ONE_RUN:
                    return Right(action)
                if run := _number(found["run"]):
                    return Right(action, run, last_word=path.endswith("/end"))
                break
        return Right(Action.READ if method in READS else Action.CHANGE)


def _action(route: APIRoute) -> Action | None:
    for one in route.dependencies:
        if isinstance(one.dependency, _Needs):
            return one.dependency.action
    raise RuntimeError(f"the route {route.path} does not say what its caller has to be allowed")


def _number(text: str) -> int:
    """0 for what is no plain number, although a route may read one in it: a token for one run is not good for that."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0
