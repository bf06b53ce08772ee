"""Tests that `strports.twisted` returns Twisted's endpoints, and raises `ParseError`."""

import pytest

pytest.importorskip("twisted")

import strports
from strports.twisted import clientFromString, serverFromString
from twisted.internet import endpoints, interfaces
from twisted.internet.testing import MemoryReactorClock
from zope.interface import implementer


@pytest.fixture
def reactor():
    return MemoryReactorClock()


def test_the_endpoints_are_those_of_twisted(reactor):
    server = serverFromString(reactor, r"tcp:8080:interface=\:\:1")
    assert isinstance(server, endpoints.TCP4ServerEndpoint)
    assert (server._port, server._interface) == (8080, "::1")
    client = clientFromString(reactor, "tcp:example.com:80:timeout=5")
    assert isinstance(client, endpoints.TCP4ClientEndpoint)
    assert (client._host, client._port, client._timeout) == ("example.com", 80, 5)


def test_an_error_is_ours(reactor):
    with pytest.raises(strports.ParseError) as caught:
        serverFromString(reactor, "tcp:8080:interface=::1")
    assert caught.value.span == (19, 22)
    assert caught.value.fix.replacement == r"\:\:1"
    with pytest.raises(strports.ParseError) as direct:
        strports.parse_server("tcp:8080:interface=::1")
    assert str(caught.value) == str(direct.value)


def test_what_twisted_does_not_read_is_an_error(reactor):
    with pytest.raises(strports.ParseError) as caught:
        serverFromString(reactor, "tcp:8080:reusePort=1")
    assert caught.value.code == "not-in-twisted"
    with pytest.raises(strports.ParseError):
        clientFromString(reactor, "socks5:proxy:1080:endpoint=tcp\\:h\\:80")


@implementer(interfaces.IStreamServerEndpointStringParser)
class Parser:
    prefix = "mine"

    def parseStreamServer(self, reactor, *args, **kwargs):
        return ("mine", args, kwargs)


def test_types_of_plugins_are_left_to_twisted(reactor, monkeypatch):
    def plugins(interface):
        return [Parser()] if interface is interfaces.IStreamServerEndpointStringParser else []

    with pytest.raises(strports.ParseError):
        serverFromString(reactor, "mine:a:b=c")
    monkeypatch.setattr(endpoints, "getPlugins", plugins)
    monkeypatch.setattr("strports.twisted.getPlugins", plugins)
    assert serverFromString(reactor, "mine:a:b=c") == ("mine", ("a",), {"b": "c"})
    with pytest.raises(strports.ParseError):
        serverFromString(reactor, "thine:a")
