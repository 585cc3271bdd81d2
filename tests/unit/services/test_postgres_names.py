"""What a client's schema is called: whose it is can be read, and no two envers have one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odmd.errors import ContractsNotLoaded
from odmd.services.postgres import PgSchema
from odmd.services.postgres.names import LONGEST, LONGEST_ASKED, schema_of

ASKED = st.from_regex(rf"[a-z][a-z0-9_]{{0,{LONGEST_ASKED - 1}}}", fullmatch=True)
SLOTS = st.builds(
    "{}..{}".format,
    st.sampled_from("bts"),
    st.from_regex(r"[a-zA-Z0-9]{1,20}([.-][a-zA-Z0-9]{1,20}){0,3}", fullmatch=True),
)


@given(ASKED, st.lists(SLOTS, min_size=2, max_size=2, unique=True))
def test_envers_that_ask_alike_have_schemas_of_their_own(asked: str, slots: list[str]) -> None:
    one, other = (schema_of(asked, f"shop/{slot}") for slot in slots)
    assert one.lower() != other.lower()


@given(ASKED, SLOTS)
def test_a_name_leaves_room_for_its_users(asked: str, slot: str) -> None:
    found = schema_of(asked, f"shop/{slot}")
    assert found == found.lower()
    assert len(found.encode()) <= LONGEST
    assert len(f"{found}_readonly") <= 63


def test_a_plain_one_can_be_read() -> None:
    assert schema_of("orders", "shop/b..main") == "orders_main"


@pytest.mark.parametrize(
    "wrong", ["", "Orders", "1st", "o-r", 'o"; DROP', "pg_own", "rdsadmin", "public", "x" * 31, "ö"]
)
def test_what_postgres_or_its_users_would_not_bear_is_refused(wrong: str) -> None:
    with pytest.raises(ContractsNotLoaded, match="no schema is called"):
        PgSchema(schema=wrong)
