"""Stores of secrets that are no cloud's: Vault, 1Password, and the environments of GitHub."""

from odmd.providers.secrets.github import GithubSecrets
from odmd.providers.secrets.one_password import OnePassword
from odmd.providers.secrets.vault import Vault

__all__ = ["GithubSecrets", "OnePassword", "Vault"]
