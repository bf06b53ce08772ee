"""Tests the results and exceptions of the module's functions."""

import copy
import doctest
import pickle
import threading

import pytest
import strports


def test_the_examples_of_the_documentation_hold():
    failed, tried = doctest.testmod(strports)
    assert failed == 0
    assert tried > 8


def test_values_have_python_types():
    endpoint = strports.parse_server("unix:/run/app.sock:mode=660:lockfile=0")
    assert endpoint.type == "unix"
    assert endpoint.role == "server"
    assert endpoint["address"] == "/run/app.sock"
    assert endpoint["mode"] == 0o660
    assert endpoint["lockfile"] is False
    assert endpoint["backlog"] == 50
    assert strports.parse_client("tcp:h:80:attemptDelay=0.5")["attemptDelay"] == 0.5


def test_an_endpoint_stands_inside_another():
    endpoint = strports.parse_server("haproxy:tcp:80")
    inner = endpoint["endpoint"]
    assert isinstance(inner, strports.Endpoint)
    assert (inner.type, inner["port"]) == ("tcp", 80)


def test_endpoints_compare_by_what_they_mean():
    one, other = strports.parse_client("TCP:h:080"), strports.parse_client("tcp:host=h:port=80")
    assert one == other
    assert len({one, other}) == 1
    assert one != strports.parse_client("tcp:h:81")
    assert str(one) == "tcp:h:80"


def test_an_error_names_characters_of_the_string():
    text = "unix:/ключ:timeout=x"
    with pytest.raises(strports.ParseError) as caught:
        strports.parse_client(text)
    error = caught.value
    assert isinstance(error, ValueError)
    assert error.span == (19, 20)
    assert text[slice(*error.span)] == "x"
    assert error.code == "not-an-integer"
    assert error.description == text
    assert str(error).startswith("expected an integer for `timeout`, but found `x`")


def test_an_error_says_what_to_write():
    with pytest.raises(strports.ParseError) as caught:
        strports.parse_server("tcp:8080:interface=::1")
    fix = caught.value.fix
    assert fix == strports.Fix((19, 22), r"\:\:1", True)
    assert "IPv6" in str(caught.value)


def test_errors_and_reports_survive_pickling():
    with pytest.raises(strports.ParseError) as caught:
        strports.parse_server("tpc:80")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.diagnostic) == (str(caught.value), caught.value.diagnostic)
    report = strports.check("tcp:8080", "server")
    assert pickle.loads(pickle.dumps(report)) == report
    assert copy.deepcopy(report) == report


def test_a_report_has_every_finding():
    report = strports.check("tls:h:443:trustroots=/x:timeout=0", "client")
    assert not report.ok
    assert report.endpoint is report.canonical is report.portable is None
    assert [(it.code, it.span) for it in report.diagnostics] == [
        ("unexpected-keyword", (10, 20)),
        ("out-of-range", (32, 33)),
    ]
    assert report.diagnostics[0].fix.replacement == "trustRoots"


def test_without_a_role_the_one_that_fits_is_taken():
    assert strports.check("tcp:h:80").role == "client"
    assert strports.check("tcp:8080").role == "server"


def test_a_release_of_twisted_may_be_named():
    old = strports.check("tls:8443:privateKey=k.pem", "server", twisted="22.10")
    new = strports.check("tls:8443:privateKey=k.pem", "server")
    assert len(old.diagnostics) > len(new.diagnostics)
    with pytest.raises(ValueError, match="no such release"):
        strports.check("tcp:80", twisted="99.1")


def test_bytes_that_are_no_utf_8_are_surrogate_escapes():
    text = b"unix:/run/\xff:mode=x".decode("utf-8", "surrogateescape")
    with pytest.raises(strports.ParseError) as caught:
        strports.parse_server(text)
    assert text[slice(*caught.value.span)] == "x"
    text = text.replace("mode=x", "mode=660")
    assert strports.parse_server(text)["address"] == "/run/\udcff"
    assert strports.fmt(text, "server") == text
    with pytest.raises(UnicodeEncodeError):
        strports.parse_server("unix:/\ud800")


def test_explaining_and_printing_refuse_what_parsing_refuses():
    for function in (strports.explain, strports.fmt):
        with pytest.raises(strports.ParseError) as caught:
            function("tcp:http", "server")
        assert caught.value.span == (4, 8)
    assert strports.explain("tcp:h:80", "client").startswith("connect to `h`")


def test_a_quoted_text_is_read_back():
    text = r"C:\keys\a=b"
    assert strports.parse_server("unix:address=" + strports.quote(text))["address"] == text
    positional = strports.quote(text, "positional")
    assert strports.parse_server("unix:" + positional)["address"] == text
    with pytest.raises(ValueError, match="expected `value`"):
        strports.quote(text, "elsewhere")


def test_the_table_of_types_is_the_one_of_the_parser():
    tcp = next(it for it in strports.types("client") if it.name == "tcp")
    assert [it.name for it in tcp.parameters][:4] == ["host", "port", "timeout", "bindAddress"]
    assert tcp.parameters[0].required
    assert tcp.parameters[2].default == "30"
    assert {it.role for it in strports.types()} == {"server", "client"}
    for it in strports.types():
        assert any(it.name == other.name for other in strports.types(it.role))


def test_a_role_that_is_none_is_refused():
    with pytest.raises(ValueError, match="expected `server` or `client`"):
        strports.check("tcp:80", "peer")


def test_files_are_checked_by_the_engine(tmp_path):
    (tmp_path / "Procfile").write_text("web: daphne -e tcp:8000:interface=::1 site:app\n")
    (tmp_path / "app.py").write_text("serverFromString(reactor, 'tpc:80')\n")
    checked = strports.check_files([tmp_path])
    assert (checked.files, checked.descriptions) == (2, 2)
    assert [(it.rule, it.start) for it in checked.findings] == [
        ("multiple-values", (1, 35)),
        ("unknown-type", (1, 28)),
    ]
    assert checked.findings[0].fix.replacement == r"\\:\\:1"
    assert strports.check_files([tmp_path], ignore=["unknown-type"]).findings[1:] == ()
    assert strports.check_files([str(tmp_path)], select=["unknown-type"]).findings != ()
    with pytest.raises(ValueError, match="unknown code"):
        strports.check_files([tmp_path], select=["unknown-tipe"])


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    checked = strports.check_files([tmp_path / "missing"])
    assert [it.is_failure for it in checked.problems] == [True]
    with pytest.raises(OSError, match="notes.xyz"):
        strports.check_text("notes.xyz", "tcp:80")


def test_long_texts_are_read_beside_other_threads():
    """The interpreter's lock is released: another thread runs while a long text is parsed."""
    text = "unix:" + "a" * 4_000_000
    going = threading.Event()
    turns = []

    def count():
        going.set()
        while going.is_set():
            turns.append(None)

    other = threading.Thread(target=count)
    other.start()
    going.wait()
    before = len(turns)
    strports.parse_server(text)
    after = len(turns)
    going.clear()
    other.join()
    assert after > before
