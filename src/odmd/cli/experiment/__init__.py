"""`odmd experiment`: clones of one enver side by side, each with other config or another revision, and the same tests.

It is a client of the plane: its clones are all that there is of an experiment.
"""
