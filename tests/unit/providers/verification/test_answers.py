"""What is asked over HTTP: never a machine for its rights, and not longer than it may take."""

from __future__ import annotations

import socket

import pytest

from odmd.control.running.verifying import CheckVerdict
from odmd.model import HttpCheck
from odmd.providers.verification.answers import verify_answer


def asked(at: str, **values: str) -> str:
    found = verify_answer(HttpCheck(at, seconds=0.01, latency=0.01), values, lambda _: None, here=False)
    assert found.verdict is CheckVerdict.RED
    return found.said


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://127.0.0.1:1/",
        "http://localhost:1/",
        "http://[::1]/",
        "http://0.0.0.0:1/",
        "http://somebody@127.0.0.1/",
    ],
)
def test_no_check_asks_a_machine_for_its_rights(address: str) -> None:
    assert "which no check asks" in asked("api", api=address)


def own_address() -> str:
    """By which others reach this machine, where they do."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.200", 9))  # sends nothing
        except OSError:
            return "127.0.0.1"
        return way.getsockname()[0]


def test_no_check_asks_its_own_machine_by_whichever_address() -> None:
    assert "which no check asks" in asked("api", api=f"http://{own_address()}:1/")
    found = verify_answer(HttpCheck(f"http://{own_address()}:1/", seconds=0.01), {}, lambda _: None, here=True)
    assert "does not answer" in found.said


@pytest.mark.parametrize(
    "address", ["orders", "", "ftp://example.org/", "http://", "https:///path", "file:///etc/passwd"]
)
def test_what_is_no_address_of_http_is_not_asked(address: str) -> None:
    assert "is no address of HTTP" in asked("api", api=address)


@pytest.mark.parametrize("address", ["http://[::1", "http://example.org:port/"])
def test_what_cannot_be_read_does_not_pass(address: str) -> None:
    assert asked("api", api=address)


def test_a_name_that_nobody_knows_does_not_pass() -> None:
    assert "nobody knows where nowhere.invalid is, within 0.01 s" in asked("http://nowhere.invalid/")
