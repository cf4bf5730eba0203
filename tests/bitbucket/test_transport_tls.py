"""TLS: certificates are checked, for the name that was called, and a handshake ends in time as well."""

from __future__ import annotations

import datetime as dt
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bitbucket.errors import ConnectionFailed, TimedOut
from bitbucket.messages import Headers, Request
from bitbucket.transport import RequestsTransport
from tests.bitbucket.loopback_server import LoopbackServer, empty

pytestmark = pytest.mark.fault("A2")

NOW = dt.datetime.now(dt.UTC)


def certificate(key, *, name, issuer, issuer_key, is_authority=False, ends=NOW + dt.timedelta(days=1)):
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=30))
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def pem(part):
    if isinstance(part, x509.Certificate):
        return part.public_bytes(serialization.Encoding.PEM)
    formats = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return part.private_bytes(*formats)


@pytest.fixture(scope="module")
def authority():
    key = ec.generate_private_key(ec.SECP256R1())
    return key, certificate(key, name="Test CA", issuer="Test CA", issuer_key=key, is_authority=True)


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    """The test's authority is the only one that is trusted, in place of the bundle that requests uses."""
    bundle = tmp_path / "authorities.pem"
    bundle.write_bytes(pem(authority[1]))
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(bundle))


@pytest.fixture
def serve_tls(authority, tmp_path):
    """`serve_tls(name=…)` starts a server whose certificate is for that name; gives its address and a transport."""
    opened = []

    def start(*, name="localhost", script=empty, **options):
        key = ec.generate_private_key(ec.SECP256R1())
        chain = tmp_path / "server.pem"
        cert = certificate(key, name=name, issuer="Test CA", issuer_key=authority[0], **options)
        chain.write_bytes(pem(key) + pem(cert))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server = LoopbackServer(script, tls=context).__enter__()
        url = server.url.replace("http://127.0.0.1", "https://localhost")
        transport = RequestsTransport([url], wait=lambda seconds: None)
        opened.append((server, transport))
        return url, transport

    yield start
    for server, transport in opened:
        transport.close()
        server.__exit__()


def send(url, transport, deadline_seconds=10.0):
    return transport.send(Request("GET", f"{url}/2.0/user", Headers()), deadline_seconds=deadline_seconds)


@pytest.mark.usefixtures("trusted")
class TestCertificates:
    def test_a_good_one_is_taken_for_the_name_that_was_called(self, serve_tls):
        url, transport = serve_tls(script=lambda exchange: exchange.answer(b"here"))
        assert send(url, transport).body == b"here"
        assert send(url, transport).body == b"here"

    @pytest.mark.parametrize("name", ["evil.example", "127.0.0.1", "*.localhost"])
    def test_one_for_another_name_is_refused(self, serve_tls, name):
        url, transport = serve_tls(name=name)
        with pytest.raises(ConnectionFailed, match="TLS"):
            send(url, transport)

    def test_one_that_has_ended_is_refused(self, serve_tls):
        url, transport = serve_tls(ends=NOW - dt.timedelta(days=1))
        with pytest.raises(ConnectionFailed, match="TLS"):
            send(url, transport)


def test_an_authority_that_nobody_trusts_is_refused(serve_tls):
    url, transport = serve_tls()
    with pytest.raises(ConnectionFailed, match="TLS"):
        send(url, transport)


def test_a_handshake_that_never_comes_ends_at_the_deadline():
    def silent(exchange):
        exchange.hang()

    with LoopbackServer(silent, reads_requests=False) as server:
        url = server.url.replace("http:", "https:")
        with RequestsTransport([url]) as transport, pytest.raises(TimedOut):
            send(url, transport, deadline_seconds=0.2)


@pytest.mark.usefixtures("trusted")
def test_a_drip_inside_tls_does_not_outlast_the_deadline(serve_tls):
    def drip(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        exchange.drip(b"x" * 1000)
        return True

    url, transport = serve_tls(script=drip)
    with pytest.raises(TimedOut):
        send(url, transport, deadline_seconds=0.5)
