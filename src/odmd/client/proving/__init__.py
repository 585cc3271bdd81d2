"""How somebody proves to a server who he is, in whatever way it knows him."""

from odmd.client.proving.proof import POD_TOKEN, Means, proof_for

__all__ = ["POD_TOKEN", "Means", "proof_for"]
