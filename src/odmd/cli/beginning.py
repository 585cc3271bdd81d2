"""What a simulation may begin with."""

from enum import StrEnum


class Beginning(StrEnum):
    """What a simulation begins with."""

    RECORDED = "recorded"
    DEPLOYED = "deployed"
    NOTHING = "nothing"
