"""What settings say of roles."""

from __future__ import annotations

from enum import StrEnum


class RolesUsed(StrEnum):
    """Whether runs act with the roles of their account."""

    AUTO = "auto"
    """Where the account is bootstrapped with them."""
    OFF = "off"
    REQUIRED = "required"


class GitHubProvider(StrEnum):
    """Whether jobs of GitHub are trusted, and who makes GitHub's provider of identities in an account."""

    NONE = "none"
    MADE = "made"
    THERE = "there"
