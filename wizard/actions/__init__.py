"""The verbs: set up, rotate, validate. They join flow, config, secrets and Tripletex, and never print."""
