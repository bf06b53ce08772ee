"""Temporary certificates for the interop checks."""

import datetime
import ipaddress
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


class Files:
    """The paths of a certificate, its key, and a file with both."""

    def __init__(self, directory, name, certificate, key):
        def write(end, text):
            path = os.path.join(directory, name + end)
            with open(path, "wb") as file:
                file.write(text)
            return path

        pem = certificate.public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.cert, self.key, self.both = write(".crt", pem), write(".key", secret), write(".both", secret + pem)
        self.certificate = certificate

    @property
    def expired_on(self):
        """The end of its validity, in the format of our messages."""
        return self.certificate.not_valid_after_utc.strftime("%Y-%m-%d %H:%M:%S UTC")


def common_name(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """An authority below `above`, or a root, that writes what it issues to files in one directory."""

    def __init__(self, directory, name, above=None):
        self.directory, self.name = directory, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.start(name, above.name if above else name, self.key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        ).add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False
        )
        signer = above.key if above else self.key
        self.files = Files(directory, name, certificate.sign(signer, hashes.SHA256()), self.key)

    @property
    def cert(self):
        return self.files.cert

    def start(self, name, issuer, key, begins=NOW - DAY, ends=NOW + 2 * DAY):
        return (
            x509.CertificateBuilder()
            .subject_name(common_name(name))
            .issuer_name(common_name(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
        )

    def issue(self, file, *names, usages=(SERVER, CLIENT), begins=None, ends=NOW + 2 * DAY, self_signed=False):
        """Issues a certificate for names and addresses; the first is its subject, `file` its file name."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer, signer = (names[0], key) if self_signed else (self.name, self.key)

        def alternative(name):
            try:
                return x509.IPAddress(ipaddress.ip_address(name))
            except ValueError:
                return x509.DNSName(name)

        certificate = self.start(names[0], issuer, key, begins or min(NOW, ends) - 3 * DAY, ends)
        certificate = certificate.add_extension(
            x509.SubjectAlternativeName([alternative(name) for name in names]), critical=False
        ).add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        certificate = certificate.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        return Files(self.directory, file, certificate.sign(signer, hashes.SHA256()), key)
