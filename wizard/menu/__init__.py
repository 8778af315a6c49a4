"""The start menu: the third table of the walk engine."""
