"""The append-only, hash-chained, ordered log of commands, decisions and state changes."""
