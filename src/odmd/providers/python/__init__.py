"""Packages for Python: a wheel and the sources that it is made of, published to the index that their contract names."""

from odmd.providers.python.handover import PythonHandovers
from odmd.providers.python.procedure import PythonProcedure

__all__ = ["PythonHandovers", "PythonProcedure"]
