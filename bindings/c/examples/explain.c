/* Explains the description of a server: what it does, or what is wrong with it.
 *
 *     ./explain 'tcp:8080:interface=::1'
 */

#include "strports.h"

#include <stdio.h>
#include <string.h>

static int print_findings(const char *text, const strports_report *report)
{
    strports_finding finding;

    for (size_t index = 0; strports_report_finding(report, index, &finding); index++) {
        size_t start = finding.place.bytes.start;
        printf("%s\n", text);
        printf("%*s^ %s\n", (int)start, "", finding.message.bytes);
    }
    strports_text corrected = strports_report_corrected(report);
    if (corrected.bytes != NULL) {
        printf("write: %s\n", corrected.bytes);
    }
    return 1;
}

static int print_explanation(const strports_endpoint *endpoint)
{
    strports_text explanation = strports_endpoint_explanation(endpoint);

    if (explanation.bytes == NULL) {
        explanation = strports_endpoint_canonical(endpoint);
    }
    printf("%s\n", explanation.bytes);
    return 0;
}

int main(int argc, char **argv)
{
    strports_endpoint *endpoint = NULL;
    strports_report *report = NULL;
    int status = 2;

    if (argc != 2) {
        fprintf(stderr, "usage: explain SERVER\n");
        return status;
    }
    switch (strports_parse(STRPORTS_SERVER, argv[1], strlen(argv[1]), &endpoint, &report)) {
    case STRPORTS_OK:
        status = print_explanation(endpoint);
        break;
    case STRPORTS_INVALID:
        status = print_findings(argv[1], report);
        break;
    case STRPORTS_BAD_POINTER:
    case STRPORTS_BAD_CONSTANT:
        break;
    }
    strports_endpoint_free(endpoint);
    strports_report_free(report);
    return status;
}
