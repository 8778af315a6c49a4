"""The Tripletex client, and the checks built on it.

``Tripletex`` talks, ``Examination`` finds out about one key, ``check`` proves a config. Wrong keys and
missing rights are findings; what keeps an answer from coming is a ``TripletexError``.
"""

from wizard.tripletex.calls import Call
from wizard.tripletex.checks import CheckId, CheckResult, Wanted, check
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
from wizard.tripletex.examination import Examination, LoggedOn, check_key
from wizard.tripletex.judgement import judge
from wizard.tripletex.models import Client, Company, KeyFacts, WhoAmI
from wizard.tripletex.session import Session
from wizard.tripletex.wire import Timeouts

__all__ = [
    "Call",
    "CheckId",
    "CheckResult",
    "Client",
    "Company",
    "Examination",
    "KeyFacts",
    "LoggedOn",
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
    "Wanted",
    "WhoAmI",
    "check",
    "check_key",
    "judge",
]
