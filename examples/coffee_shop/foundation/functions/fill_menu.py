"""Custom resource: makes the menu's table hold exactly what the template says."""

import json
import urllib.request

import boto3


def handler(event, _context):
    """Answers CloudFormation at the URL that it waits on, also when something went wrong."""
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": event["ResourceProperties"]["Table"]}
    try:
        fill(event)
    except Exception as wrong:
        answer |= {"Status": "FAILED", "Reason": f"{type(wrong).__name__}: {wrong}"}
    send(event["ResponseURL"], json.dumps(answer).encode())


def send(url, answer):
    """Puts the answer to CloudFormation's own signed URL."""
    request = urllib.request.Request(url, answer, {"Content-Type": ""}, method="PUT")  # noqa: S310  # the URL is AWS's
    urllib.request.urlopen(request, timeout=10)  # noqa: S310  # as above


def fill(event):
    """Puts what is on the menu and deletes what no longer is."""
    if event["RequestType"] == "Delete":
        return
    new = menu(event["ResourceProperties"])
    with boto3.resource("dynamodb").Table(event["ResourceProperties"]["Table"]).batch_writer() as table:
        for drink in menu(event.get("OldResourceProperties", {})).keys() - new.keys():
            table.delete_item(Key={"drink": drink})
        for item in new.values():
            table.put_item(Item=item)


def menu(properties):
    """The items by drink."""
    return {item["drink"]: item for item in json.loads(properties.get("Menu", "[]"))}
