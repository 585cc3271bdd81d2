"""Container images: built of a checkout, pushed to ECR, and handed on by their digests."""

from odmd.providers.images.building import Building
from odmd.providers.images.handover import ImageHandovers
from odmd.providers.images.procedure import ImageProcedure
from odmd.providers.images.removal import ImageRemover

__all__ = ["Building", "ImageHandovers", "ImageProcedure", "ImageRemover"]
