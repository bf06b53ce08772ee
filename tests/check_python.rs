//! `strports check` on Python programs such as those that read endpoint descriptions.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

mod support;

use std::fs;

use support::Scratch;

/// A service for `twistd -y`.
const TAC: &str = r#"# -*- python -*-
from twisted.application import service, strports
from twisted.web import server, static

application = service.Application("web")
site = server.Site(static.File("/srv/www"))

strports.service("tcp:8080:interface=127.0.0.1", site).setServiceParent(application)
strports.service("tcp:8080:interfce=127.0.0.1", site).setServiceParent(application)
strports.service(
    "ssl:443"
    ":privateKey=/etc/ssl/key.pem"
    ":certkey=/etc/ssl/cert.pem",
    site,
).setServiceParent(application)
strports.service("tcp:8443:interface=::1", site).setServiceParent(application)
strports.service("unix:/run/web.sock:mode=999", site)  # strports: ignore[not-an-integer]
"#;

/// A server like daphne's.
const DAPHNE: &str = r#"from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as DaphneServer, Server

def run(application, host, port, fd=None):
    """Listens, by default at "tcp:port=http"."""
    endpoints = build_endpoint_description_strings(host=host, port=port)
    Server(application=application, endpoints=endpoints).run()

def fixed(application, port):
    Server(
        application,
        endpoints=[
            "tcp:port=8000:interface=127.0.0.1",
            "unix:/run/daphne.sock:mod=660",
            f"ssl:port={port}:privateKey=key.pem:certkey=crt.pem",
            "fd:fileno=abc",
        ],
        ws_protocols=["a:b"],
    ).run()
"#;

/// A configuration of a buildbot master.
const BUILDBOT: &str = r#"from buildbot.plugins import *

c = BuildmasterConfig = {}
c['protocols'] = {'pb': {'port': 'tcp:9989:interface=127.0.0.1:backlog=many'}}
c['www'] = dict(port="tcp:8010:inteface=127.0.0.1", plugins=dict(waterfall_view={}))
c['buildbotURL'] = "tcp:no description"
c['manhole'] = manhole.PasswordManhole("tcp:x", "admin", "secret", ssh_hostkey_dir="/a:b")
c['change_source'] = changes.PBChangeSource(port=9999)
"#;

/// A program that uses klein, with names and templates.
const KLEIN: &str = r#"#!/usr/bin/env python3
import os
from klein import Klein
from twisted.internet import endpoints, reactor
from twisted.internet.endpoints import clientFromString

LISTEN = "tcp:port=80:backlog=ten"
app = Klein()

async def connect(reactor, host, port):
    endpoint = clientFromString(reactor, "tcp:host=%s:port=%d:timout=30" % (host, port))
    other = clientFromString(reactor, f"tls:{host}:{port}:timeout=soon")
    plain = clientFromString(reactor, "tcp:%s:%d" % (host, port))
    return await endpoint.connect(object())

def main():
    é = "ü"; endpoints.serverFromString(reactor, LISTEN).listen(app)
    endpoints.serverFromString(reactor, os.environ.get("LISTEN", "tcp:8080:interface=\:\:1"))
    endpoints.serverFromString(reactor, "tcp:\x38\x30:x=1")
    app.run(endpoint_description=r"tcp:port=80:interface=\:\:1:backlog=5O")

def test_main():
    endpoints.serverFromString(reactor, "tcp:80")
    endpoints.serverFromString(reactor, "tcp:80")
"#;

/// Text that is not a description.
const OTHERS: &str = r#"import zmq, dbus
socket.bind("tcp://*:5555")
bus = dbus.bus.BusConnection("unix:path=/run/dbus/x,guid=1")
print("tcp:http", "unix:", 'fd:x')
app.listen("tcp:x")
service("tcp:x")
message = Message.FromString("tcp:x")
def serverFromString(reactor, description, tcp="tcp:x"):
    """serverFromString(reactor, "tcp:x")"""
"#;

/// The line and the column, in characters, of the first `mistake`.
#[track_caller]
fn place(name: &str, text: &str, mistake: &str) -> String {
    let before = &text[..text.find(mistake).unwrap()];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    format!("{name}:{line}:{column}: ")
}

