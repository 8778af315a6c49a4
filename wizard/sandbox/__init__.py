"""A small imitation of Tripletex on a loopback address, for demonstrations and tests.

It is based only on public facts about Tripletex and shares no code with the client, so that they cannot have
the same bugs. All its tokens contain a zero UUID, so that they are valid nowhere else.

    sandbox = Sandbox(behaviour=Behaviour(post_refused=NO_SUCH_PATH))
    with sandbox.serve() as base_url:
        ...
"""

from wizard.sandbox.front import Sandbox
from wizard.sandbox.logon import Behaviour
from wizard.sandbox.world import DemoKey, DemoWorld

__all__ = ["Behaviour", "DemoKey", "DemoWorld", "Sandbox"]
