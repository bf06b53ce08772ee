/* Tests of the C library: each function, each pointer that may be NULL, and bytes that are no UTF-8.
 *
 * Built and run by `ci/check c`, under AddressSanitizer, so that what is not freed fails too. */

#include "strports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                        \
    do {                                                                        \
        if (!(condition)) {                                                     \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                            \
        }                                                                       \
    } while (0)

static int is(strports_text text, const char *expected)
{
    /* A zero byte ends each text. */
    return text.bytes != NULL && text.len == strlen(expected) && strcmp(text.bytes, expected) == 0;
}

static strports_endpoint *parse(strports_role role, const char *text)
{
    strports_endpoint *endpoint = NULL;
    strports_report *report = NULL;
    CHECK(strports_parse(role, text, strlen(text), &endpoint, &report) == STRPORTS_OK);
    CHECK(endpoint != NULL && report == NULL);
    return endpoint;
}

static strports_value value(const strports_endpoint *endpoint, const char *name)
{
    strports_value value;
    CHECK(strports_endpoint_value(endpoint, name, &value) == STRPORTS_OK);
    return value;
}

static void parses_a_server(void)
{
    strports_endpoint *endpoint = parse(STRPORTS_SERVER, "unix:/run/a\\:b.sock:mode=660");
    strports_text name;
    strports_value first;

    CHECK(is(strports_endpoint_type(endpoint), "unix"));
    CHECK(is(strports_endpoint_canonical(endpoint), "unix:/run/a\\:b.sock:mode=660"));
    CHECK(strncmp(strports_endpoint_explanation(endpoint).bytes, "listen on ", 10) == 0);
    CHECK(value(endpoint, "address").kind == STRPORTS_TEXT);
    CHECK(is(value(endpoint, "address").text, "/run/a:b.sock"));
    CHECK(value(endpoint, "mode").kind == STRPORTS_OCTAL);
    CHECK(value(endpoint, "mode").integer == 0660);
    CHECK(value(endpoint, "backlog").kind == STRPORTS_INTEGER);
    CHECK(value(endpoint, "backlog").integer == 50);
    CHECK(value(endpoint, "lockfile").kind == STRPORTS_FLAG && value(endpoint, "lockfile").flag);
    CHECK(value(endpoint, "no such parameter").kind == STRPORTS_ABSENT);

    CHECK(strports_endpoint_parameters(endpoint) == 7);
    CHECK(strports_endpoint_parameter(endpoint, 0, &name, &first));
    CHECK(is(name, "address") && is(first.text, "/run/a:b.sock"));
    CHECK(strports_endpoint_parameter(endpoint, 6, NULL, NULL));
    CHECK(!strports_endpoint_parameter(endpoint, 7, &name, &first));
    strports_endpoint_free(endpoint);
}

static void lends_what_stands_inside(void)
{
    strports_endpoint *endpoint = parse(STRPORTS_SERVER, "haproxy:tcp:80");
    strports_value inner = value(endpoint, "endpoint");

    CHECK(inner.kind == STRPORTS_ENDPOINT);
    CHECK(is(strports_endpoint_type(inner.endpoint), "tcp"));
    CHECK(value(inner.endpoint, "port").integer == 80);
    CHECK(is(strports_endpoint_explanation(inner.endpoint),
             "listen on every IPv4 address, TCP port 80, with a backlog of 50"));
    strports_endpoint_free(endpoint);
}

static void lends_several_texts(void)
{
    strports_endpoint *endpoint = parse(STRPORTS_CLIENT, "process:/bin/echo:a:b\\:c");
    strports_value arguments = value(endpoint, "args");

    CHECK(arguments.kind == STRPORTS_TEXTS && arguments.count == 2);
    CHECK(is(arguments.texts[0], "a") && is(arguments.texts[1], "b:c"));
    strports_endpoint_free(endpoint);
}

