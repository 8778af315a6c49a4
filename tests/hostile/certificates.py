"""Certificates of a throw-away authority, good ones and bad ones."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_PEM = serialization.Encoding.PEM
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """Who vouches for servers.

    Attributes:
        folder: Where its files are put.
        path: The file that a client must trust.
    """

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def path(self) -> Path:
        return self.folder / "authority.pem"

    def context(self, *names: str, days: int = 1) -> ssl.SSLContext:
        """Return what a server needs to show a certificate for some names that ends in some days."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        listed = x509.SubjectAlternativeName([_general(name) for name in names])
        made = _builder("a server", self.certificate.subject, key, now - 3 * _DAY, now + days * _DAY)
        signed = made.add_extension(listed, critical=False).sign(self.key, hashes.SHA256())
        plain = serialization.NoEncryption()
        pair = self.folder / f"{'-'.join(names)}{days}.pem"
        pair.write_bytes(
            signed.public_bytes(_PEM) + key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, plain)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        return context


def authority(folder: Path) -> Authority:
    """Make an authority that nobody knows, and put its certificate into a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody knows it")])
    made = _builder("nobody knows it", name, key, now - 3 * _DAY, now + _DAY)
    certificate = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(
        key, hashes.SHA256()
    )
    made_by = Authority(folder, key, certificate)
    made_by.path.write_bytes(certificate.public_bytes(_PEM))
    return made_by


def _builder(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
