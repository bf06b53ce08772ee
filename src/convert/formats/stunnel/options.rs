//! The keys of stunnel's services, and what they convert to.

use crate::convert::draft::{Draft, RelayOption};
use crate::convert::rule::{Does, On, Rule, Word};
use crate::convert::words::flag;

use Does::{Lost, Parameter, With, WithBack, WithWord};
use On::{Client, Either, Server};

const CIPHERS: &str = "the ciphers and versions of TLS are those of rustls";

/// The keys of the side with TLS: the server, or with `client = yes` the client.
pub(super) const TLS: &[Rule] = &[
    Rule {
        names: &["cert"],
        on: Either,
        does: Parameter("certificate"),
        example: "[a]\naccept = 443\nconnect = 80\ncert = a.pem",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:localhost:80",
    },
    Rule {
        names: &["key"],
        on: Either,
        does: Parameter("privateKey"),
        example: "[a]\naccept = 443\nconnect = 80\ncert = a.pem\nkey = b.pem",
        gives: "strports relay ssl:443:privateKey=b.pem:certKey=a.pem tcp:localhost:80",
    },
    Rule {
        names: &["CAfile", "CApath"],
        on: Client,
        does: Parameter("trustRoots"),
        example: "[a]\nclient = yes\naccept = 80\nconnect = h:443\nCAfile = ca.pem\nverifyChain = yes",
        gives: "strports relay tcp:80 tls:h:443:trustRoots=ca.pem",
    },
    Rule {
        names: &["CAfile", "CApath"],
        on: Server,
        does: Parameter("clientCAs"),
        example: "[a]\naccept = 443\nconnect = 80\ncert = a.pem\nCAfile = ca.pem\nverifyChain = yes",
        gives: "strports relay ssl:443:privateKey=a.pem:clientCAs=ca.pem tcp:localhost:80",
    },
    Rule {
        names: &["verifyChain", "verify", "requireCert"],
        on: Either,
        does: With(verify),
        example: "[a]\naccept = 443\nconnect = 80\ncert = a.pem\nCAfile = ca.pem\nverify = 2",
        gives: "strports relay ssl:443:privateKey=a.pem:clientCAs=ca.pem tcp:localhost:80",
    },
    Rule {
        names: &["verifyPeer"],
        on: Either,
        does: Lost("a certificate is verified by its authority and its name"),
        example: "[a]\nclient = yes\naccept = 80\nconnect = h:443\nCAfile = a.pem\nverifyPeer = yes",
        gives: "strports relay tcp:80 tls:h:443:trustRoots=a.pem",
    },
    Rule {
        names: &["checkHost", "checkIP", "sni"],
        on: Client,
        does: With(Draft::set_name),
        example: "[a]\nclient = yes\naccept = 80\nconnect = 10.0.0.1:443\ncheckHost = h\nverifyChain = yes\nCApath = /etc/ssl/certs",
        gives: r"strports relay tcp:80 'tls:h:443:endpoint=tcp\:10.0.0.1\:443'",
    },
    Rule {
        names: &["checkHost", "checkIP", "checkEmail", "sni"],
        on: Either,
        does: Lost("all names of a server go to the same clients; see `--allow-name`"),
        example: "[a]\naccept = 443\nconnect = 80\ncert = a.pem\nCAfile = ca.pem\nverifyChain = yes\ncheckEmail = a@b.c",
        gives: "strports relay ssl:443:privateKey=a.pem:clientCAs=ca.pem tcp:localhost:80",
    },
    Rule {
        names: &["sslVersionMin", "sslVersion"],
        on: Server,
        does: WithWord(version, Word::tls13("TLSv1.3")),
        example: "[a]\naccept = 443\nconnect = 80\ncert = a.pem\nsslVersionMin = TLSv1.3",
        gives: "strports relay ssl:443:privateKey=a.pem:sslmethod=TLSv1_3_METHOD tcp:localhost:80",
    },
    Rule {
        names: &[
            "ciphers",
            "ciphersuites",
            "curves",
            "sslVersion",
            "sslVersionMin",
            "sslVersionMax",
            "options",
            "renegotiation",
            "sessionCacheSize",
            "sessionCacheTimeout",
            "sessionResume",
            "ticketKeySecret",
            "ticketMacSecret",
            "securityLevel",
            "engineId",
            "engineNum",
            "CRLfile",
            "CRLpath",
            "OCSP",
            "OCSPaia",
            "OCSPflag",
            "OCSPnonce",
            "PSKidentity",
            "PSKsecrets",
            "config",
            "CAengine",
        ],
        on: Either,
        does: Lost(CIPHERS),
        example: "[a]\naccept = 443\nconnect = 80\ncert = a.pem\nciphers = HIGH",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:localhost:80",
    },
];

