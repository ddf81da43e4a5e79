"""Cars: what they are, the state that each is in, and who may move it."""
