"""Environments of apps: what their lock files name, made once and kept by digest."""

from odmd.providers.aws.environments.environments import Environments
from odmd.providers.aws.environments.recipe import AppEnvironment
from odmd.providers.aws.environments.shelf import Shelf

__all__ = ["AppEnvironment", "Environments", "Shelf"]
