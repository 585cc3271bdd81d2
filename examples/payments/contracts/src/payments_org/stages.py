"""Who there is, where things live, and how a revision gets from one stage to the next."""

from odmd.model import Account, Branch, Enver, Promoted, Revision, Stage, Team

platform_team = Team("platform", contacts=("#platform",))
payments_team = Team("payments", contacts=("#payments", "payments@acme.example"))
shop_team = Team("shop", contacts=("#shop",))

# Each stage has an account and a network of its own; none consumes from another one.
dev = Stage("dev", Account("dev", "111122223333"), "us-west-1", reaches=())
test = Stage("test", Account("test", "222233334444"), "us-west-1", reaches=())
prod = Stage("prod", Account("prod", "333344445555"), "us-west-1", reaches=())


def revision(at: Stage, before: Enver | None) -> Revision:
    """Main in dev, then what ran in the stage before; in prod once the team that owns it has approved."""
    if before is None:
        return Branch("main")
    return Promoted(before, by=before.build.made_of.team if at is prod else None)
