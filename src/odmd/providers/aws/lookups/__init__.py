"""Lookups that CDK apps ask for, made with the credentials of their account: what is asked, what is answered."""

from odmd.providers.aws.lookups.make import look_up
from odmd.providers.aws.lookups.query import missing

__all__ = ["look_up", "missing"]
