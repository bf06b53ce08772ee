"""Writes `spec/vectors/third_party.json`: the answers of the parsers of packages.

    venv/bin/pip install -r requirements.txt -r third_party_requirements.txt
    venv/bin/python third_party.py

The answers of a package without a row in `PREPARE` are in `inputs/third_party.py`, derived from its
source; `by` has the origin of each answer.

Tor is not started, no I2P router is called, and no file is created: the functions for that are
replaced by ones that record their arguments.
"""

from __future__ import annotations

import collections.abc
import importlib.metadata
import inspect
import os
import tempfile
import tomllib
from typing import Any, Callable, Dict, List

import twisted_oracle as oracle
import vectors
from inputs.third_party import READ, SAMPLES
from twisted.internet import defer, endpoints
from twisted.plugin import getPlugins

TYPES = vectors.DIRECTORY.parents[1] / "src/types/third_party.toml"
Answer = Dict[str, Any]


def _remembering(class_: type, name: str) -> Callable[..., Any]:
    """Replaces the result of a function by its arguments."""
    function = getattr(class_, name)
    signature = inspect.signature(function)

    def call(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        result = class_.__new__(class_)
        result.arguments = dict(bound.arguments)
        return result

    return staticmethod(call)


# --- one function for each package: replace what acts, and read endpoints back ----------


def _txtorcon() -> None:
    from txtorcon import controller
    from txtorcon import endpoints as tor

    control: List[Any] = []
    tor.get_global_tor_instance = lambda *_, **__: defer.Deferred()

    def connect(_: Any, endpoint: Any) -> defer.Deferred:
        control.append(endpoint)
        return defer.Deferred()

    controller.connect = connect

    def server(e: Any) -> Answer:
        given = control.pop() if control else None
        return {
            "type": "onion",
            "public_port": e.public_port,
            "localPort": e.local_port,
            "control": given and oracle.CLIENTS[type(given)](given),
            "hiddenServiceDir": e.hidden_service_dir,
            "privateKey": e.private_key,
            "version": e.version,
            "singleHop": e.single_hop,
        }

    def client(e: Any) -> Answer:
        socks = e._socks_endpoint
        return {
            "type": "tor",
            "host": e.host,
            "port": e.port,
            "socksHostname": socks and socks._host,
            "socksPort": socks and socks._port,
            "socksUsername": e._socks_username,
            "socksPassword": e._socks_password,
        }

    oracle.SERVERS[tor.TCPHiddenServiceEndpoint] = server
    oracle.CLIENTS[tor.TorClientEndpoint] = client


def _txsni() -> None:
    from txsni import parser, tlsendpoint

    parser.HostDirectoryMap = lambda path: {"path": path.path}
    parser.SNIMap = lambda mapping: mapping

    def server(e: Any) -> Answer:
        inside = oracle.SERVERS[type(e.endpoint)](e.endpoint)
        return {"type": "txsni", "pemdir": e.contextFactory["path"], "endpoint": inside}

    oracle.SERVERS[tlsendpoint.TLSEndpoint] = server


def _autobahn() -> None:
    from twisted.plugins import autobahn_endpoints as autobahn

    def reader(table: Dict[type, Callable[[Any], Answer]]) -> Callable[[Any], Answer]:
        def read(e: Any) -> Answer:
            inside = table[type(e._endpoint)](e._endpoint)
            return {"type": "autobahn", "description": inside, **e._options}

        return read

    oracle.SERVERS[autobahn.AutobahnServerEndpoint] = reader(oracle.SERVERS)
    oracle.CLIENTS[autobahn.AutobahnClientEndpoint] = reader(oracle.CLIENTS)


def _txi2p() -> None:
    from txi2p import plugins

    def reader(api: str) -> Callable[[Any], Answer]:
        def read(e: Any) -> Answer:
            given = {key: it for key, it in e.arguments.items() if key not in ("reactor", "cls")}
            for key, value in given.items():
                if type(value) in oracle.CLIENTS:
                    given[key] = oracle.CLIENTS[type(value)](value)
            return {"type": "i2p", "api": api, **given}

        return read

    for role, table in (("Client", oracle.CLIENTS), ("Server", oracle.SERVERS)):
        sam = getattr(plugins, "SAMI2PStream{}Endpoint".format(role))
        sam.new = _remembering(sam, "new")
        table[sam] = reader("SAM")
        bob = getattr(plugins, "BOBI2P{}Endpoint".format(role))
        table[bob] = reader("BOB")
        bob.__init__ = _keeping(bob.__init__)


def _keeping(init: Callable[..., None]) -> Callable[..., None]:
    """Wraps `__init__` so that it also records its arguments."""
    signature = inspect.signature(init)

    def call(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        self.arguments = {key: it for key, it in bound.arguments.items() if key != "self"}

    return call


def _daphne() -> None:
    known = oracle.SERVERS[endpoints.AdoptedStreamServerEndpoint]

    def server(e: Any) -> Answer:
        if hasattr(e, "arguments"):
            return known(e)
        return {"type": "fd", "fileno": e.fileno, "domain": e.addressFamily}

    oracle.SERVERS[endpoints.AdoptedStreamServerEndpoint] = server


def _txacme() -> None:
    # The package imports names that Python 3.10 removed; the answers do not depend on them.
    collections.Mapping = collections.abc.Mapping
    from txacme import endpoint, urls

    endpoint.load_or_create_client_key = lambda path: None
    names = {urls.LETSENCRYPT_DIRECTORY: "le", urls.LETSENCRYPT_STAGING_DIRECTORY: "lets"}

    def server(e: Any) -> Answer:
        return {
            "type": names[e.directory],
            "pemdir": e.cert_store.path.path,
            "timeout": e.client_creator.keywords["timeout"],
            "endpoint": oracle.SERVERS[type(e.sub_endpoint)](e.sub_endpoint),
        }

    oracle.SERVERS[endpoint.AutoTLSEndpoint] = server


PREPARE: Dict[str, Callable[[], None]] = {
    "txtorcon": _txtorcon,
    "txsni": _txsni,
    "autobahn": _autobahn,
    "txi2p-tahoe": _txi2p,
    "daphne": _daphne,
    "txacme": _txacme,
}

# --- all of them --------------------------------------------------------------------------


def _types() -> List[Dict[str, Any]]:
    return tomllib.loads(TYPES.read_text(encoding="utf-8"))["type"]


def _asked(package: str) -> bool:
    """Whether the package is installed in the expected version; prepares it if so."""
    if package not in PREPARE:
        return False
    version = importlib.metadata.version(package)
    read = {it["version"] for it in _types() if it["package"] == package}
    assert read == {version}, "{} {} is installed, {} was read".format(package, version, read)
    PREPARE[package]()
    return True


def _answer(role: str, text: str, asked: bool) -> vectors.Vector:
    if asked:
        answer = oracle.endpoint(role, text)
        if "err" in answer:
            answer = {"err": answer["err"].split(":")[0]}
    else:
        answer = READ[text]
    return {"input": text, "role": role, **answer}


def without_sample() -> List[str]:
    """Checks that each package has samples, and each type one for each of its roles."""
    packages = {it["package"] for it in _types()} ^ set(SAMPLES)
    problems = ["{} is in one of them alone".format(it) for it in sorted(packages)]
    for it in _types():
        for role in it["roles"]:
            samples = SAMPLES.get(it["package"], [])
            names = [text.split(":")[0].lower() for asked, text in samples if asked == role]
            if it["name"] not in names:
                problems.append("no sample of the {} {}".format(it["name"], role))
    return problems


def main() -> None:
    assert not without_sample(), without_sample()
    endpoints.getPlugins = getPlugins
    os.chdir(tempfile.mkdtemp())
    found = []
    for package, samples in SAMPLES.items():
        version = next(it["version"] for it in _types() if it["package"] == package)
        asked = _asked(package)
        for number, (role, text) in enumerate(samples, 1):
            vector = _answer(role, text, asked)
            by = "asked" if asked else "read"
            source = {"package": package, "version": version, "by": by}
            found.append({"id": "third_party/{}/{}".format(package, number), **vector, **source})
    vectors.write(vectors.DIRECTORY / "third_party.json", found)
    print("{:>6}  third_party.json".format(len(found)))


if __name__ == "__main__":
    main()
