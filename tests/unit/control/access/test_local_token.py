"""The token of a server on this machine is found by its user's commands, and sent nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from odmd.control.access.local_token import found_token, kept_token


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "own"))
    return tmp_path / "own" / "odmd" / "servers"


def test_it_is_found_while_the_server_lives_and_nobody_else_may_read_it(own: Path) -> None:
    with kept_token("127.0.0.1", 8471, "secret") as file:
        assert found_token("http://127.0.0.1:8471/") == ("http://127.0.0.1:8471/", "secret")
        assert (file.stat().st_mode & 0o777, own.stat().st_mode & 0o777) == (0o600, 0o700)
        assert list(own.iterdir()) == [file]
    assert found_token("http://127.0.0.1:8471") is None
    assert list(own.iterdir()) == []


@pytest.mark.parametrize(
    "server",
    [
        "http://127.0.0.1:8472",
        "http://[::1]:8471",
        "http://127.0.0.2:8471",
        "http://example.org:8471",
        "https://127.0.0.1:8471",
        "http://127.0.0.1",
        "http://127.0.0.1.example.org:8471",
        "http://..:8471",
    ],
)
def test_it_goes_to_the_address_that_the_server_listens_at_and_to_no_other(server: str) -> None:
    with kept_token("127.0.0.1", 8471, "secret"):
        assert found_token(server) is None


@pytest.mark.parametrize(("host", "url"), [("127.0.0.1", "http://127.0.0.1:8471/x"), ("::1", "http://[::1]:8471/x")])
def test_a_name_of_this_machine_is_asked_by_the_address_whose_token_there_is(host: str, url: str) -> None:
    """Another user may listen at the other address of the same name."""
    with kept_token(host, 8471, "secret"):
        assert found_token("http://localhost:8471/x") == (url, "secret")


def test_the_next_server_at_an_address_has_another_and_the_last_one_takes_none_away() -> None:
    with kept_token("127.0.0.1", 8471, "new"):
        with kept_token("127.0.0.1", 8471, "newer"):
            assert found_token("http://127.0.0.1:8471") == ("http://127.0.0.1:8471", "newer")
        with kept_token("127.0.0.1", 8471, "newest") as file:
            file.write_text("of another process")
        assert found_token("http://127.0.0.1:8471") == ("http://127.0.0.1:8471", "of another process")


def test_a_folder_that_others_may_enter_is_refused(own: Path) -> None:
    own.mkdir(parents=True)
    own.chmod(0o755)
    with pytest.raises(PermissionError, match="alone"), kept_token("127.0.0.1", 8471, "secret"):
        pass
    assert list(own.iterdir()) == []
