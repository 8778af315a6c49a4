"""What a report may not tell, and what it must go on telling."""

import getpass
import socket

from tests.keys import ZERO_UUID, make_key
from tests.support.rows import every_row
from wizard.doctor import Fact, Observation, Part
from wizard.doctor.local import Discretion
from wizard.doctor.network import shown_proxy
from wizard.findings import Term, codes
from wizard.text import Texts

KARI = Discretion(["/home/kari.nordmann/", "/srv/homes/kari"], ["kari.nordmann", "kari"], ["regnskap01"])


@every_row(
    ("text", "expected"),
    [
        ("/home/kari.nordmann", "~"),
        ("/home/kari.nordmann/.config/x", "~/.config/x"),
        ("/srv/homes/kari/x and /srv/homes/karin", "~/x and /srv/homes/karin"),
        ("/var/spool/kari.nordmann/x", "/var/spool/<user>/x"),
        ("/srv/KARI-finale/x", "/srv/<user>-finale/x"),
        ("regnskap01.firma.example said no", "<host>.firma.example said no"),
        ("nothing to hide in karin and regnskap012", "nothing to hide in karin and regnskap012"),
        ("", ""),
    ],
)
def test_names_are_taken_out(text: str, expected: str) -> None:
    assert KARI.text(text) == expected


def test_what_is_everywhere_stays() -> None:
    root = Discretion(["/root", "/"], ["root"], ["localhost"])

    assert root.text("/root/x is root's on localhost, / too") == "~/x is root's on localhost, / too"


def test_our_own_names_stay_whoever_is_called_so() -> None:
    named_alike = Discretion([], ["tripletex"], ["tripletex-wizard"])

    assert named_alike.text("https://tripletex.no by tripletex") == "https://tripletex.no by <user>"
    assert named_alike.text("/etc/tripletex-wizard/x") == "/etc/tripletex-wizard/x"


def test_without_any_name_everything_stays() -> None:
    assert Discretion([], [""], [""]).text("as it is") == "as it is"


@every_row("key", [make_key().reveal(), ZERO_UUID])
def test_tokens_in_file_names_are_masked(key: str) -> None:
    shown = KARI.text(f"/home/kari.nordmann/{key}.pem")

    assert shown.startswith("~/***")
    assert key not in shown


def test_findings_and_lists_are_told_without_names_too() -> None:
    finding = codes.NOT_CONNECTED.found(
        host="tripletex.no", reason=Term("regnskap01 said no"), request_id="r"
    )
    seen = KARI.observation(
        Observation(
            Part.DEFAULTS,
            {
                Fact.FILES: ("/home/kari.nordmann/x",),
                Fact.AHEAD: 3,
                Fact.TERM: Term("kari"),
                Fact.PROXY: None,
            },
            (finding,),
            (codes.FILE_UNREADABLE.found(path="/home/kari.nordmann/y", reason=7),),
        )
    )

    assert list(seen.facts.values()) == [("~/x",), 3, "<user>", None]
    assert seen.findings[0].message(Texts("en")) == "No connection to Tripletex (<host> said no)."
    assert seen.findings[0].request_id == "r"
    assert seen.notes[0].message(Texts("en")) == "~/y cannot be read: 7."


def test_it_knows_who_and_where_it_is() -> None:
    discretion = Discretion.of({"HOME": "/home/kari", "USER": "kari.n"})
    user, host = getpass.getuser(), socket.gethostname()

    assert discretion.text("/home/kari/kari.n/x") == "~/<user>/x"
    assert user == "root" or user not in discretion.text(f"/run/{user}/x")
    assert host == "localhost" or host not in discretion.text(f"{host} is down").split()


@every_row(
    ("proxy", "expected"),
    [
        (None, None),
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("http://kari:hemmelig@proxy.example:3128/path?x=y", "http://***@proxy.example:3128"),
        ("socks5://[::1]:1080", "socks5://[::1]:1080"),
        ("http://" + make_key().reveal(), "set, but not usable"),
        ("http://proxy.example:port", "set, but not usable"),
        ("http://[proxy", "set, but not usable"),
        ("http:///", "set, but not usable"),
    ],
)
def test_of_a_proxy_only_the_host_is_told(proxy: str | None, expected: str | None) -> None:
    assert shown_proxy(proxy) == expected
