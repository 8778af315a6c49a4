"""An authority of our own and the certificates it issues."""

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_NAME = "test authority"


class Certificates:
    """Issues to anybody; nobody trusts it unless told to."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "authority.pem"
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._issue(self.authority, _NAME, self._key, x509.BasicConstraints(ca=True, path_length=0))

    @property
    def hashed_name(self) -> str:
        """The file name by which OpenSSL finds the authority in a folder (``X509_NAME_hash``)."""
        # Its canonical form: the name in lower case as UTF8String, without the outermost SEQUENCE.
        der = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(_NAME)]) + _NAME.encode()
        for tag in (0x30, 0x31):
            der = bytes([tag, len(der)]) + der
        digest = hashlib.sha1(der, usedforsecurity=False).digest()
        return f"{int.from_bytes(digest[:4], 'little'):08x}.0"

    def server(self, host: str, *, days: int = 10) -> ssl.SSLContext:
        """Return what a server of that name needs; with negative days its certificate has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.IPAddress(IPv4Address(host)) if host[0].isdigit() else x509.DNSName(host)
        path = self._folder / f"{host}{days}.pem"
        self._issue(path, host, key, x509.SubjectAlternativeName([address]), days=days)
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
            .issuer_name(_name(_NAME))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=20))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(extension, critical=False)
        )
        path.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
