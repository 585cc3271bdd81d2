"""Decides what happens, purely: messages in, events out, and the state that follows from them."""
