"""ODMD022: an input's access is one that its kind knows."""

from collections.abc import Iterator

from odmd.errors import Diagnostic
from odmd.graph.draft import Draft
from odmd.model.checked import an


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Finds consumers that would write what can only be read."""
    wrong = {form.kind for form in draft.forms if form.access not in draft.kinds[form.kind].accesses}
    for node in draft.nodes if wrong else ():
        for wire in node.wires:
            kind = draft.kinds[wire.kind]
            if wire.access not in kind.accesses:
                known = [str(access) for access in kind.accesses]
                yield Diagnostic(
                    "ODMD022",
                    f"{node.label} would {wire.access} `{wire.name}`, "
                    f"and {an(kind.__name__)} knows {' and '.join(known)} only",
                    wire.place,
                    f"declare the input with access={known[0].upper()}",
                )
