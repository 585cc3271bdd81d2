"""How far code of others is kept apart: a setting that commands, servers and workers share."""

from enum import StrEnum


class Isolation(StrEnum):
    """Whether foreign code is caged."""

    REQUIRED = "required"
    """It does not run without a cage."""
    PREFERRED = "preferred"
    """It runs in a cage where one can be had."""
    OFF = "off"
    """It is not caged: something else is the cage, as a container for each worker."""
