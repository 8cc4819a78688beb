/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/payload.h"

#include <math.h>
#include <string.h>

#include "image/doc.h"

static int malformed(const char *what, Fault *fault) {
        return fault_raise(fault, FAULT_SYNTAX, EINVAL, "%s", what);
}

/* An object with these members and no others, NULL at the end. */
static bool has_exactly(const json_t *object, const char *const *keys) {
        size_t n = 0;

        if (!json_is_object(object))
                return false;
        for (; keys[n]; n++)
                if (!json_object_get(object, keys[n]))
                        return false;
        return json_object_size(object) == n;
}

static bool is_whole_number(const json_t *value) {
        return json_is_integer(value) ||
               (json_is_real(value) && trunc(json_real_value(value)) == json_real_value(value));
}

/* Anything may be in it, but these two mean something. */
static int check_optional(const json_t *optional, bool may_be_null, Fault *fault) {
        const json_t *creator, *timestamp;

        if (may_be_null && json_is_null(optional))
                return 0;
        if (!json_is_object(optional))
                return malformed("'optional' is not an object", fault);
        creator = json_object_get(optional, "creator");
        timestamp = json_object_get(optional, "timestamp");
        if (creator && !json_is_string(creator))
                return malformed("'creator' is not a string", fault);
        if (timestamp && !is_whole_number(timestamp))
                return malformed("'timestamp' is not a whole number", fault);
        return 0;
}

static int read_critical(const json_t *critical, const char *wanted, Payload *payload, Fault *fault) {
        static const char *const keys[] = { "type", "image", "identity", NULL };
        static const char *const image_keys[] = { "docker-manifest-digest", NULL };
        static const char *const identity_keys[] = { "docker-reference", NULL };
        const json_t *image = json_object_get(critical, "image"), *digest;
        const json_t *identity = json_object_get(critical, "identity"), *reference;
        const char *type = json_string_value(json_object_get(critical, "type"));

        if (!has_exactly(critical, keys) || !has_exactly(image, image_keys) ||
                        !has_exactly(identity, identity_keys))
                return malformed("'critical' lacks something, or has what is not known", fault);
        digest = json_object_get(image, "docker-manifest-digest");
        reference = json_object_get(identity, "docker-reference");
        if (!type || strcmp(type, wanted) != 0)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "its type is '%.80s', not '%s'", type ?: "",
                                wanted);
        if (!json_is_string(digest) || !json_is_string(reference))
                return malformed("digest or reference is not a string", fault);
        payload->reference = strdup(json_string_value(reference));
        if (!payload->reference)
                return -ENOMEM;
        return digest_parse(json_string_value(digest), &payload->digest, fault);
}

int payload_parse(const char *text, size_t size, const char *type, Payload *ret, Fault *fault) {
        static const char *const keys[] = { "critical", "optional", NULL };
        autopayload Payload payload = {};
        autojson json_t *document = NULL;
        int r;

        if (size > PAYLOAD_LIMIT)
                return fault_raise(
                                fault, FAULT_VALUE, EFBIG, "it is larger than %u KiB", PAYLOAD_LIMIT >> 10);
        r = doc_parse(text, size, "it", &document, fault);
        if (r < 0)
                return r;
        if (!has_exactly(document, keys))
                return malformed("there is more or less than 'critical' and 'optional' in it", fault);
        r = read_critical(json_object_get(document, "critical"), type, &payload, fault);
        if (r >= 0)
                r = check_optional(json_object_get(document, "optional"), strcmp(type, PAYLOAD_COSIGN) == 0,
                                fault);
        if (r < 0)
                return r;
        *ret = payload;
        payload = (Payload){};
        return 0;
}

void payload_done(Payload *payload) {
        free(payload->reference);
        *payload = (Payload){};
}