/// Keys of a service about its listening socket. Before the first service, they are about the
/// process.
pub(super) const ACCEPT: &[Rule] = &[
    Rule {
        names: &["setuid"],
        on: Server,
        does: Parameter("user"),
        example: "[a]\nclient = yes\naccept = /run/a.sock\nconnect = h:443\nverifyChain = yes\nCApath = /etc/ssl/certs\nsetuid = www-data",
        gives: "strports relay unix:/run/a.sock:user=www-data tls:h:443",
    },
    Rule {
        names: &["setgid"],
        on: Server,
        does: Parameter("group"),
        example: "[a]\nclient = yes\naccept = /run/a.sock\nconnect = h:443\nverifyChain = yes\nCApath = /etc/ssl/certs\nsetgid = www-data",
        gives: "strports relay unix:/run/a.sock:group=www-data tls:h:443",
    },
];

/// The keys about the connecting side and the process.
pub(super) const CONNECT: &[Rule] = &[
    Rule {
        names: &["local"],
        on: Client,
        does: WithBack(
            |draft, address| {
                let is_set = draft.set("bindAddress", address);
                if is_set { Ok(()) } else { Err("only TCP has a local address".to_owned()) }
            },
            "bindAddress",
        ),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\nlocal = 10.0.0.1",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:h:80:bindAddress=10.0.0.1",
    },
    Rule {
        names: &["protocol"],
        on: Client,
        does: With(|draft, protocol| match protocol {
            "proxy" => {
                draft.proxied(Some("1"));
                Ok(())
            }
            _ => Err("the other side has to speak TLS from its first byte".to_owned()),
        }),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\nprotocol = proxy",
        gives: "strports relay ssl:443:privateKey=a.pem haproxy:tcp:h:80:proxyVersion=1",
    },
    Rule {
        names: &["pty"],
        on: Client,
        does: Does::Flag("usePTY"),
        example: "[a]\naccept = 443\nexec = /bin/cat\ncert = a.pem\npty = yes",
        gives: "strports relay ssl:443:privateKey=a.pem process:/bin/cat:usePTY=1",
    },
    Rule {
        names: &["TIMEOUTconnect"],
        on: Client,
        does: With(|draft, value| seconds(draft, "--connect-timeout", value)),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\nTIMEOUTconnect = 5",
        gives: "strports relay --connect-timeout 5s ssl:443:privateKey=a.pem tcp:h:80",
    },
    Rule {
        names: &["TIMEOUTidle"],
        on: Client,
        does: With(|draft, value| seconds(draft, "--idle-timeout", value)),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\nTIMEOUTidle = 60",
        gives: "strports relay --idle-timeout 60s ssl:443:privateKey=a.pem tcp:h:80",
    },
    Rule {
        names: &["retry"],
        on: Client,
        does: With(|draft, value| {
            let from = format!("retry = {value}");
            if flag(value)? {
                draft.options.push(RelayOption { name: "--retry", value: "1".to_owned(), from });
            }
            Ok(())
        }),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\nretry = yes",
        gives: "strports relay --retry 1 ssl:443:privateKey=a.pem tcp:h:80",
    },
    Rule {
        names: &["failover"],
        on: Client,
        does: With(|_, how| match how {
            "prio" | "rr" => Ok(()),
            _ => Err("expected `prio` or `rr`".to_owned()),
        }),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\nfailover = prio",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:h:80",
    },
    Rule {
        names: &["delay"],
        on: Client,
        does: Does::Always("names are looked up for each connection"),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\ndelay = yes",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:h:80",
    },
    Rule {
        names: &["reset"],
        on: Client,
        does: Does::Always("an error resets both connections"),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\nreset = yes",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:h:80",
    },
    Rule {
        names: &["debug", "logId", "output", "syslog", "log", "service", "foreground", "pid"],
        on: Client,
        does: Lost("it is about the process and its log, not about connections"),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\ndebug = 7",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:h:80",
    },
    Rule {
        names: &["setuid", "setgid"],
        on: Client,
        does: Lost("a relay keeps its user; `User=` and `Group=` of its service set it"),
        example: "setuid = daemon\nsetgid = daemon\n[a]\naccept = 443\nconnect = h:80\ncert = a.pem",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:h:80",
    },
    Rule {
        names: &["chroot"],
        on: Client,
        does: Lost("a relay keeps its root directory; `RootDirectory=` of its service sets it"),
        example: "chroot = /var/lib/stunnel4\n[a]\naccept = 443\nconnect = h:80\ncert = a.pem",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:h:80",
    },
    Rule {
        names: &["libwrap"],
        on: Client,
        does: Lost("`--allow` and `--deny` of `strports relay` select the clients"),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\nlibwrap = yes",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:h:80",
    },
    Rule {
        names: &[
            "transparent",
            "socket",
            "redirect",
            "ident",
            "TIMEOUTbusy",
            "TIMEOUTclose",
            "include",
            "stack",
            "sessiond",
            "protocolHost",
            "protocolUsername",
            "protocolPassword",
            "protocolDomain",
            "protocolHeader",
            "protocolAuthentication",
            "fips",
            "engine",
            "engineCtrl",
            "engineDefault",
            "compression",
            "EGD",
            "RNDbytes",
            "RNDfile",
            "RNDoverwrite",
            "iconActive",
            "iconError",
            "iconIdle",
            "taskbar",
        ],
        on: Client,
        does: Lost("a relay has nothing like it"),
        example: "[a]\naccept = 443\nconnect = h:80\ncert = a.pem\nTIMEOUTclose = 60",
        gives: "strports relay ssl:443:privateKey=a.pem tcp:h:80",
    },
];

/// Sets an option of `strports relay` to a number of seconds.
fn seconds(draft: &mut Draft, name: &'static str, value: &str) -> Result<(), String> {
    let value = format!("{value}s");
    let from = format!("{name} {value}");
    draft.options.push(RelayOption { name, value, from });
    Ok(())
}

fn verify(draft: &mut Draft, how: &str) -> Result<(), String> {
    let is_off = match how {
        // The numbers are levels. Level 1 accepts a client without a certificate, so it counts as
        // off.
        "0" | "1" => true,
        "2" | "3" | "4" => false,
        _ => !flag(how)?,
    };
    match (draft.role, is_off) {
        (_, false) => Ok(()),
        (strports_syntax::Role::Server, true) => {
            draft.tls().take("clientCAs");
            Ok(())
        }
        (_, true) => Err("the certificate of a server is always verified".to_owned()),
    }
}

fn version(draft: &mut Draft, version: &str) -> Result<(), String> {
    match version {
        "TLSv1.3" => draft.tls().set("sslmethod", "TLSv1_3_METHOD"),
        "all" | "TLSv1.2" => {}
        _ => return Err("only TLS 1.2 and 1.3 are supported".to_owned()),
    }
    Ok(())
}
