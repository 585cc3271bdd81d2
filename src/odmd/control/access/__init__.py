"""Who may speak with a server: tokens, and the secrets of claims."""
