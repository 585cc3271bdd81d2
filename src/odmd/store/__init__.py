"""Where the log, its projections and the artifacts are kept: in memory, a SQLite file, or a Postgres database."""
