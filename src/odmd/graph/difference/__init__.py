"""What changed between two editions of the contracts, and what that means for who runs with the earlier one.

| change | verdict |
|---|---|
| an enver, product, input, config or secret is new | additive: nobody has to move, its producer neither |
| a product goes, and an input that stays behind leads nowhere | breaking |
| a product goes that is used outside the contracts (`external`) | breaking |
| a product goes, and nobody needs it or all lead elsewhere now | removed |
| an enver goes | the worst of its products' |
| an input goes | removed: its own service must not ask for it any more |
| a product's kind becomes a subclass of what it was | additive |
| a product's kind becomes another | breaking; value only if nobody consumes it |
| a product's schema promises its readers less, or asks more of its writers | breaking; unconsumed: value only |
| a product's schema changes otherwise | additive |
| a product is replicated to one region less | breaking if somebody there consumes it, else removed |
| an input leads to another product of its kind whose schema fits | value only, else breaking |
| an input's access is widened | additive; narrowed: breaking |
| an input's mode, gate or placeholder changes | value only |
| an input relies on another schema | additive if what is published fits, else breaking |
| a config's schema asks for more, or something else, than what is configured has | breaking |
| a config's schema has another default, or another name only | value only |
| a config's schema changes otherwise | additive |
| an enver moves to another account or region, or becomes another build type | breaking: it is made anew |
| an enver gets another revision at the same address, repo, folder, team … | value only |
| a branch or tag enver gets another revision | it has another address: one enver goes, one is new |
| the central account changes | breaking: all values are mirrored elsewhere |

What a kind accepts (its pattern) is code, and not compared.
"""

from __future__ import annotations

from odmd.graph.difference.changes import ContractChange, Difference, How, Verdict, What, label
from odmd.graph.difference.compare import difference
from odmd.graph.difference.edition import Edition, edition, with_some_of

__all__ = [
    "ContractChange",
    "Difference",
    "Edition",
    "How",
    "Verdict",
    "What",
    "difference",
    "edition",
    "label",
    "with_some_of",
]