#[test]
fn mistakes_are_found_at_their_positions() {
    let scratch = Scratch::holding(&[
        ("bin/klein", KLEIN),
        ("buildbot/master.cfg", BUILDBOT),
        ("daphne/run.py", DAPHNE),
        ("others.py", OTHERS),
        ("web.tac", TAC),
    ]);
    let wanted = [
        place("bin/klein", KLEIN, "ten\"") + "error[not-an-integer]",
        place("bin/klein", KLEIN, "timout=30") + "error[unexpected-keyword]",
        place("bin/klein", KLEIN, "soon") + "error[not-an-integer]",
        place("bin/klein", KLEIN, "x=1") + "error[unexpected-keyword]",
        place("bin/klein", KLEIN, "5O") + "error[not-an-integer]",
        place("buildbot/master.cfg", BUILDBOT, "many") + "error[not-an-integer]",
        place("buildbot/master.cfg", BUILDBOT, "inteface") + "error[unexpected-keyword]",
        place("buildbot/master.cfg", BUILDBOT, "x\", \"admin") + "error[not-an-integer]",
        place("daphne/run.py", DAPHNE, "http\"") + "error[not-an-integer]",
        place("daphne/run.py", DAPHNE, "mod=660") + "error[unexpected-keyword]",
        place("daphne/run.py", DAPHNE, "certkey") + "error[unexpected-keyword]",
        place("daphne/run.py", DAPHNE, "abc") + "error[not-an-integer]",
        place("web.tac", TAC, "interfce") + "error[unexpected-keyword]",
        place("web.tac", TAC, "certkey") + "error[unexpected-keyword]",
        place("web.tac", TAC, "::1") + "error[multiple-values]",
    ];
    assert_eq!(scratch.found(&["--min-severity", "error"]), wanted);
    let conflicts = scratch.found(&["--select", "port-conflict"]);
    assert_eq!(conflicts, [] as [&str; 0]);
}

#[test]
fn fixes_keep_the_quoting_of_each_literal() {
    let before = concat!(
        "a = serverFromString(r, \"tcp:80:interface=::1\")\n",
        "b = serverFromString(r, r'tcp:80:interface=::1')\r\n",
        "c = serverFromString(r, f\"tcp:{p}\" ':interface=::1')\n",
        "d = serverFromString(r, b'''tcp:80:''' # here\n  b'interface=\\x3a:1')\n",
        "e = strports.listen('TCP:%d' % p, f)\n",
    );
    let after = concat!(
        "a = serverFromString(r, \"tcp:80:interface=\\\\:\\\\:1\")\n",
        "b = serverFromString(r, r'tcp:80:interface=\\:\\:1')\r\n",
        "c = serverFromString(r, f\"tcp:{p}\" ':interface=\\\\:\\\\:1')\n",
        "d = serverFromString(r, '''tcp:80:''' # here\n  'interface=\\\\:\\\\:1')\n",
        "e = strports.listen('tcp:%d' % p, f)\n",
    );
    let scratch = Scratch::holding(&[("a.py", before)]);
    scratch.check(&["--fix", "--unsafe-fixes"]);
    assert_eq!(fs::read_to_string(scratch.join("a.py")).unwrap(), after);
    scratch.check(&["--fix", "--unsafe-fixes"]);
    assert_eq!(fs::read_to_string(scratch.join("a.py")).unwrap(), after);
}

#[test]
fn keys_of_a_configuration_are_checked() {
    let settings =
        "LISTEN = 'tcp:x'\nOTHER = 'tcp:x'\nclass Web:\n    listen = ['tcp:1', 'tcp:y']\n";
    let keys = "[[source]]\nfiles = [\"settings.py\"]\n\
                keys = { LISTEN = \"server\", \"Web.listen.*\" = \"server\" }\n";
    let scratch = Scratch::holding(&[("settings.py", settings), ("strports.toml", keys)]);
    let wanted =
        ["settings.py:1:15: error[not-an-integer]", "settings.py:4:29: error[not-an-integer]"];
    assert_eq!(scratch.found(&[]), wanted);
}

#[test]
fn listeners_of_one_program_are_compared() {
    let program = "from twisted.application import strports\n\
                   strports.service('tcp:80', a)\nstrports.service('tcp:80', b)\n\
                   def f():\n    if x:\n        strports.listen('tcp:81', a)\n    else:\n        \
                   strports.listen('tcp:81', b)\n";
    let scratch = Scratch::holding(&[("a.py", program)]);
    assert_eq!(scratch.found(&[]), ["a.py:3:19: warning[port-conflict]"]);
}
