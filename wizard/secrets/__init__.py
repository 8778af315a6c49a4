"""Stores and reads tokens.

A config contains no token, only a reference to one. ``Resolver`` reads all four kinds of references;
``KeyringStore``, ``FileStore`` and ``CommandStore`` are the stores that the wizard can write to.
"""
