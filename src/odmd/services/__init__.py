"""Services that are declared and not written: contracts and apps, as packages that builds name as their source."""
