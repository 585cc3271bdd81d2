"""Makes jsii unpack what is installed, and index it, before anybody needs it; what it imports is compiled then, too.

The environment's own Python runs this file alone: it imports nothing of odmd. jsii writes its index while the process
lives, and only then, so this waits for it; a jsii that has none is not waited for.
"""

import contextlib
import importlib
import os
import sys
import sysconfig
import time
from pathlib import Path

LIMIT = 60.0
"""Seconds for an index; without it apps are slower, and still right."""


def main() -> None:
    """Into the folder that jsii's own variable names."""
    site = Path(sysconfig.get_path("purelib"))
    for tarball in sorted({*site.glob("*/_jsii/*.jsii.tgz"), *site.glob("*/*/_jsii/*.jsii.tgz")}):
        with contextlib.suppress(Exception):  # what cannot be loaded here is said where an app needs it
            importlib.import_module(".".join(tarball.parent.relative_to(site).parts))
    for module in ("aws_cdk", *(f"aws_cdk.{service}" for service in sys.argv[1:])):
        with contextlib.suppress(Exception):  # apps speak of what is no module, too
            importlib.import_module(module)
    root, until = Path(os.environ["JSII_RUNTIME_PACKAGE_CACHE_ROOT"]), time.monotonic() + LIMIT
    while makes_an_index() and not is_indexed(root) and time.monotonic() < until:
        time.sleep(0.05)


def makes_an_index() -> bool:
    """Whether this jsii does."""
    from jsii._embedded import jsii as embedded  # type: ignore[reportPrivateUsage]  # nothing public says it

    return any("runtime-index" in name for name in embedded.EMBEDDED_FILES)


def is_indexed(root: Path) -> bool:
    """Whether each package has its index."""
    marks = [*root.glob("*/*/*/.jsii-runtime-package-cache"), *root.glob("@*/*/*/*/.jsii-runtime-package-cache")]
    return all(any(mark.parent.glob(".jsii.runtime.*json")) for mark in marks)


if __name__ == "__main__":
    main()
