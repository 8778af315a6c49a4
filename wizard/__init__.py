"""Sets up, proves and rotates the Tripletex API key that Visma Finale reads its figures with."""

__version__ = "0.1.0"
