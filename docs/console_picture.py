"""Makes docs/console.png of the organisation that tests look at: `PYTHONPATH=tests python docs/console_picture.py`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from support.browser import Visit, chromium
from support.shop import deployed_shop, live_through

PICTURE = Path(__file__).parent / "console.png"
SIZE = {"width": 1200, "height": 620}


def main() -> None:
    """As it is when something failed, and something asks."""
    with (
        tempfile.TemporaryDirectory() as folder,
        deployed_shop(Path(folder)).serving() as served,
        chromium() as browser,
    ):
        live_through(served)
        one = Visit(browser, served.url, served.own, {"viewport": SIZE, "color_scheme": "light"})
        one.go("/")
        one.sees("till")
        one.page.screenshot(path=PICTURE)
        one.end()


if __name__ == "__main__":
    main()
