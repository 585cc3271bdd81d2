"""What packages have in common: each version is one content, put where it is published once, by whoever is first."""
