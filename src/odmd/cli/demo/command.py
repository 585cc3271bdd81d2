"""The demo's script: the commands that a user types, in an order that tells the story, and the proof at the end."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated, Final

import typer

from odmd.cli.demo.roles import BARISTA, OWNER, Roles
from odmd.cli.demo.shop import CONTRACTS
from odmd.cli.output import write
from odmd.errors import DemoFailed, DemoRefused
from odmd.private import private_folder

if TYPE_CHECKING:
    from odmd.cli.demo.orders import Guests
    from odmd.cli.demo.serving import DemoServer
    from odmd.cli.demo.shop import Shop
    from odmd.cli.demo.show import Show

_MARK: Final = "made-by-odmd-demo"
_READER, _WRITER = "order-processor/b..main", "order-manager/b..main"
_MANAGER: Final = "order-manager@main"
_KEY: Final = "coffee-shop/receipt-key"
SETTINGS: Final = f"""
[tool.odmd]
contracts = "coffee-shop/{CONTRACTS}/src/coffee_shop/__init__.py:organisation"
repositories = "{{repo}}"
isolation = "preferred"
retire-after = 3

"""


def demo(
    example: Annotated[Path, typer.Option(help="The coffee shop's folder.")] = Path("examples/coffee_shop"),
    state: Annotated[Path, typer.Option(help="Where the demo keeps everything; made anew each time.")] = Path(".odmd"),
) -> None:
    """Deploy a coffee shop on an AWS emulator, change it, and move its bus while orders keep coming in."""
    from odmd.cli.demo.serving import DemoServer
    from odmd.cli.demo.shop import Shop
    from odmd.cli.demo.show import Show
    from odmd.model.targets import Target
    from odmd.providers.aws import Emulator

    state, target = state.absolute(), Target("111122223333", "us-west-1")
    _begin_clean(state)
    forget_other_worlds()
    folder = state / "demo"
    show, shop = Show(folder), Shop(example.absolute(), folder / "coffee-shop")
    roles, server = Roles(folder, target.account, BARISTA, OWNER), DemoServer(folder)
    emulator = Emulator(folder / "emulator")
    try:
        with show.act(
            "An AWS of its own", "The emulator listens on 127.0.0.1 only; everything below goes through boto3."
        ):
            emulator.start(target)
            os.environ.update(emulator.environment(target), ODMD_STATE=str(state))
            (folder / "pyproject.toml").write_text(SETTINGS + roles.settings(emulator.endpoint))
            show.say(f"AWS_ENDPOINT_URL={emulator.endpoint}")
        _play(show, shop, roles, server)
    finally:
        server.stop()
        emulator.stop()


def _begin_clean(state: Path) -> None:
    """Removes what an earlier demo left, and nothing else."""
    if state.exists():
        if not (state / _MARK).exists():
            raise DemoRefused(f"{state} holds what no demo made", next_step="give --state FOLDER, or run it elsewhere")
        shutil.rmtree(state)
    private_folder(state / "demo")
    (state / _MARK).touch()


def forget_other_worlds() -> None:
    """Nothing of the demo is done with somebody's accounts, or at his server."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "ODMD_"))]:
        del os.environ[name]


def _play(show: Show, shop: Shop, roles: Roles, server: DemoServer) -> None:
    with show.act(
        "1 The contracts", "Typed Python: who makes what, who consumes it. A wrong wire would not type-check."
    ):
        shop.open()
        show.command("check")
    with show.act("2 Config and secrets", "Contracts have their types; the values are said elsewhere, in layers."):
        _say_what_is_private(show)
    with show.act("3 The plan", "Nobody wrote an order down: it is derived from the wires."):
        plan = show.plan()
    with show.act("4 The first deployment", "Three git repositories, three CDK apps, CloudFormation change sets."):
        show.apply(plan, "the coffee shop opens")
    guests = _open_the_door(show)
    with show.act("6 A change that moves nobody else", "A drink more on the menu: a commit to foundation."):
        shop.add_to_menu("flat white", 420)
        write(f"{shop.show_last_commit('foundation')}\n")
        show.plan_and_apply("serve flat white")
        _prove_runs(show, ["foundation/b..main"])
        _count(show, guests)
    with show.act("7 Another price", "Config that is read at run time: no commit, no synthesis, and one enver moves."):
        show.command("config", "set", _MANAGER, "prices.cents.espresso=280", "-m", "beans cost more")
        show.plan_and_apply("the new price list")
        _prove_runs(show, [_WRITER])
        show.say(f"an espresso costs {guests.price()}")
        _count(show, guests)
    with show.act("8 A message that nobody would understand", "In the contracts, an order's cents become its price."):
        write(f"{shop.rename_field_of_orders('cents', 'price')}\n")
        show.command("can-i-deploy", _MANAGER, ends_with=1)
        shop.undo(CONTRACTS)
    with show.act("9 A change under everybody's feet", "The bus gets another name, while orders are on it."):
        shop.rename_bus("orders", "orders-v2")
        write(f"{shop.show_last_commit('foundation')}\n")
        show.plan_and_apply("call the bus orders-v2")
        shop.let_owners_approve()
        server.start()  # for the next act, while this one ends
        _prove_runs(show, ["foundation/b..main", _READER, _WRITER])
        show.command("why", _MANAGER)
        _count(show, guests)
    with show.act("10 A price that a role of AWS lets in", "Nobody has a token: who somebody is, IAM says."):
        write(f"{shop.show_last_commit(CONTRACTS)}\n")
        roles.make()
        show.typed("odmd serve")
        show.say(f"ODMD_SERVER={server.url}")
        _ask_the_owner(show, roles, server.url, guests)
        server.stop()
        _count(show, guests)
    with show.act("11 What there is now"):
        guests.leave()
        lost = guests.wait_for_the_last()
        for command in ("status", "values", "runs"):
            show.command(command)
    _close(show, guests, lost)


