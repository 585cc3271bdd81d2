"""The scheduler's core: messages in, events out, state in between; and the ports to everything outside."""
