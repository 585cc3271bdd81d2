"""Environments on demand, live: two price lists of a coffee shop are tried side by side by tests, and a table that
somebody changed by hand is found. `make demo-envs`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Final

from boto3.session import Session
from rich.markup import escape

from odmd.cli.demo.command import SETTINGS, forget_other_worlds
from odmd.cli.demo.orders import Guests
from odmd.cli.demo.shop import Shop
from odmd.cli.demo.show import Show
from odmd.errors import DemoFailed
from odmd.model.targets import Target
from odmd.providers.aws import Emulator

EXAMPLE: Final = Path(__file__).parent.parent / "examples" / "coffee_shop"
TARGET: Final = Target("111122223333", "us-west-1")
MANAGER, KEY = "order-manager@main", "coffee-shop/receipt-key"
CHEAP, DEAR = f"{MANAGER}+prices-cheap", f"{MANAGER}+prices-dear"
EXPERIMENT: Final = """\
origin = "order-manager@main"
with = ["foundation@main", "order-processor@main"]
suite = "tests/prices"
network = true
metrics = ["cents", "takings"]
best = ["max:takings"]

[variants.cheap]
config.prices.cents.espresso = 200

[variants.dear]
config.prices.cents.espresso = 390
"""
TESTS: Final = """\
import json, os
from boto3.session import Session

def test_guests_buy(record_property):
    mine = Session("{access}", "of-nobody", region_name="{region}")
    order = json.dumps({{"order_id": "one", "drink": "espresso"}}).encode()
    functions = mine.client("lambda", endpoint_url="{endpoint}")
    answer = functions.invoke(FunctionName=os.environ["ODMD_OUT_PLACE_ORDER"], Payload=order)
    cents = int(json.loads(answer["Payload"].read())["cents"])
    record_property("cents", cents)
    record_property("takings", cents * (500 - cents))  # the dearer, the fewer come
"""


def main() -> None:
    """Plays it in a folder of its own, and clears up."""
    forget_other_worlds()
    with tempfile.TemporaryDirectory(prefix="coffee-shop-") as at:
        root, emulator = Path(at), Emulator(Path(at) / "emulator")
        show, shop = Show(root), Shop(EXAMPLE, root / "coffee-shop")
        try:
            with show.act("An AWS of its own", "The emulator listens on 127.0.0.1 only."):
                emulator.start(TARGET)
                os.environ.update(emulator.environment(TARGET), ODMD_STATE=str(root / ".odmd"))
                (root / "pyproject.toml").write_text(SETTINGS)
                show.say(f"AWS_ENDPOINT_URL={emulator.endpoint}")
            play(show, shop, root)
        finally:
            emulator.stop()


def play(show: Show, shop: Shop, root: Path) -> None:
    """The acts, each with its proof."""
    with show.act("1 The coffee shop is open", "Three services on their main branches."):
        shop.open()
        bring_guests(root, shop)
        show.command("secret", "bind", MANAGER, "receipt-key", f"secretsmanager:{KEY}")
        Session().client("secretsmanager").create_secret(Name=KEY, SecretString=token_hex())
        show.command("config", "set", MANAGER, "prices.cents.espresso=260", "-m", "as on the board")
        show.plan_and_apply("the coffee shop opens")
        before = stacks()
    with show.act("2 Two price lists, tried side by side", "Each has a shop of its own, and guests that tests bring."):
        (root / "prices.toml").write_text(EXPERIMENT)
        show.typed("cat prices.toml")
        for line in EXPERIMENT.splitlines():
            show.say(escape(line))
        show.command("experiment", "run", "prices.toml", "--keep", "--yes")
        prove("each has three stacks of its own", len(stacks() - before) == 6)
        prices = {enver: price(show, enver) for enver in (MANAGER, CHEAP, DEAR)}
        prove("each sells at its own price", list(prices.values()) == [260, 200, 390])
        show.command("diff", CHEAP, DEAR)
    with show.act("3 One is taken, both go", "What is said to be gone was counted."):
        show.command("config", "set", MANAGER, "prices.cents.espresso=200", "-m", "it sold best")
        show.plan_and_apply("the cheap price list")
        show.command("experiment", "delete", "prices", "--yes")
        show.command("clone", "list")
        prove("nothing of them is left", stacks() == before)
        prove("the shop sells at the new price", price(show, MANAGER) == 200)
    with show.act("4 Somebody changes a table by hand", "Is what runs what was deployed?"):
        change_by_hand(show)
        show.command("drift", "foundation@main", "--resources")
        show.command("drift", "revert", "foundation@main", "--yes", "-m", "it was nobody's to change")
        show.command("drift", "foundation@main", "--resources", "--exit-code")
    show.times()


def bring_guests(root: Path, shop: Shop) -> None:
    """Tests in the repository of who takes orders: they place one, and say what was taken."""
    folder = root / "coffee-shop" / "order-manager" / "tests" / "prices"
    folder.mkdir(parents=True)
    said = {"access": TARGET.account, "region": TARGET.region, "endpoint": os.environ["AWS_ENDPOINT_URL"]}
    (folder / "test_prices.py").write_text(TESTS.format(**said))
    shop.commit("order-manager", "Guests who try prices")


def change_by_hand(show: Show) -> None:
    """What somebody does in the console: he lets the stack's table be paid for otherwise."""
    cloudformation = Session().client("cloudformation")
    (name,) = [one for one in stacks() if one.startswith("foundation")]
    template = cloudformation.get_template(StackName=name)["TemplateBody"]
    for one in template["Resources"].values():
        if one["Type"] == "AWS::DynamoDB::Table":
            one["Properties"]["Tags"] = [{"Key": "who", "Value": "me"}]
    show.typed(f"aws cloudformation update-stack --stack-name {name} --template-body file://mine.json")
    cloudformation.update_stack(
        StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_IAM"]
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=name)


def price(show: Show, manager: str) -> int:
    """What an espresso costs at one of the order managers."""
    values = {one["value"]["product"]: one["value"]["text"] for one in show.data("values")}
    slot = manager.partition("@")[2].replace("+", "-_b..")
    place_order = values[f"order-manager/b..{slot}/place-order"]
    session = Session()
    guests = Guests(place_order, "", session.client("lambda"), session.client("dynamodb"))
    guests.price()
    return int(guests.newest["cents"])


def stacks() -> set[str]:
    """Names of those that are there."""
    return set(_stacks())


def _stacks() -> Iterator[str]:
    for page in Session().client("cloudformation").get_paginator("describe_stacks").paginate():
        yield from (one["StackName"] for one in page["Stacks"] if one["StackName"] != "CDKToolkit")


def prove(what: str, is_so: bool) -> None:
    """Raises:
    DemoFailed
    """
    if not is_so:
        raise DemoFailed(f"not so: {what}")


if __name__ == "__main__":
    main()
