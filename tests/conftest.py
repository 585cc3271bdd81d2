"""What all tests share: no property fails because the machine is slow; half of the time many wait for processes."""

import os

from hypothesis import Phase, settings

# A commit passes or fails, whoever tests it: properties take the same examples each time, and `make search` others.
settings.register_profile("odmd", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile("odmd")
settings.register_profile(
    "mutants", derandomize=False, phases=[Phase.explicit, Phase.generate]
)  # the smallest example is for people


def pytest_xdist_auto_num_workers() -> int:
    """For `pytest -n auto`."""
    return (os.cpu_count() or 1) * 3 // 2
