"""The first-time set-up: its table of steps, its state, and what it writes."""
