"""The browser of an owner who clicks whatever there is to click."""

from __future__ import annotations

import re
from html import unescape

import httpx

from odmd.trust import nobody


def click(url: str) -> list[str]:
    """From the page of ours to the App, installed; what the pages of ours said."""
    with httpx.Client(verify=nobody(), timeout=20) as web:
        page = web.get(url).text
        target, manifest = (unescape(_found(pattern, page)) for pattern in (r'action="([^"]*)"', r'value="([^"]*)"'))
        back = web.post(target, data={"manifest": manifest}).headers["Location"]
        installing = web.get(back)
        if installing.status_code == 303:
            web.get(installing.headers["Location"])
        return [page, installing.text]


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found, page
    return found[1]
