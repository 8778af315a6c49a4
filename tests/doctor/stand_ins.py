"""Stand-ins for what lies outside: a Tripletex behind real TLS, and a proxy on the way to it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LIVE = ("tripletex.no", "api-test.tripletex.tech")
ISSUER = "Throw-away Certificates"
ENVELOPE = b'{"status":401,"code":3000,"message":"Unauthorized","validationMessages":null,"requestId":"r"}'


class Certificates:
    """An authority of its own, and a certificate for loopback and for both live names.

    Attributes:
        authority: The file that a client must trust.
        server: The file with certificate and key.
    """

    def __init__(self, folder: Path) -> None:
        self.authority, self.server = folder / "authority.pem", folder / "server.pem"
        now = datetime.now(UTC)
        key, authority_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        issuer = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, ISSUER)])

        def certificate(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
            return (
                x509.CertificateBuilder()
                .subject_name(subject)
                .issuer_name(issuer)
                .public_key(public)
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - timedelta(days=1))
                .not_valid_after(now + timedelta(days=1))
            )

        root = (
            certificate(issuer, authority_key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(authority_key, hashes.SHA256())
        )
        names: list[x509.GeneralName] = [x509.IPAddress(ip_address("127.0.0.1"))]
        names += [x509.DNSName(name) for name in ("localhost", *LIVE)]
        leaf = (
            certificate(x509.Name([]), key.public_key())
            .add_extension(x509.SubjectAlternativeName(names), critical=True)
            .sign(authority_key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        self.authority.write_bytes(root.public_bytes(pem))
        self.server.write_bytes(
            leaf.public_bytes(pem)
            + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )


class Stranger:
    """Answers as Tripletex answers one whom it does not know, over TLS, and remembers what it was sent.

    Attributes:
        ahead: How far its clock is ahead.
        status: Of every answer.
        body: Of every answer.
        received: Every request, head and all.
    """

    def __init__(self, certificates: Certificates) -> None:
        self.ahead = timedelta()
        self.status = 401
        self.body = ENVELOPE
        self.received: list[str] = []
        self._certificates = certificates

    @contextmanager
    def serve(self) -> Iterator[int]:
        """Serve on loopback; gives the port."""
        with _Server(("127.0.0.1", 0), self._handler()) as server:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificates.server)
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield server.server_port
            finally:
                server.shutdown()
                thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stranger = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5

            def do_GET(self) -> None:
                stranger.received.append(f"{self.requestline}\n{self.headers}")
                self.send_response_only(stranger.status)
                self.send_header("Date", format_datetime(datetime.now(UTC) + stranger.ahead, usegmt=True))
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(stranger.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(stranger.body)

            do_HEAD = do_GET  # noqa: N815 - http.server looks for this name

            def log_message(self, *_: object) -> None: ...

        return Handler


class _Server(ThreadingHTTPServer):
    """Says nothing when a client refuses its certificate: that is what some tests are about."""

    def handle_error(self, *_: object) -> None: ...


class Tunnels:
    """A proxy that leads every tunnel to one port on loopback, wherever it should have led.

    Attributes:
        asked: The head of every request.
    """

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        self._port = port

    @contextmanager
    def serve(self) -> Iterator[int]:
        """Serve on loopback; gives the port."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
            yield listener.getsockname()[1]
            listener.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (piece := client.recv(4096)):
                return
            head += piece
        self.asked.append(head.decode())
        server = socket.create_connection(("127.0.0.1", self._port))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=_carry, args=(source, target), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError), source, target:
        while piece := source.recv(65536):
            target.sendall(piece)
