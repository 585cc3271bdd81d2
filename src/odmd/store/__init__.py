"""Where the log, its projections and the artifacts are kept: in memory, or in one SQLite file."""
