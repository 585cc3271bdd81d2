"""The tables: the log is the truth, `envers`, `runs`, `values` and `waves` are its projections."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text, text

metadata: Final = MetaData()
BigSerial: Final = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows itself only in an INTEGER column."""
Address: Final = String().with_variant(String(collation="C"), "postgresql")
"""Text in one order everywhere, whatever the language of the server."""

inbox: Final = Table(
    "inbox",
    metadata,
    Column("seq", BigSerial, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("type", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("handled", Integer, nullable=False, server_default="0"),
)
Index("inbox_pending", inbox.c.seq, sqlite_where=text("handled = 0"), postgresql_where=text("handled = 0"))

log: Final = Table(
    "log",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("message", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("link", String),
    Index("log_by_message", "message"),
)
chain: Final = Table(
    "chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("link", String, nullable=False),
    Column("at", Float, nullable=False),
)
"""At most one row: where the chain of the log begins, once older entries were forgotten or had none."""

envers: Final = Table(
    "envers",
    metadata,
    Column("address", Address, primary_key=True),
    Column("body", Text, nullable=False),
)

runs: Final = Table(
    "runs",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("enver", String, nullable=False),
    Column("status", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Float, nullable=False, server_default="0"),
    Index("runs_by_enver", "enver", "id"),
    Index("runs_by_status", "status"),
)

values: Final = Table(
    "values",
    metadata,
    Column("product", Address, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("status", String, nullable=False),
    Column("body", Text, nullable=False),
)

waves: Final = Table(
    "waves",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("open", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Float, nullable=False, server_default="0"),
    Column("ended", BigInteger),
    Index("waves_by_end", "ended"),
)
"""`ended`: the log's position after the commit with which a wave ended."""

clones: Final = Table(
    "clones",
    metadata,
    Column("address", Address, primary_key=True),
    Column("body", Text, nullable=False),
)
"""Sets of clones that were made on demand, by the first of each, until nothing is left of them."""

steps: Final = Table(
    "steps",
    metadata,
    Column("seq", BigSerial, primary_key=True, autoincrement=True),
    Column("run", BigInteger, nullable=False),
    Column("name", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("result", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("at", Float, nullable=False),
    Index("steps_by_run", "run", "name", unique=True),
)

documents: Final = Table(
    "documents",
    metadata,
    Column("name", String, primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", Float),
)
"""`at`: when it was last put, if it goes with its age; empty for what lasts."""

leadership: Final = Table(
    "leadership",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("holder", String, nullable=False),
    Column("until", Float, nullable=False),
)
"""At most one row: who was elected last, and by the database's clock until when."""
tokens: Final = Table(
    "tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("by", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("revoked", Float),
    Column("used", Float),
    Column("run", BigInteger),
    Column("teams", Text),
    Column("holder", String),
    Column("session", Text),
    Index("tokens_by_holder", "holder"),
)
"""With a holder, it is a session."""
used_proofs: Final = Table(
    "used_proofs",
    metadata,
    Column("digest", String, primary_key=True),
    Column("until", Float, nullable=False),
    Index("used_proofs_by_end", "until"),
)

workers: Final = Table(
    "workers",
    metadata,
    Column("name", Address, primary_key=True),
    Column("release", String, nullable=False),
    Column("contracts", String, nullable=False),
    Column("places", Integer, nullable=False),
    Column("since", Float, nullable=False),
    Column("beats", BigInteger, nullable=False),
    Column("token", String, nullable=False, server_default=""),
)

claims: Final = Table(
    "claims",
    metadata,
    Column("seq", BigSerial, primary_key=True, autoincrement=True),
    Column("run", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("token", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("at", Float, nullable=False),
    Index("claims_by_run", "run", "attempt", unique=True),
)
"""Attempts that were claimed over HTTP; those of standing workers are nobody's there."""

handed_in: Final = Table(
    "handed_in",
    metadata,
    Column("seq", BigSerial, primary_key=True, autoincrement=True),
    Column("run", BigInteger, nullable=False),
    Column("digest", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("at", Float, nullable=False),
    Index("handed_in_by_run", "run", "digest", unique=True),
)
"""Which run an artifact is of that came over HTTP."""

artifacts: Final = Table(
    "artifacts",
    metadata,
    Column("digest", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
    Column("report", Integer, nullable=False, server_default="0"),
)
"""Compressed by zlib. What a check left goes with the journals, all others stay."""

run_log: Final = Table(
    "run_log",
    metadata,
    Column("seq", BigSerial, primary_key=True, autoincrement=True),
    Column("run", BigInteger, nullable=False),
    Column("at", Float, nullable=False),
    Column("lasting", Integer, nullable=False),
    Column("line", Text, nullable=False),
    Index("run_log_by_run", "run", "seq"),
)

layers: Final = Table(
    "layers",
    metadata,
    Column("layer", Address, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("by", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Float, nullable=False),
)
"""What layers of private settings say; the newest version is in force."""

sealed: Final = Table(
    "sealed",
    metadata,
    Column("identity", String, primary_key=True),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
)
"""What was made of them for envers, by keyed digest."""

keys: Final = Table(
    "keys",
    metadata,
    Column("purpose", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master", String, nullable=False),
    Column("at", Float, nullable=False),
)
"""Each wrapped by a master key that is kept elsewhere."""

credentials: Final = Table(
    "credentials",
    metadata,
    Column("name", String, primary_key=True),
    Column("key", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
)
"""As whom odmd is known elsewhere, by the name of the place."""
deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("seq", BigSerial, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("repository", String, nullable=False),
    Column("repository_id", BigInteger),
    Column("pull_request", BigInteger),
    Column("at", Float, nullable=False),
    Column("handled", Integer, nullable=False, server_default="0"),
    Index("deliveries_by_age", "at"),
)
"""Webhooks, each once: which way they point, and nothing else of them."""
Index("deliveries_pending", deliveries.c.seq, sqlite_where=text("handled = 0"), postgresql_where=text("handled = 0"))
pulls: Final = Table(
    "pulls",
    metadata,
    Column("repository", String, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("clones", String, nullable=False),
    Column("head", String, nullable=False),
    Column("newest", BigInteger, nullable=False),
    Column("ended", String, nullable=False),
    Column("declined", Integer, nullable=False),
)
"""What is remembered of pull requests on services, beside the log: what is done for one is in it."""
Index("pulls_with_clones", pulls.c.clones, sqlite_where=text("clones <> ''"), postgresql_where=text("clones <> ''"))
answered_comments: Final = Table(
    "answered_comments",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
)
"""Comments in which somebody asked for something, by the number that their host gave them: each is answered once."""
last_looks: Final = Table(
    "last_looks",
    metadata,
    Column("enver", Address, primary_key=True),
    Column("body", Text, nullable=False),
)
"""When somebody looked last whether an enver is as it was deployed, beside the log: what was found is in it."""

subscribers: Final = Table(
    "subscribers",
    metadata,
    Column("name", Address, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("alive", Float, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    Column("since", Float, nullable=False, server_default="0"),
    Column("missed", BigInteger, nullable=False, server_default="0"),
)
"""Durable ones, and the last event that each handled."""
