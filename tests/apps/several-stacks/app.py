"""Three stacks that refer to each other, a custom resource, an aspect, and cdk-nag: it knows nothing of odmd."""

import aws_cdk as cdk
import jsii
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import custom_resources
from cdk_nag import ServerlessChecks
from constructs import Construct, IConstruct

ACCEPTED = (
    "SQSRedrivePolicy",
    "SNSRedrivePolicy",
    "LambdaDLQ",
    "LambdaDefaultMemorySize",
    "LambdaDefaultTimeout",
    "LambdaLatestVersion",
    "LambdaTracing",
)
ANSWER = """
def on_event(event, context):
    return {"PhysicalResourceId": "menu", "Data": {"Dish": "soup of " + event["ResourceProperties"]["Table"]}}
"""


@jsii.implements(cdk.IAspect)
class Owner:
    """Tags whatever can be tagged."""

    def visit(self, node: IConstruct) -> None:
        if cdk.TagManager.is_taggable(node):
            node.tags.set_tag("owner", "kitchen")


class Data(cdk.Stack):
    """What others refer to."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.orders = sns.Topic(self, "Orders")
        self.menu = dynamodb.Table(
            self,
            "Menu",
            partition_key=dynamodb.Attribute(name="dish", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )


class Work(cdk.Stack):
    """Refers to both resources of the first."""

    def __init__(self, scope: Construct, id: str, data: Data) -> None:
        super().__init__(scope, id)
        self.queue = sqs.CfnQueue(self, "Queue")
        sns.CfnSubscription(self, "Told", topic_arn=data.orders.topic_arn, protocol="sqs", endpoint=self.queue.attr_arn)
        function = lambda_.Function(
            self,
            "Answer",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.on_event",
            code=lambda_.Code.from_inline(ANSWER),
        )
        provider = custom_resources.Provider(self, "Provider", on_event_handler=function)
        dish = cdk.CustomResource(
            self, "Dish", service_token=provider.service_token, properties={"Table": data.menu.table_name}
        )
        cdk.CfnOutput(self, "DishOfTheDay", value=dish.get_att_string("Dish"))


class Seen(cdk.Stack):
    """Refers to the second."""

    def __init__(self, scope: Construct, id: str, work: Work) -> None:
        super().__init__(scope, id)
        sns.Topic(self, "Closed")
        cdk.CfnOutput(self, "Queue", value=work.queue.attr_queue_name, export_name="kitchen-queue")


app = cdk.App()
data = Data(app, "kitchen-data")
work = Work(app, "kitchen-work", data)
Seen(app, "kitchen-seen", work)
cdk.Aspects.of(app).add(Owner())
cdk.Validations.of(app).add_plugins(ServerlessChecks(app))
cdk.Validations.of(app).acknowledge(
    *(cdk.Acknowledgment(id=f"Serverless::Serverless-{rule}", reason="a kitchen is no bank") for rule in ACCEPTED)
)
app.synth()
