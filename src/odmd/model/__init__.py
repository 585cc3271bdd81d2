"""The words of a contracts file. Imports nothing of AWS, does no I/O."""

from odmd.model.access import READ, READ_WRITE, WRITE, Access
from odmd.model.declare import Dockerfile, consumed, hub, late, offered, produced, requested
from odmd.model.enver import CdkEnver, CloneSet, Enver, ImageEnver
from odmd.model.offers import Offer, Offers, Requests
from odmd.model.organisation import Account, Build, Organisation, Repo, Stage, Team
from odmd.model.revision import Branch, Promoted, Revision, Tag
from odmd.model.wiring import Consumes, Hub, Mode, Produces, Wire

__all__ = [
    "READ",
    "READ_WRITE",
    "WRITE",
    "Access",
    "Account",
    "Branch",
    "Build",
    "CdkEnver",
    "CloneSet",
    "Consumes",
    "Dockerfile",
    "Enver",
    "Hub",
    "ImageEnver",
    "Mode",
    "Offer",
    "Offers",
    "Organisation",
    "Produces",
    "Promoted",
    "Repo",
    "Requests",
    "Revision",
    "Stage",
    "Tag",
    "Team",
    "Wire",
    "consumed",
    "hub",
    "late",
    "offered",
    "produced",
    "requested",
]
