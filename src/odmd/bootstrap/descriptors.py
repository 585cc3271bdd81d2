"""How many connections a server holds: each takes one of the files that the system lets a process have open."""

from __future__ import annotations

import resource
from typing import Final

CONNECTIONS: Final = 1500
"""A thousand listeners, 200 that wait, and requests beside them."""
_OWN: Final = 200
"""For the database, checkouts, logs, and the programs of runs."""
WANTED: Final = CONNECTIONS + _OWN
_FEWEST: Final = 16


def raised() -> int:
    """How many files this process may have open, from now on as many as are wanted where the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= WANTED:
        return WANTED
    wanted = min(most_files(), WANTED)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def within(files: int) -> int:
    """How many connections there is room for beside what the process needs itself."""
    return max(_FEWEST, min(CONNECTIONS, files - _OWN))


def most_files() -> int:
    """How many the system lets a process have open, or as many as are wanted where it counts none."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WANTED if hard == resource.RLIM_INFINITY else hard
