"""What a secret looks like: in the forms that programs print one in, and by itself, whoever's it is."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast
from urllib.parse import quote, quote_plus, unquote, urlsplit

SHORTEST: Final = 8
"""Shorter ones are words that are said for other reasons too."""
LONGEST: Final = 16_384
"""No secret is longer, and each costs at every line."""
_NAME: Final = re.compile(
    r"SECRET|TOKEN|PASSW(OR)?D|PASSPHRASE|CREDENTIAL|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY$", re.IGNORECASE
)
_KEY: Final = "PRIVATE KEY-----"
_NAMED: Final = r"(?:password|passwd|pwd|passphrase|secret|token|(?:api|access|private)[_-]?key|credentials?)"
_PLACEHOLDER: Final = r"(?:(?:none|null|true|false|undefined)\b|[*$<{%\[(]|arn:|sha256:)"
"""Stands where a secret would, and is none."""

SHAPES: Final = re.compile(
    rf"""(?P<head>
        (?i:\bauthorization\\*["']?\s*[:=]\s*\\*["']?[a-z]+\s+)(?=\S)
        | \b(?i:bearer|basic)\s+(?=\S{{8}})(?=\S*(?:[0-9=]|[a-z][A-Z]))
        | ://[^\s/:@]*:(?=[^\s/@]+@)
        | (?i:{_NAMED}["']?\s*=\s*["']?)(?!(?i:{_PLACEHOLDER})|=)(?=[^\s"',;&)])
        | (?i:{_NAMED}\\*["']\s*:\s*\\*["'])(?!(?i:{_PLACEHOLDER}))(?=[^\s"'])
        | (?i:{_NAMED}:\s+)(?!(?i:{_PLACEHOLDER}))(?=[^\s:,;]{{8,}}(?:$|\s))(?=[^\s0-9]*[0-9])
        | :_auth\s*=\s*(?=\S)
        | (?:(?<=[?&])sig|X-Amz-Signature)=(?=[\w%+/-]{{8}})
        | (?i:\bmachine\s+\S{{1,200}}\s+login\s+\S{{1,200}}\s+password\s+)(?=\S)
        | (?i:(?<![\w-])--?[\w-]{{0,40}}{_NAMED}\s+)(?![-*$<{{])(?=\S{{4}})
    )(?P<value>(?<=["'])(?:\\(?!["'])[^\n]|[^"'\\\n])+|(?<=/)\S+|(?:(?!\\["'])[^\s"',;&@])+)
    | \bodmd_[0-9a-f]{{12}}_[\w-]{{43}}
    | \bgh[oprsu]_[\w-]{{4,}}(?:\.[\w-]+)* | \bgithub_pat_\w{{20,}} | \bgl[a-z]{{2,6}}-[\w-]{{16,}}(?:\.[\w-]+)*
    | \b(?:AKIA|ASIA)[A-Z0-9]{{16}}\b(?:[\s"',:;|]{{1,5}}[A-Za-z0-9/+]{{40}}(?![A-Za-z0-9/+]))?
    | (?<=://)(?=[^\s/:@]{{0,200}}[0-9])[^\s/:@]{{10,200}}(?=@)
    | \b[srp]k_(?:live|test)_[A-Za-z0-9]{{8,}} | \bwhsec_[A-Za-z0-9+/=]{{16,}} | \bsk-[\w-]{{20,}}
    | \bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{{8,}} | \bxapp-[A-Za-z0-9-]{{8,}} | hooks\.slack\.com/services/[\w/]+
    | \bnpm_[A-Za-z0-9]{{30,}} | \bpypi-[\w-]{{30,}} | \bAIza[\w-]{{35}} | \bhv[sbr]\.[\w-]{{20,}}
    | \bya29\.[\w-]{{20,}} | \bGOCSPX-[\w-]{{20,}} | \bSG\.[\w-]{{16,40}}\.[\w-]{{16,}} | \bhf_[A-Za-z0-9]{{30,}}
    | \bdckr_[a-z]{{3}}_[\w-]{{20,}} | \bdo[a-z]_v1_[0-9a-f]{{40,}} | \bAGE-SECRET-KEY-1[A-Z0-9]{{40,}}
    | \beyJ[\w-]{{8,1500}}\.[\w-]+(?:\.[\w-]*){{1,3}}
    | \bLS0tLS1CRUdJTi[A-Za-z0-9+/=_-]+""",
    re.VERBOSE,
)
"""A `value` after its name, or one that is known by its beginning."""


def secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """Those of an environment: what has the name or form of one, what such a document holds, passwords in URLs."""
    for name, text in environment.items():
        if _NAME.search(name) or _KEY in text:
            yield text
            yield from _leaves(text)
        if "://" in text:
            yield from _password(text)


def forms(secret: str) -> Iterator[str]:
    """All that a program may make of a secret before it prints it; of several lines, each is one as well."""
    secret = secret.strip()
    if not SHORTEST <= len(secret) <= LONGEST:
        return
    for text in (secret, *(line.strip() for line in secret.splitlines())):
        if len(text) >= SHORTEST:
            yield from _escaped(text)
    raw = secret.encode("utf-8", "surrogatepass")
    for data in {raw, raw + b"\n"}:
        yield from _in_base64(data)
    yield from (raw.hex(), raw.hex().upper())


def flat(text: str) -> str:
    """Without the ends of lines: a secret may be broken anywhere."""
    return text.translate(_NO_ENDS)


_NO_ENDS: Final = {ord(end): None for end in "\r\n"}


def _escaped(text: str) -> Iterator[str]:
    yield text
    for only_ascii in (True, False):
        once = json.dumps(text, ensure_ascii=only_ascii)[1:-1]
        yield from (once, once.replace("/", "\\/"), json.dumps(once, ensure_ascii=only_ascii)[1:-1])
    yield from (repr(text)[1:-1], ascii(text)[1:-1], html.escape(text))
    for safe in ("", "/"):
        for quoted in (quote(text, safe, errors="replace"), quote_plus(text, safe, errors="replace")):
            yield quoted
            yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)


def _in_base64(data: bytes) -> Iterator[str]:
    """Wherever it stands in what was encoded: of each alignment, the characters that depend on it alone."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + data).decode()
        first, last = (before * 8 + 5) // 6, (before + len(data)) * 8 // 6
        if last - first >= SHORTEST:
            yield whole[first:last]
            yield whole[first:last].replace("+", "-").replace("/", "_")


def _leaves(text: str) -> Iterator[str]:
    if not text.lstrip().startswith(("{", "[")):
        return
    try:
        found: list[object] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    for one in found:
        match one:
            case str():
                yield one
            case dict():
                found += cast("dict[str, object]", one).values()
            case list():
                found += cast("list[object]", one)
            case _:
                pass


def _password(text: str) -> Iterable[str]:
    try:
        password = urlsplit(text).password
    except ValueError:
        return ()
    return {password, unquote(password)} if password else ()
