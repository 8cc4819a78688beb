/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/pull/request.h"

#include <string.h>

#include "image/doc.h"
#include "image/reference.h"

static int read_budget(const json_t *body, UnpackBudget *budget, Fault *fault) {
        int64_t entries = UNPACK_ENTRIES_DEFAULT, bytes = (int64_t) UNPACK_BYTES_DEFAULT;
        int r;

        if ((r = doc_number(body, "entries", &entries, fault)) < 0 ||
                        (r = doc_number(body, "bytes", &bytes, fault)) < 0)
                return r;
        if (entries <= 0 || bytes <= 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a budget must be more than nothing");
        *budget = (UnpackBudget){ (uint64_t) entries, (uint64_t) bytes };
        return 0;
}

static int read_platform(const json_t *body, PullRequest *request, Fault *fault) {
        autofree char *platform = NULL;
        int r = doc_string(body, "platform", &platform, fault);

        if (r < 0)
                return r;
        platform_of_machine(&request->platform);
        request->platform_is_given = platform != NULL;
        return platform ? platform_parse(platform, &request->platform, fault) : 0;
}

/* "application/json; charset=utf-8" is "application/json". */
static void strip_parameters(char *type) {
        if (type)
                type[strcspn(type, "; \t")] = '\0';
}

static int check_name(const PullRequest *request, Fault *fault) {
        autofree char *normal = NULL;

        return reference_normalise(request->name, &normal, fault);
}

static int read_request(const json_t *body, PullRequest *request, Fault *fault) {
        autofree char *verb = NULL, *digest = NULL;
        int r;

        if ((r = doc_string(body, "do", &verb, fault)) < 0 ||
                        (r = doc_string(body, "name", &request->name, fault)) < 0 ||
                        (r = doc_string(body, "type", &request->type, fault)) < 0 ||
                        (r = doc_string(body, "digest", &digest, fault)) < 0)
                return r;
        if (!verb || strcmp(verb, "pull") != 0)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP, "slipway-store cannot do '%.40s'",
                                verb ? verb : "");
        if (!request->name || !digest)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "a request lacks 'name' or 'digest'");
        strip_parameters(request->type);
        if ((r = digest_parse(digest, &request->digest, fault)) < 0 ||
                        (r = check_name(request, fault)) < 0 ||
                        (r = read_platform(body, request, fault)) < 0)
                return r;
        return read_budget(body, &request->budget, fault);
}

int pull_request_parse(const json_t *body, PullRequest *ret, Fault *fault) {
        AUTO(pull_request_done) PullRequest request = {};
        int r = read_request(body, &request, fault);

        if (r < 0)
                return r;
        *ret = request;
        request = (PullRequest){};
        return 0;
}

void pull_request_done(PullRequest *request) {
        free(request->name);
        free(request->type);
        *request = (PullRequest){};
}
