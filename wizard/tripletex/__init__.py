"""A client for the Tripletex API.

``Tripletex`` logs on, ``Session`` makes requests, and every failure is a ``TripletexError``.
"""

import sys

# httpx imports click, rich and pygments for its command line, which takes half of its import time.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None makes the import fail
