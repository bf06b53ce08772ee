"""Replacements for files, directories and inherited descriptors in the oracle.

Twisted opens certificate files, lists directories and reads LISTEN_FDS while it
parses. The answer must not depend on the machine that runs the oracle. So every
path is a readable file with a certificate and its key, every directory exists
and is empty, and every descriptor was inherited. Nothing is read from the disk,
and no socket is opened.
"""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.python.filepath import FilePath


def _certificate_with_key() -> bytes:
    """Creates a temporary self-signed certificate and its key, both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "assumed.test")])
    start = datetime.datetime(2020, 1, 1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=365 * 100))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


_PEM = _certificate_with_key()


class AssumedFile(FilePath):
    """A `FilePath` that always exists, both as a PEM file and as an empty directory."""

    def getContent(self, *arguments, **keywords):
        return _PEM

    def children(self):
        return []

    def walk(self, *arguments, **keywords):
        return iter(())


class _EveryIndex:
    """The list of inherited descriptors: index N exists and is descriptor 3 + N."""

    def __getitem__(self, index: int) -> int:
        return 3 + index


class _EveryName:
    """The named descriptors: every name exists, with an arbitrary number."""

    def __getitem__(self, name: str) -> int:
        return 3


class AssumedDescriptors:
    """Replaces `twisted.python.systemd.ListenFDs`."""

    def inheritedDescriptors(self) -> _EveryIndex:
        return _EveryIndex()

    def inheritedNamedDescriptors(self) -> _EveryName:
        return _EveryName()
