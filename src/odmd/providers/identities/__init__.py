"""Who somebody is, as issuers of signed tokens, AWS, GitHub and Kubernetes say it."""

from odmd.providers.identities.actions import GithubJobs
from odmd.providers.identities.issuer import Issuer
from odmd.providers.identities.kubernetes import OfIssuer, Reviewer, ServiceAccounts
from odmd.providers.identities.oidc import People
from odmd.providers.identities.signed_requests import IamPrincipals
from odmd.providers.identities.signed_tokens import Expected, SignedTokens
from odmd.providers.identities.web import Web

__all__ = [
    "Expected",
    "GithubJobs",
    "IamPrincipals",
    "Issuer",
    "OfIssuer",
    "People",
    "Reviewer",
    "ServiceAccounts",
    "SignedTokens",
    "Web",
]
