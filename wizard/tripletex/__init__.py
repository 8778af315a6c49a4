"""A client for the Tripletex API.

``Tripletex`` logs on, ``Session`` makes requests, and every failure is a ``TripletexError``.

Names are imported when they are first used, so that code which only shows results does not import httpx.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wizard.tripletex.calls import Call
    from wizard.tripletex.client import Tripletex
    from wizard.tripletex.errors import (
        NotTripletex,
        RateLimited,
        Refused,
        ServerTrouble,
        TripletexError,
        Unintelligible,
        Unreachable,
    )
    from wizard.tripletex.models import Client, Company, WhoAmI
    from wizard.tripletex.session import Session
    from wizard.tripletex.transport import Timeouts

__all__ = [
    "Call",
    "Client",
    "Company",
    "NotTripletex",
    "RateLimited",
    "Refused",
    "ServerTrouble",
    "Session",
    "Timeouts",
    "Tripletex",
    "TripletexError",
    "Unintelligible",
    "Unreachable",
    "WhoAmI",
]

_MODULES: Final = {
    "calls": ["Call"],
    "client": ["Tripletex"],
    "errors": [
        "NotTripletex",
        "RateLimited",
        "Refused",
        "ServerTrouble",
        "TripletexError",
        "Unintelligible",
        "Unreachable",
    ],
    "models": ["Client", "Company", "WhoAmI"],
    "session": ["Session"],
    "transport": ["Timeouts"],
}
_HOMES: Final = {name: module for module, names in _MODULES.items() for name in names}

# httpx imports click, rich and pygments for its command line, which takes half of its import time.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None makes the import fail


def __getattr__(name: str) -> object:
    """Import a name from its module when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
