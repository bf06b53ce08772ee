//! Checks certificates and keys: whether they match, when they expire, and which names they cover.

use core::time::Duration;
use std::path::Path;

use strports_syntax::Code;
use strports_syntax::signature::Purpose;

use super::super::Host;
use super::facts::{CertificateFacts, Others, Pem, Seen, What};
use super::names::ValidFor;
use super::site::{Named, Site};
use super::{DAY, DEFAULT_EXPIRES_WITHIN, Look, QUARTER};
use crate::quoted::Quoted;
use crate::utc_date::UtcDate;

/// The maximum number of certificates that are compared with one another, pair by pair.
///
/// Of more, each one that expires is reported, even if another one replaces it.
const MOST_COMPARED: usize = 1000;

/// A certificate, with the path of the file that contains it.
type Placed<'s> = (&'s Path, &'s CertificateFacts);

impl Look<'_> {
    /// Checks the files of one certificate: its own, that of its key, and that of its chain.
    pub(super) fn identity(&mut self, site: &Site<'_>) {
        // A key without a certificate is never used, so it is not read.
        if !site.has(Purpose::Certificate) {
            return;
        }
        let certificate = site.named(Purpose::Certificate);
        let key = if site.has(Purpose::PrivateKey) {
            site.named(Purpose::PrivateKey)
        } else {
            certificate.clone()
        };
        let in_one = certificate.as_ref().map(|it| &it.path) == key.as_ref().map(|it| &it.path);
        let keys = key.map(|key| (self.seen(&key, Purpose::PrivateKey), key));
        if let Some((seen, key)) = &keys {
            // The permissions of an unusable file do not matter: it may contain no key at all.
            if !matches!(seen.what, What::Unusable(_)) {
                self.readable(key, &key.path, seen.others);
            }
        }
        let certificates = certificate.map(|it| {
            let seen = self.machine.look(&it.path, Purpose::Certificate);
            // If key and certificate are in one file, a missing file is reported only once.
            let is_reported = in_one && !matches!(seen.what, What::Pem(_) | What::Unusable(_));
            if !is_reported {
                self.report(&it, &seen.what, Purpose::Certificate);
            }
            if !in_one && seen.pem().is_some_and(|pem| !pem.keys.is_empty()) {
                self.readable(&it, &it.path, seen.others);
            }
            (seen, it)
        });
        let chain = site.named(Purpose::Chain).map(|it| (self.seen(&it, Purpose::Chain), it));

        let Some((seen, named)) = &certificates else { return };
        let Some(pem) = seen.pem() else { return };
        let keys = keys.as_ref().and_then(|(seen, named)| Some((seen.pem()?, named)));
        let known = keys.map(|(keys, _)| keys).filter(|keys| keys.keys.iter().all(Option::is_some));
        let shown = match known {
            Some(keys) => pem.certificates.iter().find(|it| keys.fits(it)),
            // Without a known public key, the one to present is guessed: usually the first that is
            // not of an authority.
            None => {
                pem.certificates.iter().find(|it| !it.signs_others).or(pem.certificates.first())
            }
        };
        if let (None, Some((_, key))) = (shown, keys) {
            self.mismatch(key, named, pem);
        }
        let Some(shown) = shown else { return };
        self.expiry(named, (&named.path, shown));
        let own = pem.certificates.iter().map(|it| (named, it));
        let further = chain.iter().filter_map(|(seen, named)| Some((seen.pem()?, named)));
        let further =
            further.flat_map(|(pem, named)| pem.certificates.iter().map(move |it| (named, it)));
        for (named, it) in above(shown, own.chain(further).collect()) {
            self.expiry(named, (&named.path, it));
        }
        if site.client().is_none() {
            self.nobody(named, (&named.path, shown));
            self.found.presented = Some(vec![shown.clone()]);
        }
    }

    /// Checks the certificates and keys of a `tls` server, in a directory or a file.
    pub(super) fn identities(&mut self, site: &Site<'_>) {
        if site.parameter(Purpose::Identities).is_none() {
            return;
        }
        // An outer layer of TLS is visited earlier; its certificates are not those of this one.
        self.found.presented = None;
        let Some(named) = site.named(Purpose::Identities) else { return };
        let seen = self.seen(&named, Purpose::Identities);
        let files = self.files(&named, &seen, Purpose::Identities);
        let unknown = files.iter().any(|(_, seen)| matches!(seen.what, What::Unreadable(_)));
        let pems =
            || files.iter().filter_map(|(path, seen)| Some((*path, seen.pem()?, seen.others)));
        let certificates: Vec<Placed<'_>> = pems()
            .flat_map(|(path, pem, _)| pem.certificates.iter().map(move |it| (path, it)))
            .collect();
        let mut shown: Vec<Placed<'_>> = Vec::new();
        for (path, pem, others) in pems().filter(|(_, pem, _)| !pem.keys.is_empty()) {
            self.readable(&named, path, others);
            let before = shown.len();
            shown.extend(certificates.iter().filter(|(_, it)| pem.fits(it)));
            if shown.len() == before && !unknown {
                let (key, all) = (Quoted::new(path), Quoted::new(&named.path));
                let message =
                    format!("the private key in {key} belongs to no certificate in {all}");
                self.push(Code::KeyDoesNotMatchCertificate, named.span, message);
            }
        }
        let is_there = matches!(seen.what, What::Pem(_) | What::Directory(_));
        if shown.is_empty() && is_there && !unknown {
            let all = Quoted::new(&named.path);
            let message = format!("there is no certificate with its key in {all}");
            self.push(Code::UnusableFile, named.span, message);
        }
        for (path, it) in &shown {
            let stands_in = |(_, other): &Placed<'_>| {
                other.not_after > it.not_after && other.not_before <= self.now && other.covers(it)
            };
            // Of several certificates for a name, the server presents the one that is valid
            // longest.
            if shown.len() > MOST_COMPARED || !shown.iter().any(stands_in) {
                self.expiry(&named, (path, it));
            }
            self.nobody(&named, (path, it));
        }
        if is_there && !unknown {
            self.found.presented = Some(shown.into_iter().map(|(_, it)| it.clone()).collect());
        }
    }

    /// Checks the file or the directory of trusted root certificates.
    pub(super) fn authorities(&mut self, site: &Site<'_>) {
        let Some(named) = site.named(Purpose::Authorities) else { return };
        let seen = self.seen(&named, Purpose::Authorities);
        let files = self.files(&named, &seen, Purpose::Authorities);
        if files.iter().any(|(_, seen)| matches!(seen.what, What::Unreadable(_))) {
            return;
        }
        for (path, seen) in &files {
            if seen.pem().is_some_and(|pem| !pem.keys.is_empty()) {
                self.readable(&named, path, seen.others);
            }
        }
        let all: Vec<Placed<'_>> = files
            .iter()
            .filter_map(|(path, seen)| Some((*path, seen.pem()?)))
            .flat_map(|(path, pem)| pem.certificates.iter().map(move |it| (path, it)))
            .collect();
        let Some(last) = all.iter().max_by_key(|(_, it)| it.not_after) else {
            if matches!(seen.what, What::Directory(_)) {
                let directory = Quoted::new(&named.path);
                let message = format!("there is no authority to trust in {directory}");
                self.push(Code::UnusableFile, named.span, message);
            }
            return;
        };
        // Expired roots do no harm while others are valid, so only the last to expire is checked.
        self.expiry(&named, *last);
        let trusted: Vec<_> = all.iter().map(|(_, it)| *it).collect();
        if let Some(host) = site.client().and_then(|_| site.verified()) {
            self.trusted_alone(&named, &trusted, &host);
        }
    }

    /// Reports a client that trusts only self-signed server certificates, none of which covers the
    /// host name that it verifies.
    fn trusted_alone(&mut self, named: &Named, trusted: &[&CertificateFacts], host: &Host) {
        let may_issue = |it: &&CertificateFacts| {
            it.signs_others || (it.dns_names.is_empty() && it.addresses.is_empty())
        };
        if trusted.iter().any(may_issue) || trusted.iter().any(|it| it.is_for(host)) {
            return;
        }
        let (path, covered, host) = (Quoted::new(&named.path), ValidFor(trusted), host.to_text());
        let host = Quoted::new(&host);
        let message =
            format!("the certificates in {path} are for {covered}, but the client verifies {host}");
        self.push(Code::CertificateNameMismatch, named.span, message);
    }

    /// The file at a path itself, or the files in a directory, whose problems are reported.
    fn files<'s>(
        &mut self,
        named: &'s Named,
        seen: &'s Seen,
        purpose: Purpose,
    ) -> Vec<(&'s Path, &'s Seen)> {
        let What::Directory(files) = &seen.what else { return vec![(&named.path, seen)] };
        for (_, seen) in files {
            self.report(named, &seen.what, purpose);
        }
        files.iter().map(|(path, seen)| (&**path, seen)).collect()
    }

    /// Reports a file with a private key that every user of the machine may read or write.
    fn readable(&mut self, named: &Named, path: &Path, others: Others) {
        let may = match (others.read, others.write) {
            (false, false) => return,
            (true, false) => "read",
            (false, true) => "write to",
            (true, true) => "read and write to",
        };
        let path = Quoted::new(path);
        let message =
            format!("every user of this machine may {may} {path}, which holds a private key");
        let help = "`chmod o= FILE` removes that permission";
        self.push_with_help(Code::KeyReadableByOthers, named.span, message, help);
    }

    /// Reports a key that belongs to no certificate of the file; the message names the first one.
    fn mismatch(&mut self, key: &Named, certificate: &Named, pem: &Pem) {
        let Some(first) = pem.certificates.first() else { return };
        let subject = Quoted::new(&first.subject);
        let (in_key, in_certificate) = (Quoted::new(&key.path), Quoted::new(&certificate.path));
        let message = format!(
            "the private key in {in_key} does not belong to the certificate {subject} in {in_certificate}"
        );
        self.push(Code::KeyDoesNotMatchCertificate, key.span, message);
    }

    /// Reports a certificate that has expired, expires soon, or is not valid yet.
    fn expiry(&mut self, named: &Named, (path, it): Placed<'_>) {
        let now = self.now;
        let left = it.not_after.saturating_sub(now);
        let own = it.not_after.saturating_sub(it.not_before) / QUARTER;
        let soon = self.options.expires_within.unwrap_or(DEFAULT_EXPIRES_WITHIN.min(own));
        let when = if now > it.not_after {
            format!("expired on {}", UtcDate::from_unix_time(it.not_after))
        } else if now < it.not_before {
            format!("is not valid before {}", UtcDate::from_unix_time(it.not_before))
        } else if left < soon {
            format!("expires {}, on {}", within(left), UtcDate::from_unix_time(it.not_after))
        } else {
            return;
        };
        let (subject, path) = (Quoted::new(&it.subject), Quoted::new(path));
        let message = format!("the certificate {subject} in {path} {when}");
        self.push(Code::CertificateExpired, named.span, message);
    }

    /// Reports a server certificate that no client can verify.
    fn nobody(&mut self, named: &Named, (path, it): Placed<'_>) {
        if it.is_for_nobody() {
            let (subject, path) = (Quoted::new(&it.subject), Quoted::new(path));
            let message = format!(
                "the certificate {subject} in {path} is for no name and no address, so no client can verify it"
            );
            let help =
                "issue it with a subject alternative name; the name in its subject does not count";
            self.push_with_help(Code::CertificateNameMismatch, named.span, message, help);
        }
    }
}

impl Pem {
    /// Whether one of the keys belongs to the certificate; unknown keys count as matching.
    fn fits(&self, certificate: &CertificateFacts) -> bool {
        self.keys.iter().any(|key| key.as_ref().is_none_or(|key| *key == certificate.public_key))
    }
}

/// The chain of issuers above a certificate. Roots are left out, because servers do not send them.
fn above<'s>(
    below: &'s CertificateFacts,
    mut pool: Vec<(&'s Named, &'s CertificateFacts)>,
) -> Vec<(&'s Named, &'s CertificateFacts)> {
    pool.retain(|(_, it)| it.subject != it.issuer && *it != below);
    let (mut found, mut last) = (Vec::new(), below);
    while let Some(at) = pool.iter().position(|(_, it)| it.subject == last.issuer) {
        let next = pool.remove(at);
        last = next.1;
        found.push(next);
    }
    found
}

/// The time until a certificate expires, in words and in whole days.
fn within(left: Duration) -> String {
    match left.as_secs() / DAY {
        0 => "in less than a day".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}
