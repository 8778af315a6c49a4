"""Replacing the key of configs, going back to the previous one, and dropping that."""
