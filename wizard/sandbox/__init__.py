"""A small, faithful Tripletex on loopback, for demonstrations and tests.

It is written from public facts about Tripletex alone and shares no code with the client, so that the two
cannot share a mistake. Every token in it is made of a zero UUID and opens nothing anywhere.

    sandbox = Sandbox(behaviour=Behaviour(post_refused=NO_SUCH_PATH))
    with sandbox.serve() as base_url:
        ...
    assert sandbox.requests[0].call == "POST /token/session/:create"
"""

from wizard.sandbox.behaviour import Behaviour
from wizard.sandbox.clock import OSLO, Clock
from wizard.sandbox.demo import DemoWorld, demo_world, world_with_clients
from wizard.sandbox.faults import Fault
from wizard.sandbox.recorder import RecordedRequest
from wizard.sandbox.refusals import (
    BAD_CONSUMER_TOKEN,
    BAD_EMPLOYEE_TOKEN,
    COMPANY_OWNED_SENTENCE,
    FORBIDDEN,
    METHOD_NOT_ALLOWED,
    NO_SUCH_PATH,
    UNAUTHORIZED,
    WRONG_METHOD,
    Complaint,
    Refusal,
    company_owned,
)
from wizard.sandbox.sandbox import Sandbox
from wizard.sandbox.server import NotLoopbackError
from wizard.sandbox.sessions import Session
from wizard.sandbox.tokens import demo_token
from wizard.sandbox.world import Application, Company, DemoKey, World

__all__ = [
    "BAD_CONSUMER_TOKEN",
    "BAD_EMPLOYEE_TOKEN",
    "COMPANY_OWNED_SENTENCE",
    "FORBIDDEN",
    "METHOD_NOT_ALLOWED",
    "NO_SUCH_PATH",
    "OSLO",
    "UNAUTHORIZED",
    "WRONG_METHOD",
    "Application",
    "Behaviour",
    "Clock",
    "Company",
    "Complaint",
    "DemoKey",
    "DemoWorld",
    "Fault",
    "NotLoopbackError",
    "RecordedRequest",
    "Refusal",
    "Sandbox",
    "Session",
    "World",
    "company_owned",
    "demo_token",
    "demo_world",
    "world_with_clients",
]
