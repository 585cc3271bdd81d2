"""Prices templates by a table: resources by what they are, some by how many or how large they say they are."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Final, cast

from odmd.control.running.pricing import AMOUNTS, CostPart, DailyCost, together
from odmd.model.targets import Target
from odmd.providers.aws.recipe import from_recipe
from odmd.providers.aws.templates import parsed

_HOURS_A_DAY: Final = Decimal(24)
_DAYS_A_MONTH: Final = Decimal(30)
_FARGATE_CPU: Final = Decimal(1024)
"""Units of a vCPU, and MB of a GB."""
Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Prices:
    """The table; amounts are of us-east-1."""

    currency: str
    regions: Mapping[str, Decimal]
    hour: Mapping[str, Decimal]
    month: Mapping[str, Decimal]
    units: Mapping[str, Decimal]
    instances: Mapping[str, Decimal]
    by_use: frozenset[str]
    free: tuple[str, ...]

    def factor(self, region: str) -> Decimal:
        """By which a region is dearer."""
        return self.regions.get(region, self.regions["elsewhere"])

    def is_free(self, type: str) -> bool:
        """Whether such a resource costs nothing by itself."""
        return any(type == one or (one.endswith("::") and type.startswith(one)) for one in self.free)


def prices_of(own: Mapping[str, Mapping[str, Decimal]]) -> Prices:
    """Those that come along, and an organisation's own in their place."""
    said = _table_of_prices()
    amounts = {name: {**_amounts(said[name]), **own.get(name, {})} for name in AMOUNTS}
    return Prices(
        str(said["currency"]),
        amounts["regions"],
        amounts["hour"],
        amounts["month"],
        amounts["units"],
        amounts["instances"],
        frozenset(_types(said["by_use"])),
        tuple(_types(said["free"])),
    )


@cache
def _table_of_prices() -> Json:
    return tomllib.loads(files("odmd.providers.aws").joinpath("prices.toml").read_text(), parse_float=Decimal)


def _amounts(said: object) -> Mapping[str, Decimal]:
    return {name: Decimal(str(one)) for name, one in _mapping(said).items()}


def _types(said: object) -> Sequence[str]:
    return cast("Sequence[str]", _mapping(said)["types"])


