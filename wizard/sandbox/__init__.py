"""A small, faithful Tripletex on loopback, for demonstrations and tests.

It is written from public facts about Tripletex alone and shares no code with the client, so that the two
cannot share a mistake. Every token in it is made of a zero UUID and opens nothing anywhere.

    sandbox = Sandbox(behaviour=Behaviour(post_refused=NO_SUCH_PATH))
    with sandbox.serve() as base_url:
        ...
"""

from wizard.sandbox.behaviour import Behaviour
from wizard.sandbox.front import Sandbox
from wizard.sandbox.world import DemoKey, DemoWorld

__all__ = ["Behaviour", "DemoKey", "DemoWorld", "Sandbox"]
