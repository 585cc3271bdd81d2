/** Two stages of one kitchen, each an assembly of its own inside the app's: it knows nothing of odmd. */
import { App, CfnOutput, CfnParameter, Stack, Stage } from "aws-cdk-lib";
import { Table, AttributeType, BillingMode } from "aws-cdk-lib/aws-dynamodb";
import { CfnQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

class Kitchen extends Stage {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const data = new Stack(this, "data");
    const menu = new Table(data, "Menu", {
      partitionKey: { name: "dish", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
    });
    const work = new Stack(this, "work");
    const guest = new CfnParameter(work, "Guest", { default: "nobody" });
    const queue = new CfnQueue(work, "Queue", {
      tags: [
        { key: "menu", value: menu.tableName },
        { key: "guest", value: guest.valueAsString },
      ],
    });
    new CfnOutput(work, "QueueName", { value: queue.attrQueueName });
  }
}

const app = new App();
new Kitchen(app, "morning");
new Kitchen(app, "evening");
app.synth();