class TemplatePricer:
    """A `Pricer` of envers of build type `cdk`."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices

    def price(self, recipe: bytes, target: Target) -> DailyCost:
        return together(
            price_template(parsed(stack.template), target.region, self._prices) for stack in from_recipe(recipe).stacks
        )


def price_template(template: Json, region: str, prices: Prices) -> DailyCost:
    """What its resources cost, conditions taken as met."""
    parts, by_use, unknown = list[CostPart](), set[str](), list[str]()
    whole = _Template(template)
    for name, type, properties in whole.resources():
        if type in prices.by_use or _is_by_use(type, properties):
            by_use.add(type)
            continue
        if prices.is_free(type):
            continue
        try:
            hour = _an_hour(type, properties, whole, prices)
        except _Unsaid as unsaid:
            unknown.append(f"{name} ({type}): {unsaid}")
            continue
        if hour:
            parts.append(CostPart(name, type, hour * prices.factor(region) * _HOURS_A_DAY))
    return together([DailyCost(tuple(parts), tuple(by_use), tuple(unknown), prices.currency)])


class _Unsaid(Exception):
    """A template does not say what the price follows from."""


@dataclass(frozen=True, slots=True)
class _Template:
    """Looks up what references mean, as far as the template itself says it."""

    said: Json
    _resources: Json = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_resources", _mapping(self.said.get("Resources")))

    def resources(self) -> Iterator[tuple[str, str, Json]]:
        for name, one in self._resources.items():
            resource = _mapping(one)
            yield name, str(resource.get("Type", "")), _mapping(resource.get("Properties"))

    def referred(self, said: object) -> Json:
        """The properties of the resource that is meant."""
        reference = _mapping(said)
        attribute = cast("Sequence[object]", arn) if isinstance(arn := reference.get("Fn::GetAtt"), list) else ("",)
        name = str(reference.get("Ref") or attribute[0])
        return _mapping(_mapping(self._resources.get(name)).get("Properties"))

    def amount(self, properties: Json, name: str, usual: Decimal | None = None) -> Decimal:
        """A number, be it a parameter's default.

        Raises:
            _Unsaid
        """
        said = properties.get(name)
        if (ref := _mapping(said).get("Ref")) is not None:
            said = _mapping(_mapping(self.said.get("Parameters")).get(str(ref))).get("Default")
        if said is None and usual is not None:
            return usual
        try:
            return Decimal(str(said))
        except InvalidOperation:
            raise _Unsaid(f"its {name} is known when it is deployed") from None


def _mapping(said: object) -> Json:
    return cast("Json", said) if isinstance(said, dict) else {}


def _is_by_use(type: str, properties: Json) -> bool:
    if type in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        return properties.get("BillingMode") == "PAY_PER_REQUEST"
    return type == "AWS::EC2::VPCEndpoint" and properties.get("VpcEndpointType", "Gateway") == "Gateway"


def _an_hour(type: str, properties: Json, whole: _Template, prices: Prices) -> Decimal:
    """Raises:
    _Unsaid
    """
    if (counted := _COUNTED.get(type)) is not None:
        return counted(properties, whole, prices)
    if type in prices.hour:
        return prices.hour[type]
    if type in prices.month:
        return _of_month(prices.month[type])
    raise _Unsaid("no price is known of it")


def _of_month(amount: Decimal) -> Decimal:
    return amount / _DAYS_A_MONTH / _HOURS_A_DAY


def _service(properties: Json, whole: _Template, prices: Prices) -> Decimal:
    """Tasks on Fargate; those on instances cost what the instances do."""
    if properties.get("LaunchType", "FARGATE") != "FARGATE":
        return Decimal()
    count = whole.amount(properties, "DesiredCount", Decimal(1))
    task = whole.referred(properties.get("TaskDefinition"))
    cpu, memory = (whole.amount(task, name) / _FARGATE_CPU for name in ("Cpu", "Memory"))
    return count * (cpu * prices.units["fargate_vcpu"] + memory * prices.units["fargate_gb"])


def _database(properties: Json, whole: _Template, prices: Prices) -> Decimal:
    """One of a cluster without servers costs its least capacity."""
    size = str(properties.get("DBInstanceClass", ""))
    if size == "db.serverless":
        cluster = whole.referred(properties.get("DBClusterIdentifier"))
        scaling = _mapping(cluster.get("ServerlessV2ScalingConfiguration"))
        return whole.amount(scaling, "MinCapacity", Decimal("0.5")) * prices.units["aurora_acu"]
    storage = whole.amount(properties, "AllocatedStorage", Decimal())
    return _instance(size, prices) + _of_month(storage * prices.units["database_gb_month"])


def _instance(size: str, prices: Prices) -> Decimal:
    if size not in prices.instances:
        raise _Unsaid(f"no price of {size} is known" if size else "its size is known when it is deployed")
    return prices.instances[size]


def _table(properties: Json, whole: _Template, prices: Prices) -> Decimal:
    said = _mapping(properties.get("ProvisionedThroughput"))
    read, write = (whole.amount(said, f"{one}CapacityUnits", Decimal(5)) for one in ("Read", "Write"))
    return read * prices.units["dynamodb_read"] + write * prices.units["dynamodb_write"]


def _endpoint(properties: Json, _whole: _Template, prices: Prices) -> Decimal:
    subnets = properties.get("SubnetIds")
    zones = len(cast("Sequence[object]", subnets)) if isinstance(subnets, list) else 1
    return zones * prices.units["endpoint_zone"]


def _volume(properties: Json, whole: _Template, prices: Prices) -> Decimal:
    return _of_month(whole.amount(properties, "Size") * prices.units["volume_gb_month"])


def _nodes(properties: Json, whole: _Template, prices: Prices) -> Decimal:
    sizes = properties.get("InstanceTypes")
    size = str(cast("Sequence[object]", sizes)[0]) if isinstance(sizes, list) and sizes else "t3.medium"
    scaling = _mapping(properties.get("ScalingConfig"))
    return whole.amount(scaling, "DesiredSize", Decimal(1)) * _instance(size, prices)


def _machine(properties: Json, _whole: _Template, prices: Prices) -> Decimal:
    return _instance(str(properties.get("InstanceType", "")), prices)


def _cache_node(properties: Json, _whole: _Template, prices: Prices) -> Decimal:
    return _instance(str(properties.get("CacheNodeType", "")), prices)


_Count = Callable[[Json, _Template, Prices], Decimal]
_COUNTED: Final[Mapping[str, _Count]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::EC2::Instance": _machine,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::EC2::Volume": _volume,
    "AWS::ECS::Service": _service,
    "AWS::EKS::Nodegroup": _nodes,
    "AWS::ElastiCache::CacheCluster": _cache_node,
    "AWS::RDS::DBInstance": _database,
}
