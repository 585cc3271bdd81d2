"""Who decides in the real world: one leader, whoever asks him, and what he sets off."""
