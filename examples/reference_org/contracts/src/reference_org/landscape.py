"""Who owns the organisation's repositories, and the three places where its envers live."""

from odmd.model import Account, Branch, Repo, Stage, Team

owners = Team("ondemandenv")

networking = Stage("networking", Account("networking", "590183907424"), "us-west-1")
workspace0 = Stage("workspace0", Account("workspace0", "975050243618"), "us-west-1")
workspace1 = Stage("workspace1", Account("workspace1", "590184130740"), "us-west-1")

main, master = Branch("main"), Branch("master")


def repo(name: str) -> Repo:
    """A repository of the organisation on GitHub."""
    return Repo(f"ondemandenv/{name}", owners)
