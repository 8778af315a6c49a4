"""The checks are tried on the same stage as the client."""

from tests.tripletex.conftest import plain_network, serve, stage

__all__ = ["plain_network", "serve", "stage"]
