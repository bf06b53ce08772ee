"""Analyses a release of Twisted by its sources with `ast`, without running them.

It extracts the signature of each type, and a fingerprint of every function that decides whether a
description is accepted. Two releases with equal fingerprints have equal answers.
"""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

Signature = Dict[str, Any]
MODULES = (
    "internet/endpoints.py",
    "internet/_idna.py",
    "internet/_sslverify.py",
    "protocols/haproxy/_parser.py",
    "plugins/twisted_core.py",
)

# The deciding functions of each type; `Class.method` if only one method decides.
_SERVER = ["_tokenize", "_parse", "_parseServer", "serverFromString", "_matchPluginToPrefix"]
_CLIENT = ["_tokenize", "_parse", "clientFromString", "_matchPluginToPrefix"]
_NAMES = ["_idnaBytes", "_idnaText"]
_TLS = [
    *_NAMES,
    "optionsForClientTLS",
    "ClientTLSOptions.__init__",
    "_parseTrustRootPath",
    "_privateCertFromPaths",
]
DECIDING: Dict[Tuple[str, str], List[str]] = {
    ("server", "tcp"): [*_SERVER, "_parseTCP"],
    ("server", "tcp6"): [*_SERVER, "_TCP6ServerParser"],
    ("server", "ssl"): [*_SERVER, "_parseSSL"],
    ("server", "unix"): [*_SERVER, "_parseUNIX"],
    ("server", "tls"): [*_SERVER, "_TLSServerEndpointParser"],
    ("server", "systemd"): [*_SERVER, "_SystemdParser"],
    ("server", "stdio"): [*_SERVER, "_StandardIOParser"],
    ("server", "haproxy"): [*_SERVER, "HAProxyServerParser", "unparseEndpoint"],
    ("client", "tcp"): [*_CLIENT, "_parseClientTCP", "TCP4ClientEndpoint.__init__"],
    ("client", "unix"): [*_CLIENT, "_parseClientUNIX", "UNIXClientEndpoint.__init__"],
    ("client", "ssl"): [
        *_CLIENT,
        *_TLS,
        "_parseClientTCP",
        "_parseClientSSL",
        "_parseClientSSLOptions",
        "SSL4ClientEndpoint.__init__",
    ],
    ("client", "tls"): [
        *_CLIENT,
        *_TLS,
        "_TLSClientEndpointParser",
        "_parseClientTLS",
        "HostnameEndpoint.__init__",
        "HostnameEndpoint._hostAsBytesAndText",
    ],
}


