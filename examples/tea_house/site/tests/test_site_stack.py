"""The site's template, without a run."""

import aws_cdk as cdk
from aws_cdk.assertions import Template
from site_stack import SiteStack

from odmd.cdk import target
from tea_house.services import Site


def test_the_page_is_told_which_menu_it_has_and_who_takes_orders():
    template = Template.from_stack(SiteStack(cdk.App(), target(Site)))
    assert set(template.find_outputs("*")) == {"OdmdOutPage"}
    for name in ("OdmdInMenu", "OdmdInTea"):
        template.has_resource_properties("AWS::SSM::Parameter", {"Value": {"Ref": name}})
