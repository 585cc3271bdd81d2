"""Private config: documents in layers, merged for one enver, proven against the schema that its contract has. Pure."""
