"""`python -m odmd` is `odmd`."""

import os
import sys

if not sys.flags.safe_path and sys.path[:1] == [os.getcwd()]:  # noqa: PTH109  # pathlib would be imported from there
    sys.path.append(sys.path.pop(0))  # what lies in the working folder is not imported instead of what is installed

from odmd.cli import main

if __name__ == "__main__":
    main()
