//! Laws of PEM files: blocks that are written are read, and no message contains a part of a key.

use std::fmt::Write as _;
use std::path::Path;

use endpoint_runtime::CertificateDetails;
use endpoint_runtime::fuzzing::{Pem, read_pem};

/// Checks the law. The bytes are a whole file, and also the content of blocks in another file.
pub fn holds(input: &[u8]) {
    any_file(input);
    written(input);
    if let Some(details) = CertificateDetails::parse(input) {
        assert!(CertificateDetails::parse(&input[..input.len() - 1]).is_none(), "{details:?}");
    }
}

/// A file is read or refused. The message about a refusal has one line, and no text from a block.
fn any_file(input: &[u8]) {
    match read_pem(Path::new("a.pem"), input) {
        Ok(pem) => {
            let begins =
                |name: &str| input.windows(name.len()).filter(|it| *it == name.as_bytes()).count();
            assert!(pem.certificates.len() <= begins("-----BEGIN CERTIFICATE-----"));
            assert!(pem.keys <= begins("PRIVATE KEY-----"));
        }
        Err(message) => {
            assert!(!message.contains(char::is_control), "{message:?}");
            // A block contains Base64. A long match means that a part of the file is in the
            // message.
            let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
            let mut contents = input.windows(64).filter(|it| it.iter().all(is_base64));
            let shown = contents.any(|it| message.as_bytes().windows(64).any(|at| at == it));
            assert!(!shown, "a part of the file is shown: {message}");
        }
    }
}

/// Blocks with several labels, whose content is the input, with other text between them, are read
/// back.
fn written(input: &[u8]) {
    let [choice, content @ ..] = input else { return };
    let end = if choice & 1 == 0 { "\n" } else { "\r\n" };
    let width = [64, 76, 4, 1000][usize::from(choice >> 1 & 3)];
    let mut text = if choice & 8 == 0 { String::new() } else { format!("a comment{end}") };
    let (mut certificates, mut keys) = (Vec::new(), 0);
    for (at, part) in content.chunks(content.len().div_ceil(3).max(1)).enumerate() {
        let label = match usize::from(choice >> 4) + at {
            number if number % 3 == 0 => "PRIVATE KEY",
            number if number % 5 == 0 => "X509 CRL",
            _ => "CERTIFICATE",
        };
        match label {
            "CERTIFICATE" => certificates.push(part.to_vec()),
            "PRIVATE KEY" => keys += 1,
            _ => {}
        }
        let _ = write!(text, "-----BEGIN {label}-----{end}");
        for line in base64(part).as_bytes().chunks(width) {
            text.push_str(std::str::from_utf8(line).expect("Base64"));
            text.push_str(end);
        }
        let _ = write!(text, "-----END {label}-----{end}");
        if choice & 8 != 0 {
            let _ = write!(text, "subject: between{end}{end}");
        }
    }
    if certificates.is_empty() && keys == 0 {
        return;
    }
    let expected = Pem { certificates, keys };
    assert_eq!(read_pem(Path::new("a.pem"), text.as_bytes()), Ok(expected), "{text}");
}

/// Returns files of every shape, and content of blocks with every length that matters.
pub fn samples() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for choice in 0..=255_u8 {
        for length in [1, 2, 3, 9, 100] {
            all.push([vec![choice], (1..=length).collect()].concat());
        }
    }
    let key = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
    for (begin, middle, end) in [
        ("-----BEGIN PRIVATE KEY-----", "\n", "-----END PRIVATE KEY-----"),
        ("-----BEGIN PRIVATE KEY-----", "\n", ""),
        ("-----BEGIN PRIVATE KEY-----", "", "-----END PRIVATE KEY-----"),
        ("-----BEGIN PRIVATE KEY----", "\n", "-----END PRIVATE KEY-----"),
        ("-----BEGIN PRIVATE KEY", "\n", "-----END PRIVATE KEY-----"),
        ("-----BEGIN PRIVATE KEY-----", "\n", "-----END CERTIFICATE-----"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "\n", "-----END ENCRYPTED PRIVATE KEY-----"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED",
            "\n\n",
            "-----END RSA PRIVATE KEY-----",
        ),
        ("-----BEGIN CERTIFICATE-----", "\n!", "-----END CERTIFICATE-----"),
        ("\u{feff}-----BEGIN CERTIFICATE-----", "\r\n", "-----END CERTIFICATE-----"),
        ("-----BEGIN DH PARAMETERS-----", "\n", "-----END DH PARAMETERS-----"),
        ("-----BEGIN ", "", "-----"),
    ] {
        all.push(format!("{begin}{middle}{key}{middle}{end}\n").into_bytes());
        all.push(format!("{begin}{middle}{key}{middle}{end}\n").repeat(2).into_bytes());
    }
    all
}

/// Encodes bytes in Base64, as RFC 4648, section 4 specifies it.
fn base64(bytes: &[u8]) -> String {
    crate::model::tunnel::base64(bytes)
}