def _say_what_is_private(show: Show) -> None:
    """A wrong key and a missing secret are caught before there is anything that could fail."""
    from boto3.session import Session

    show.command("config", "set", "--stage", "dev", "tables.mode=provisioned")
    show.command("config", "set", _MANAGER, "prices.cents.espresso=260", "-m", "as on the board")
    show.command("config", "set", _MANAGER, "prices.cent.latte=450", ends_with=1)
    show.command("secret", "bind", _MANAGER, "receipt-key", f"secretsmanager:{_KEY}")
    show.command("secret", "check", _MANAGER, ends_with=1)
    show.typed(f"aws secretsmanager create-secret --name {_KEY} --secret-string file://receipt.key")
    Session().client("secretsmanager").create_secret(Name=_KEY, SecretString=token_hex())


def _ask_the_owner(show: Show, roles: Roles, server: str, guests: Guests) -> None:
    """Who works on the price may not let it in; the owner's role may."""
    barista, owner = ({**roles.environment(one), "ODMD_SERVER": server} for one in (BARISTA, OWNER))
    show.command("login", of=barista)
    show.command("config", "set", _MANAGER, "prices.cents.espresso=320", "-m", "rent is up", of=barista)
    show.command("apply", "--yes", "-m", "rent is up", of=barista, ends_with=1)
    show.command("approve", "--yes", _MANAGER, "-m", "it is my price", of=barista, ends_with=1)
    show.command("login", of=owner)
    show.command("approve", "--yes", _MANAGER, "-m", "still cheaper than next door", of=owner)
    show.say(f"an espresso costs {guests.wait_for_price(320)}", apart=True)


def _open_the_door(show: Show) -> Guests:
    from boto3.session import Session

    from odmd.cli.demo.orders import Guests

    with show.act("5 Orders", "Guests order from now on, four a second, until the end."):
        values = {one["value"]["product"]: one["value"]["text"] for one in show.data("values")}
        session = Session()
        guests = Guests(
            place_order=values[f"{_WRITER}/place-order"],
            processed=values[f"{_READER}/processed"],
            functions=session.client("lambda"),
            tables=session.client("dynamodb"),
        )
        guests.come()
        guests.wait_for_the_first()
        show.say("an order: place-order (Lambda) → bus (EventBridge) → kitchen (Lambda) → tables (DynamoDB)")
        show.say(f"an espresso costs {guests.price()}")
        _count(show, guests)
    return guests


def _count(show: Show, guests: Guests) -> None:
    placed = set(guests.placed)
    show.say(f"[cyan]orders so far: {len(placed)} placed, {len(placed & guests.made())} of them made[/]")


def _prove_runs(show: Show, expected: list[str]) -> None:
    """The newest wave ran exactly these envers, in this order, once each."""
    runs = show.data("runs")
    newest = max(wave for run in runs for wave in run["waves"])
    ran = [run["enver"] for run in reversed(runs) if newest in run["waves"]]
    if ran != expected:
        raise DemoFailed(f"the wave ran {ran}, not {expected}")


def _close(show: Show, guests: Guests, lost: set[str]) -> None:
    with show.act("Time"):
        pass
    del show.seconds["Time"]
    show.times()
    runs = show.data("runs")
    full = [run["finished_at"] - run["started_at"] for run in runs if run["mode"] == "full"]
    values = [run["finished_at"] - run["started_at"] for run in runs if run["mode"] == "values only"]
    share = sum(values) / len(values) / (sum(full) / len(full))
    show.say(
        f"a full deployment took {sum(full) / len(full):.1f} s, one of values only "
        f"{sum(values) / len(values):.2f} s ({share:.0%})",
        apart=True,
    )
    turned_away = f", {guests.turned_away} turned away" if guests.turned_away else ""
    made = len(guests.placed) - len(lost)
    show.say(f"orders: {len(guests.placed)} placed, {made} made, [bold]{len(lost)} lost[/]{turned_away}")
    odmd = "odmd" if shutil.which("odmd") else os.path.relpath(sys.argv[0])
    commands = " · ".join(f"{odmd} {command}" for command in ("status", "values", "runs", "why ENVER"))
    show.say(f"look further: [bold]{commands}[/] (state in .odmd)", apart=True)
    if lost:
        raise DemoFailed(f"{len(lost)} orders were lost: {', '.join(sorted(lost)[:5])} …")
