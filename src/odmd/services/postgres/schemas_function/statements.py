"""What makes a client's schema and its users what they should be, and takes them away: SQL, one statement each.

Said of what is there already, so that it may be said again, and after whatever half of it was done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

USERS = ("migrate", "app", "readonly")
_RIGHTS = {
    "app": ("SELECT, INSERT, UPDATE, DELETE", "USAGE, SELECT"),
    "readonly": ("SELECT", "SELECT"),
}
_CONNECTIONS = {"migrate": 2, "app": 100, "readonly": 20}


def user(schema: str, kind: str) -> str:
    """What a user is called, or with kind `owner` who owns the schema."""
    return f"{schema}_{kind}"


def names(schema: str) -> list[str]:
    """All roles of a schema."""
    return [user(schema, kind) for kind in ("owner", *USERS)]


def made(schema: str, database: str, master: str, roles: Collection[str], *, is_there: bool) -> Iterator[str]:
    """Statements for one transaction.

    Args:
        roles: those that are there.
        is_there: whether the schema is.
    """
    owner, name = _quoted(user(schema, "owner")), _quoted(schema)
    if user(schema, "owner") not in roles:
        yield f"CREATE ROLE {owner} NOLOGIN"
    yield f"GRANT {owner} TO {_quoted(master)} WITH INHERIT TRUE, SET TRUE"
    if not is_there:
        yield f"GRANT CREATE ON DATABASE {_quoted(database)} TO {owner}"
        yield f"CREATE SCHEMA {name} AUTHORIZATION {owner}"
        yield f"REVOKE CREATE ON DATABASE {_quoted(database)} FROM {owner}"
    yield f"REVOKE ALL ON SCHEMA {name} FROM PUBLIC"
    for kind in USERS:
        yield from _made_user(schema, database, kind, is_there=user(schema, kind) in roles)


def _made_user(schema: str, database: str, kind: str, *, is_there: bool) -> Iterator[str]:
    owner, name, who = _quoted(user(schema, "owner")), _quoted(schema), _quoted(user(schema, kind))
    verb = "ALTER" if is_there else "CREATE"
    yield f"{verb} ROLE {who} LOGIN NOCREATEDB NOCREATEROLE CONNECTION LIMIT {_CONNECTIONS[kind]}"
    yield f"GRANT rds_iam TO {who}"
    yield f"GRANT CONNECT ON DATABASE {_quoted(database)} TO {who}"
    yield f"ALTER ROLE {who} SET search_path = {name}"
    if kind == "migrate":
        yield f"GRANT {owner} TO {who} WITH INHERIT TRUE, SET TRUE"
        yield f"ALTER ROLE {who} SET role = {owner}"
        return
    tables, sequences = _RIGHTS[kind]
    yield f"GRANT USAGE ON SCHEMA {name} TO {who}"
    yield f"GRANT {tables} ON ALL TABLES IN SCHEMA {name} TO {who}"
    yield f"GRANT {sequences} ON ALL SEQUENCES IN SCHEMA {name} TO {who}"
    yield f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {name} GRANT {tables} ON TABLES TO {who}"
    yield f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {name} GRANT {sequences} ON SEQUENCES TO {who}"


def dropped(schema: str, master: str, roles: Collection[str], *, is_there: bool) -> Iterator[str]:
    """Statements that take it away, with all that is in it."""
    there = [one for one in names(schema) if one in roles]
    for role in there:
        yield f"GRANT {_quoted(role)} TO {_quoted(master)} WITH INHERIT TRUE, SET TRUE"
    if is_there:
        yield f"DROP SCHEMA {_quoted(schema)} CASCADE"
    for role in reversed(there):
        yield f"DROP OWNED BY {_quoted(role)} CASCADE"
        yield f"DROP ROLE {_quoted(role)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
