/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/finding.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"

static void finding_done(Finding *finding) {
        free(finding->subject);
        free(finding->detail);
}

int findings_add(Findings *findings, const FindingKind *kind, const char *subject, const char *detail) {
        Finding finding = { .kind = kind, .subject = strdup(subject) };
        Finding *grown;

        if (detail)
                finding.detail = strdup(detail);
        grown = reallocarray(findings->items, findings->n + 1, sizeof(Finding));
        if (grown)
                findings->items = grown;
        if (!grown || !finding.subject || (detail && !finding.detail)) {
                finding_done(&finding);
                return -ENOMEM;
        }
        findings->items[findings->n++] = finding;
        return 0;
}

int findings_add_file(Findings *findings, const FindingKind *kind, const char *directory, const char *name,
                const char *detail) {
        char path[PATH_MAX];

        (void) snprintf(path, sizeof(path), "%s/%s", directory, name);
        return findings_add(findings, kind, path, detail);
}

static bool has(const Findings *findings, const Finding *wanted) {
        for (size_t i = 0; i < findings->n; i++)
                if (findings->items[i].kind == wanted->kind &&
                                strcmp(findings->items[i].subject, wanted->subject) == 0)
                        return true;
        return false;
}

void findings_confirm(Findings *findings, const Findings *again) {
        size_t n = 0;

        for (size_t i = 0; i < findings->n; i++)
                if (has(again, &findings->items[i]))
                        findings->items[n++] = findings->items[i];
                else
                        finding_done(&findings->items[i]);
        findings->n = n;
}

void findings_done(Findings *findings) {
        for (size_t i = 0; i < findings->n; i++)
                finding_done(&findings->items[i]);
        free(findings->items);
        *findings = (Findings){};
}

int finding_remove_file(const char *path, Fault *fault) {
        if (unlink(path) < 0 && errno != ENOENT)
                return fault_wrap(fault, -errno, "cannot remove '%s'", path);
        return 0;
}