static void reports_why_a_text_is_wrong(void)
{
    const char text[] = "tcp:8080:interface=::1";
    strports_endpoint *endpoint = (strports_endpoint *)text;
    strports_report *report = NULL;
    strports_finding finding;

    CHECK(strports_parse(STRPORTS_SERVER, text, strlen(text), &endpoint, &report)
          == STRPORTS_INVALID);
    CHECK(endpoint == NULL && report != NULL);
    CHECK(!strports_report_is_ok(report));
    CHECK(strports_report_findings(report) == 1 && strports_report_more(report) == 0);
    CHECK(strports_report_finding(report, 0, &finding));
    CHECK(is(finding.message, "`::1` is an IPv6 address whose colons are not escaped"));
    CHECK(finding.severity == STRPORTS_ERROR && finding.code.len > 0);
    CHECK(finding.place.bytes.start == 19 && finding.place.bytes.end == 22);
    CHECK(is(finding.replacement, "\\:\\:1") && finding.is_safe);
    CHECK(finding.replaced.bytes.start == 19 && finding.replaced.bytes.end == 22);
    CHECK(is(strports_report_corrected(report), "tcp:8080:interface=\\:\\:1"));
    CHECK(strports_report_canonical(report).bytes == NULL);
    CHECK(!strports_report_finding(report, 1, &finding));
    strports_report_free(report);

    /* The report is not wanted. */
    CHECK(strports_parse(STRPORTS_SERVER, text, strlen(text), &endpoint, NULL) == STRPORTS_INVALID);
    CHECK(endpoint == NULL);
}

static void checks_what_is_valid(void)
{
    const char text[] = "unix:/run/a:mode=666";
    strports_report *report = NULL;
    strports_finding finding;

    CHECK(strports_check(STRPORTS_SERVER, text, strlen(text), &report) == STRPORTS_OK);
    CHECK(strports_report_is_ok(report));
    CHECK(strports_report_findings(report) == 1);
    CHECK(strports_report_finding(report, 0, &finding));
    CHECK(is(finding.code, "world-writable-socket") && finding.severity == STRPORTS_WARNING);
    CHECK(is(strports_report_canonical(report), "unix:/run/a"));
    strports_report_free(report);
}

/* A key, which is four bytes, one character, and two units of UTF-16, before the mistake. */
static void counts_places_in_three_units(void)
{
    const char text[] = "unix:/\xF0\x9F\x94\x91:timeout=x";
    strports_report *report = NULL;
    strports_finding finding;

    CHECK(strports_check(STRPORTS_CLIENT, text, strlen(text), &report) == STRPORTS_OK);
    CHECK(strports_report_finding(report, 0, &finding));
    CHECK(finding.place.bytes.start == 19 && finding.place.bytes.end == 20);
    CHECK(finding.place.chars.start == 16 && finding.place.chars.end == 17);
    CHECK(finding.place.utf16.start == 17 && finding.place.utf16.end == 18);
    strports_report_free(report);
}

static void keeps_bytes_that_are_no_utf_8_and_zero_bytes(void)
{
    const char text[] = "unix:/run/\xFF\0x";
    size_t len = sizeof text - 1;
    strports_endpoint *endpoint = NULL;
    strports_report *report = NULL;
    strports_text address, canonical;
    strports_finding finding;

    CHECK(strports_parse(STRPORTS_SERVER, text, len, &endpoint, NULL) == STRPORTS_OK);
    address = value(endpoint, "address").text;
    CHECK(address.len == 8 && memcmp(address.bytes, "/run/\xFF\0x", 8) == 0);
    canonical = strports_endpoint_canonical(endpoint);
    CHECK(canonical.len == len && memcmp(canonical.bytes, text, len) == 0);
    strports_endpoint_free(endpoint);

    CHECK(strports_check(STRPORTS_SERVER, "tcp:\xFF", 5, &report) == STRPORTS_OK);
    CHECK(strports_report_finding(report, 0, &finding));
    CHECK(finding.place.bytes.start == 4 && finding.place.bytes.end == 5);
    strports_report_free(report);
}

static void quotes_into_a_buffer_of_the_caller(void)
{
    char buffer[8];
    size_t needed = 99;

    CHECK(strports_quote(STRPORTS_POSITIONAL, "a=b:c", 5, buffer, 8, &needed) == STRPORTS_OK);
    CHECK(needed == 7 && strcmp(buffer, "a\\=b\\:c") == 0);
    CHECK(strports_quote(STRPORTS_KEYWORD_VALUE, "a=b:c", 5, buffer, 8, &needed) == STRPORTS_OK);
    CHECK(needed == 6 && strcmp(buffer, "a=b\\:c") == 0);
    CHECK(strports_quote(STRPORTS_KEY, "=", 1, buffer, 8, &needed) == STRPORTS_OK);
    CHECK(needed == 2 && strcmp(buffer, "\\=") == 0);

    /* Without room for the zero byte nothing is cut: the result is empty. */
    memset(buffer, 'x', sizeof buffer);
    CHECK(strports_quote(STRPORTS_POSITIONAL, "a=b:c", 5, buffer, 7, &needed) == STRPORTS_OK);
    CHECK(needed == 7 && buffer[0] == '\0' && buffer[1] == 'x');
    CHECK(strports_quote(STRPORTS_POSITIONAL, "a=b:c", 5, NULL, 0, &needed) == STRPORTS_OK);
    CHECK(needed == 7);
    CHECK(strports_quote(STRPORTS_POSITIONAL, NULL, 0, buffer, 1, &needed) == STRPORTS_OK);
    CHECK(needed == 0 && buffer[0] == '\0');
}

