"""Git repositories: heads asked of the remote, trees through a local cache."""
