"""`python -m odmd` is `odmd`."""

from odmd.cli import main

if __name__ == "__main__":
    main()
