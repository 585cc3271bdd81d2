"""What carries out the effects that were committed: DBOS in the store's own database, or one thread in memory."""
