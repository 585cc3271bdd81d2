"""AWS: deploys cloud assemblies, hands over what is replaced, mirrors values; any endpoint will do."""

from odmd.providers.aws.cloud import AwsCloud
from odmd.providers.aws.emulator import Emulator
from odmd.providers.aws.handover import AwsHandovers
from odmd.providers.aws.image_cloud import AwsImageCloud
from odmd.providers.aws.mirror import AwsMirror
from odmd.providers.aws.procedure import CdkProcedure
from odmd.providers.aws.removal import StackRemover
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.synth import CdkSynthesiser

__all__ = [
    "AwsCloud",
    "AwsHandovers",
    "AwsImageCloud",
    "AwsMirror",
    "CdkProcedure",
    "CdkSynthesiser",
    "Emulator",
    "Sessions",
    "StackRemover",
]
