"""What carries out the effects that were committed: DBOS on the store's own file, or one thread in memory."""
