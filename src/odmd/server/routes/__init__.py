"""One file a noun: what the API says and takes of it."""
