"""Whom a connection trusts to say who answers."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def authorities() -> ssl.SSLContext:
    """Those that the environment names, else the usual ones; to read them takes longer than most answers."""
    import httpx  # an extra: who asks for these has it

    return httpx.create_ssl_context()


def nobody() -> ssl.SSLContext:
    """For what is asked without TLS: nothing has to be read, and who answers with it all the same is refused."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
