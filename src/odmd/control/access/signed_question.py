"""The question to STS by which people and roles of AWS prove who they are: signed by them, answered for the server."""

from __future__ import annotations

from typing import Final

BODY: Final = "Action=GetCallerIdentity&Version=2011-06-15"
CONTENT_TYPE: Final = "application/x-www-form-urlencoded; charset=utf-8"
SERVER: Final = "X-Odmd-Server"
"""The header that says which server it is meant for."""
NONCE: Final = "X-Odmd-Nonce"
"""The header that tells two questions of one second apart, else the second would pass for the first used again."""
