"""Takes an order for a drink that is on the menu, and tells the kitchen."""

import hmac
import json
import os
import uuid

import boto3

events = boto3.client("events")
prices = json.loads(os.environ["PRICES"]).get("cents", {})
key = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["RECEIPT_KEY"])["SecretString"]
menu = boto3.resource("dynamodb").Table(os.environ["MENU"])


def handler(event, _context):
    """`{"drink", "guest"?, "order_id"?}` → `{"accepted", "order_id", "cents", "receipt"}`, or `{"accepted", "reason"}`;
    an order_id is made once."""
    drink = event["drink"]
    item = menu.get_item(Key={"drink": drink}).get("Item")
    if item is None:
        return {"accepted": False, "reason": f"{drink} is not on the menu"}
    order = {
        "order_id": event.get("order_id") or str(uuid.uuid4()),
        "drink": drink,
        "cents": prices.get(drink, int(item["cents"])),
        "guest": event.get("guest", "somebody"),
    }
    put(order)
    return {"accepted": True, "order_id": order["order_id"], "cents": order["cents"], "receipt": receipt(order)}


def receipt(order):
    """What proves that the order was taken, for this price."""
    signed = f"{order['order_id']} {order['drink']} {order['cents']}"
    return hmac.new(key.encode(), signed.encode(), "sha256").hexdigest()


def put(order):
    """Puts OrderPlaced on the bus; the guest shall hear of it if that fails."""
    entry = {
        "EventBusName": os.environ["BUS"],
        "Source": "coffee-shop.order-manager",
        "DetailType": "OrderPlaced",
        "Detail": json.dumps(order),
    }
    answer = events.put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the bus took no order: {answer['Entries'][0].get('ErrorMessage')}")