class Sources:
    """The parsed modules of one release, from a folder with the package `twisted`."""

    def __init__(self, folder: Path) -> None:
        package = next(it for it in (folder / "twisted", folder / "src/twisted") if it.is_dir())
        self.release = _release(package / "_version.py")
        self._plugins: List[ast.stmt] = []
        self._defined: Dict[str, ast.AST] = {}
        for name in MODULES:
            path = package / name
            if path.exists():
                self._add(name, ast.parse(path.read_text(encoding="utf-8")))

    def _add(self, name: str, module: ast.Module) -> None:
        if name.startswith("plugins/"):
            self._plugins = module.body
        for node in module.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self._defined.setdefault(node.name, node)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._defined.setdefault(node.targets[0].id, node.value)

    def _find(self, name: str) -> Optional[ast.AST]:
        """Returns a function, a class, a method (`Class.method`) or the value of a variable."""
        owner, _, method = name.partition(".")
        found = self._defined.get(owner)
        return _method(found, method) if method and found is not None else found

    def fingerprints(self) -> Dict[str, str]:
        """Returns the hash of each deciding function; missing ones are omitted."""
        names = dict.fromkeys(name for names in DECIDING.values() for name in names)
        found = ((name, self._find(name)) for name in names)
        return {name: _fingerprint(node) for name, node in found if node is not None}

    # --- signatures ---------------------------------------------------------------

    def signatures(self) -> List[Signature]:
        """Returns all types: role, name, whether case matters, and parameters in order."""
        return [*self._tables(), *self._parsers()]

    def _tables(self) -> Iterator[Signature]:
        """Returns the types of `_serverParsers` and `_clientParsers`."""
        for key, value in _items(self._find("_serverParsers")):
            yield _signature("server", key, False, _parameters(self._find(value.id)))
        classes = {key: value.id for key, value in _items(self._find("_endpointClientFactories"))}
        for key, value in _items(self._find("_clientParsers")):
            taken = self._client_parameters(value.id, classes[key])
            yield _signature("client", key.lower(), True, taken)

    def _client_parameters(self, parser: str, endpoint: str) -> List[Dict[str, Any]]:
        """Returns the parameters of the endpoint's class, as changed by its parser."""
        names, places = self._keywords(parser)
        taken = _parameters(self._find(endpoint + ".__init__"))
        known = {parameter["name"] for parameter in taken}
        taken += [{"name": name, "default": None} for name in names if name not in known]
        for parameter in taken:
            parameter["by"] = "place" if parameter["name"] in places else "name"
        return sorted(taken, key=lambda it: it["by"] == "name")

    def _keywords(self, parser: str) -> Tuple[List[str], List[str]]:
        """Returns the keywords that a client parser uses, and those with positions."""
        names: Dict[str, None] = {}
        places: Dict[str, None] = {}
        for node in ast.walk(self._find(parser)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr == "pop" and isinstance(node.args[0], ast.Constant):
                    names[node.args[0].value] = None
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id.startswith("_parseClient"):
                    more, by_place = self._keywords(node.func.id)
                    names.update(dict.fromkeys(more))
                    places.update(dict.fromkeys(by_place))
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                uses = [it for it in ast.walk(node.value) if isinstance(it, ast.Name)]
                if any(it.id == "args" for it in uses):
                    places[_key(node.targets[0])] = None
        return list(names), list(places)

    def _parsers(self) -> Iterator[Signature]:
        """Returns the types of Twisted's own plugins."""
        renamed = {
            alias.asname or alias.name: alias.name
            for node in self._plugins
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in self._plugins:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                class_ = self._find(renamed[node.value.func.id])
                yield self._parser(class_)

    def _parser(self, class_: ast.ClassDef) -> Signature:
        role = "client" if _method(class_, "parseStreamClient") else "server"
        method = _method(class_, "parseStream" + role.title())
        prefix = next(value for name, value in _attributes(class_) if name == "prefix")
        called = [it.func for it in ast.walk(method) if isinstance(it, ast.Call)]
        if any(getattr(it, "id", "") == "unparseEndpoint" for it in called):
            return {**_signature(role, prefix, True, []), "wraps": True}
        # The method passes all arguments on, except for `stdio`, which drops them.
        passes = [it for it in ast.walk(method) if isinstance(it, ast.Starred)]
        if not passes:
            return {**_signature(role, prefix, True, []), "ignores": True}
        name = next(getattr(it, "id", getattr(it, "attr", "")) for it in called)
        inner = _method(class_, name) or self._find(name)
        return _signature(role, prefix, True, _parameters(inner))


def _signature(role: str, name: str, any_case: bool, parameters: List[Dict]) -> Signature:
    return {"role": role, "type": name, "any_case": any_case, "parameters": parameters}


def _parameters(function: Optional[ast.AST]) -> List[Dict[str, Any]]:
    """Returns the parameters in order, without those that Twisted itself sets."""
    assert isinstance(function, ast.FunctionDef)
    names = [it.arg for it in function.args.args]
    defaults = function.args.defaults
    required = len(names) - len(defaults)
    values = [None] * required + [_literal(it) for it in defaults]
    parameters = []
    for index, (name, value) in enumerate(zip(names, values)):
        if name not in ("self", "factory", "reactor", "sslContextFactory"):
            parameter = {"name": name, "default": value}
            parameters.append({"name": name} if index < required else parameter)
    return parameters


def _literal(node: ast.expr) -> Any:
    value = ast.literal_eval(node)
    if isinstance(value, bytes):
        value = value.decode("ascii")
    return value if value is None or isinstance(value, (bool, str)) else str(value)


def _method(class_: ast.AST, name: str) -> Optional[ast.FunctionDef]:
    body = getattr(class_, "body", [])
    return next((it for it in body if getattr(it, "name", None) == name), None)


def _attributes(class_: ast.ClassDef) -> Iterator[Tuple[str, Any]]:
    for node in class_.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Constant):
            yield target.id, node.value.value


def _items(node: Optional[ast.AST]) -> List[Tuple[str, ast.Name]]:
    assert isinstance(node, ast.Dict)
    return [(key.value, value) for key, value in zip(node.keys, node.values)]


def _key(node: ast.Subscript) -> str:
    return ast.literal_eval(node.slice)


def _release(path: Path) -> str:
    """Converts `Version("Twisted", 22, 4, 0)` to "22.4.0"."""
    text = path.read_text(encoding="utf-8")
    numbers = re.search(r"Version\(\s*[\"'][Tt]wisted[\"'],\s*(\d+),\s*(\d+),\s*(\d+)", text)
    assert numbers, "no release in {}".format(path)
    return ".".join(numbers.groups())


# --- fingerprints -------------------------------------------------------------------


class _Plain(ast.NodeTransformer):
    """Removes what affects no answer: docstrings, annotations, messages, names of Python 2."""

    RENAMED = {"unicode": "str", "IOError": "OSError"}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        node.body = _without_docstring(node.body)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.bases = [it for it in node.bases if getattr(it, "id", "") != "object"]
        node.body = _without_docstring(node.body)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        return ast.Assign(targets=[node.target], value=node.value)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.exc, ast.Call):
            node.exc.args, node.exc.keywords = [], []
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        node.type = node.type or ast.Name("BaseException", ast.Load())
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.RENAMED.get(node.id, node.id)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        node.kind = None
        return node


def _without_docstring(body: List[ast.stmt]) -> List[ast.stmt]:
    first = body[0]
    text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (body[1:] if text else body) or [ast.Pass()]


def _fingerprint(node: ast.AST) -> str:
    plain = ast.dump(_Plain().visit(node), annotate_fields=False)
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()[:12]
