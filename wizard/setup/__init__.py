"""The set-up: its steps, its state, and writing the config."""
