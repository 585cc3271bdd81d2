"""Tags say slot, product, commit and content, fit ECR, and no enver's begin as another one's."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from odmd.model import naming
from odmd.providers.images.repository import tag_of, tags_begin

refs = st.text(alphabet="abcXYZ019-_./+", min_size=1, max_size=120).filter(naming.is_ref)
slots = st.builds(lambda how, ref: f"{how}..{naming.slug(ref)}", st.sampled_from("bts"), refs)
products = st.from_regex(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,80}", fullmatch=True)
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
COMMIT = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"


@given(slots, products)
def test_a_tag_is_one_that_ecr_takes(slot: str, product: str) -> None:
    tag = tag_of(slot, product, COMMIT, DIGEST)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", tag)
    assert tag.endswith("0a1b2c3d4e5f-0123456789ab")


@given(slots, products, slots, products)
def test_what_begins_as_an_envers_is_its(one: str, product: str, other: str, another: str) -> None:
    tag = tag_of(one, product, COMMIT, DIGEST)
    assert tag.startswith(tags_begin(one))
    assert tag.startswith(tags_begin(one, product))
    assert tag.startswith(tags_begin(other)) == (one == other)
    if product != another:
        assert not tag.startswith(tags_begin(one, another))


def test_plain_names_stay_as_they_are() -> None:
    assert tag_of("b..main", "app", COMMIT, DIGEST) == "main.app.0a1b2c3d4e5f-0123456789ab"
