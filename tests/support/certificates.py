"""A certificate authority of the tests' own and the server certificates that it issues."""

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ISSUER: Final = "throw-away certificates"


class Authority:
    """Issues a certificate to every server; no client trusts it unless it is told to.

    Attributes:
        path: The file that a client must trust.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "authority.pem"
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._issue(self.path, ISSUER, self._key, x509.BasicConstraints(ca=True, path_length=0))

    @property
    def hashed_name(self) -> str:
        """The file name by which OpenSSL finds the authority in a folder (``X509_NAME_hash``)."""
        # Its canonical form: the name in lower case as UTF8String, without the outermost SEQUENCE.
        der = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(ISSUER)]) + ISSUER.encode()
        for tag in (0x30, 0x31):
            der = bytes([tag, len(der)]) + der
        digest = hashlib.sha1(der, usedforsecurity=False).digest()
        return f"{int.from_bytes(digest[:4], 'little'):08x}.0"

    def context(self, *hosts: str, days: int = 10) -> ssl.SSLContext:
        """Return what a server with these names needs; with negative days its certificate has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        path = self._folder / f"{hosts[0]}{days}.pem"
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        self._issue(path, hosts[0], key, names, days=days)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(path.read_bytes() + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _issue(
        self,
        path: Path,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        extension: x509.ExtensionType,
        *,
        days: int = 10,
    ) -> None:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(ISSUER))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=20))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(extension, critical=False)
        )
        path.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
