"""Who may do what in AWS, derived from the contracts: roles, their statements, and the lines that these come from."""
