"""Checks keys and configs against Tripletex.

``probe`` queries Tripletex about one key, ``setup`` runs the checks of a config, and ``errors`` turns
errors of the API client into findings.
"""
