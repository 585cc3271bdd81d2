"""Opens a page in the browser of who types; its address is in no list of processes, where others would read it."""

from __future__ import annotations

from html import escape
from typing import Final

_PAGE: Final = '<!doctype html><meta charset="utf-8"><title>odmd</title><meta http-equiv="refresh" content="0;url={}">'


def open_page(address: str) -> bool:
    """By way of a file of his own that leads there. Whether there is a browser that takes it."""
    import webbrowser

    from odmd.control.access.state_home import state_home
    from odmd.private import private_file, private_folder

    try:
        page = private_file(private_folder(state_home("console")) / "open.html")
        page.write_text(_PAGE.format(escape(address)), "utf-8")
        return webbrowser.open(page.as_uri())
    except (OSError, RuntimeError, webbrowser.Error):
        return False
