"""The bucket that the page is in, and what it is told."""

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from odmd.cdk import EnverStack, consume, publish
from tea_house.services import Site


class SiteStack(EnverStack):
    """The page says which menu it has, and who takes orders."""

    def __init__(self, scope: Construct, enver: Site) -> None:
        super().__init__(scope, enver)
        bucket = s3.Bucket(self, "Page", website_index_document="index.html")
        self.tell(enver, "menu", consume(self, enver.menu))
        self.tell(enver, "orders", consume(self, enver.tea))
        publish(self, enver.page, bucket.bucket_website_url)

    def tell(self, enver: Site, what: str, text: str) -> None:
        """A parameter that the page reads."""
        name = f"/tea-house/{enver.name(what)}"
        ssm.StringParameter(self, what.capitalize(), parameter_name=name, string_value=text)