static void refuses_pointers_and_constants_that_are_none(void)
{
    const char *null = NULL;
    strports_endpoint *endpoint = parse(STRPORTS_SERVER, "tcp:80");
    strports_report *report = NULL;
    strports_value value;
    strports_finding finding;
    strports_endpoint *none = NULL;
    size_t needed;
    char buffer[1];

    CHECK(strports_check(STRPORTS_SERVER, null, 1, &report) == STRPORTS_BAD_POINTER);
    CHECK(strports_check(STRPORTS_SERVER, "tcp:80", (size_t)-1, &report) == STRPORTS_BAD_POINTER);
    CHECK(strports_check(STRPORTS_SERVER, "tcp:80", 6, NULL) == STRPORTS_BAD_POINTER);
    CHECK(strports_check(2, "tcp:80", 6, &report) == STRPORTS_BAD_CONSTANT);
    CHECK(report == NULL);
    CHECK(strports_parse(STRPORTS_SERVER, null, 1, &none, &report) == STRPORTS_BAD_POINTER);
    CHECK(strports_parse(STRPORTS_SERVER, "tcp:80", 6, NULL, &report) == STRPORTS_BAD_POINTER);
    CHECK(strports_parse(7, "tcp:80", 6, &none, NULL) == STRPORTS_BAD_CONSTANT);
    CHECK(none == NULL && report == NULL);

    CHECK(strports_endpoint_value(endpoint, NULL, &value) == STRPORTS_BAD_POINTER);
    CHECK(strports_endpoint_value(endpoint, "port", NULL) == STRPORTS_BAD_POINTER);
    CHECK(strports_endpoint_value(NULL, "port", &value) == STRPORTS_BAD_POINTER);
    strports_endpoint_free(endpoint);

    CHECK(strports_endpoint_type(NULL).bytes == NULL);
    CHECK(strports_endpoint_canonical(NULL).bytes == NULL);
    CHECK(strports_endpoint_explanation(NULL).bytes == NULL);
    CHECK(strports_endpoint_parameters(NULL) == 0);
    CHECK(!strports_endpoint_parameter(NULL, 0, NULL, &value));
    CHECK(!strports_report_is_ok(NULL) && strports_report_findings(NULL) == 0);
    CHECK(strports_report_more(NULL) == 0 && !strports_report_finding(NULL, 0, &finding));
    CHECK(strports_report_canonical(NULL).bytes == NULL);
    CHECK(strports_report_corrected(NULL).bytes == NULL);
    strports_endpoint_free(NULL);
    strports_report_free(NULL);

    CHECK(strports_quote(3, "a", 1, buffer, 1, &needed) == STRPORTS_BAD_CONSTANT);
    CHECK(strports_quote(STRPORTS_KEY, "a", 1, NULL, 1, &needed) == STRPORTS_BAD_POINTER);
    CHECK(strports_quote(STRPORTS_KEY, NULL, 1, buffer, 1, &needed) == STRPORTS_BAD_POINTER);
    CHECK(strports_quote(STRPORTS_KEY, "a", 1, buffer, 1, NULL) == STRPORTS_BAD_POINTER);
}

/* The empty text, by a pointer and by none, is no description. */
static void takes_null_as_the_empty_text(void)
{
    strports_report *report = NULL;
    strports_finding finding;

    CHECK(strports_check(STRPORTS_SERVER, NULL, 0, &report) == STRPORTS_OK);
    CHECK(strports_report_finding(report, 0, &finding));
    CHECK(is(finding.code, "empty-description"));
    strports_report_free(report);
}

static void has_a_version(void)
{
    CHECK(strchr(strports_version(), '.') != NULL);
}

int main(void)
{
    parses_a_server();
    lends_what_stands_inside();
    lends_several_texts();
    reports_why_a_text_is_wrong();
    checks_what_is_valid();
    counts_places_in_three_units();
    keeps_bytes_that_are_no_utf_8_and_zero_bytes();
    quotes_into_a_buffer_of_the_caller();
    refuses_pointers_and_constants_that_are_none();
    takes_null_as_the_empty_text();
    has_a_version();
    puts("every answer is right");
    return 0;
}
