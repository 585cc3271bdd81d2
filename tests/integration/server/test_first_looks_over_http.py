"""What people look at first is told over HTTP as it is here."""

from __future__ import annotations

import pytest

from odmd.client import Client
from odmd.control.reading.looks import FirstLooks
from odmd.control.reading.overview import OverviewAsked
from odmd.errors import EnverUnknown, NotSignedIn
from support.served import Served


def test_both_tell_the_same(served: Served) -> None:
    served.deploy()
    here: FirstLooks = served.service.looks
    with Client(served.url, served.own) as client:
        there: FirstLooks = client.looks
        for asked in (OverviewAsked(), OverviewAsked("e1", ("baristas", "roasters"), "deployed", "e0", 1)):
            assert there.overview(asked) == here.overview(asked)
        assert there.open_questions() == here.open_questions() != ()
        assert there.neighbourhood("e1@main", 1, 1) == here.neighbourhood("e1@main", 1, 1)
        assert there.search("e") == here.search("e") != ()
        for looks in (here, there):
            with pytest.raises(EnverUnknown, match="e9@main is not in the contracts"):
                looks.neighbourhood("e9@main", 1, 1)


def test_a_command_hands_over_who_types_it(served: Served) -> None:
    with Client(served.url, served.own) as client:
        first, second = client.hand_over(), client.hand_over()
    assert first != second
    with Client(served.url, "odmd_nobody") as client, pytest.raises(NotSignedIn):
        client.hand_over()
