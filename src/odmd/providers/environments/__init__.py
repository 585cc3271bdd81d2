"""Environments of apps: what their lock files name, made once and kept by digest."""

from odmd.providers.environments.environments import Environments
from odmd.providers.environments.recipe import AppEnvironment
from odmd.providers.environments.shelf import Shelf

__all__ = ["AppEnvironment", "Environments", "Shelf"]
