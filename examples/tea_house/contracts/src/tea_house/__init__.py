"""The tea house as an organisation: its account, its stage, and its services wired together."""

from odmd.model import Account, Branch, Organisation, Stage
from tea_house.services import Menu, Prices, Site, Tea, TeaImage

__version__ = "0.1.0"

workloads = Account("workloads", "111122223333")
dev = Stage("dev", workloads, "us-west-1")
main = Branch("main")

image = TeaImage(on=main, at=dev)
prices = Prices(on=main, at=dev, commands=("./say",))
tea = Tea(on=main, at=dev, app=image.app, pot=prices.pot, cluster_name="tea", stuck_seconds=5)
menu = Menu(on=main, at=dev, package_name="@tea-house/menu", registry="http://localhost:4873/")
site = Site(on=main, at=dev, menu=menu.package, tea=tea.inside)

organisation = Organisation("tea-house", central=workloads, envers=[image, prices, tea, menu, site])
