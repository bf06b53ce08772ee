//! The page on the lint `certificate-name-mismatch`.

use super::page::Page;
use crate::Code;

pub(super) const PAGE: Page = Page {
    code: Code::CertificateNameMismatch,
    doc: r"
A certificate that is not for the name that is verified.

There are three cases. A client trusts only self-signed certificates, and none of them is for the
verified name. A client connects to a listener in the same tree, whose certificate is not for that
name. A server has a certificate without a subject alternative name: the name in the subject no
longer counts.

    tls:b.example.com:443:trustRoots=/etc/tls/a.example.com.pem

Verify a name in the certificate, or get a certificate for this name:

    tls:a.example.com:443:trustRoots=/etc/tls/a.example.com.pem

Reference: RFC 9525, section 6.
",
};
