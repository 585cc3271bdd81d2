"""Makes each order once, however often the bus delivers it."""

import os

import boto3

dynamodb = boto3.client("dynamodb")
PROCESSED, COUNTER = os.environ["PROCESSED"], os.environ["COUNTER"]
ORDERS = {"counter": {"S": "orders"}}


def handler(event, _context):
    """An OrderPlaced event of EventBridge → a row in the table and one more on the counter, both or neither."""
    order = event["detail"]
    row = {"order_id": {"S": order["order_id"]}, "drink": {"S": order["drink"]}}
    try:
        dynamodb.transact_write_items(TransactItems=[{"Put": once(row)}, {"Update": one_more()}])
    except dynamodb.exceptions.TransactionCanceledException as refused:
        if refused.response["CancellationReasons"][0]["Code"] != "ConditionalCheckFailed":
            raise  # the bus delivers it again


def once(row):
    """A row that is not there yet."""
    return {"TableName": PROCESSED, "Item": row, "ConditionExpression": "attribute_not_exists(order_id)"}


def one_more():
    """The counter, one higher."""
    return {
        "TableName": COUNTER,
        "Key": ORDERS,
        "UpdateExpression": "ADD #value :one",
        "ExpressionAttributeNames": {"#value": "value"},
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
