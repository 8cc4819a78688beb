/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/policy.h"

#include <stdarg.h>
#include <string.h>

#include "image/doc.h"
#include "image/trust/base64.h"
#include "image/trust/policy-file.h"
#include "lib/strv.h"

/* --- where something stands, for messages --- */

int policy_wrong(const PolicyPath *path, Fault *fault, const char *format, ...) {
        char text[256];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.200s' %s",
                        *path->text ? path->text : "the policy", text);
}

PolicyPath policy_path_key(const PolicyPath *path, const char *key) {
        PolicyPath deeper;
        bool plain = strpbrk(key, ".\" [") == NULL && *key;

        (void) snprintf(deeper.text, sizeof(deeper.text), plain ? "%s%s%s" : "%s%s\"%s\"", path->text,
                        *path->text ? "." : "", key);
        return deeper;
}

PolicyPath policy_path_index(const PolicyPath *path, size_t i) {
        PolicyPath deeper;

        (void) snprintf(deeper.text, sizeof(deeper.text), "%s[%zu]", path->text, i);
        return deeper;
}

int policy_check_keys(const json_t *object, const PolicyPath *path, const char *const *known, Fault *fault) {
        const json_t *value;
        const char *key;

        if (!json_is_object(object))
                return policy_wrong(path, fault, "is not an object");
        json_object_foreach((json_t *) object, key, value) {
                PolicyPath deeper = policy_path_key(path, key);
                size_t i = 0;

                while (known[i] && strcmp(known[i], key) != 0)
                        i++;
                if (!known[i])
                        return policy_wrong(&deeper, fault, "is not known, see slipway-policy(5)");
        }
        return 0;
}

/* --- scopes --- */

static int parse_scope(
                const json_t *list, const char *name, const PolicyPath *path, Scope *ret, Fault *fault) {
        int r = 0;

        if (!json_is_array(list))
                return policy_wrong(path, fault, "is not a list of requirements");
        if (json_array_size(list) == 0)
                return policy_wrong(path, fault,
                                "is empty; write [{\"type\": \"reject\"}] or "
                                "[{\"type\": \"insecureAcceptAnything\"}]");
        ret->name = strdup(name);
        ret->items = calloc(json_array_size(list), sizeof(Requirement));
        if (!ret->name || !ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < json_array_size(list) && r >= 0; i++) {
                PolicyPath deeper = policy_path_index(path, i);

                ret->n++;
                r = requirement_parse(json_array_get(list, i), &deeper, &ret->items[i], fault);
        }
        return r;
}

static int parse_transport(const json_t *object, const char *name, const PolicyPath *path,
                TransportPolicy *ret, Fault *fault) {
        const json_t *list;
        const char *scope;
        int r;

        if (!json_is_object(object))
                return policy_wrong(path, fault, "is not an object");
        ret->name = strdup(name);
        ret->scopes = calloc(json_object_size(object) + 1, sizeof(Scope));
        if (!ret->name || !ret->scopes)
                return -ENOMEM;
        json_object_foreach((json_t *) object, scope, list) {
                PolicyPath deeper = policy_path_key(path, scope);

                r = parse_scope(list, scope, &deeper, &ret->scopes[ret->n++], fault);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int parse_transports(const json_t *object, const PolicyPath *path, Policy *policy, Fault *fault) {
        const json_t *transport;
        const char *name;
        int r;

        if (!object)
                return 0;
        if (!json_is_object(object))
                return policy_wrong(path, fault, "is not an object");
        policy->items = calloc(json_object_size(object) + 1, sizeof(TransportPolicy));
        if (!policy->items)
                return -ENOMEM;
        json_object_foreach((json_t *) object, name, transport) {
                PolicyPath deeper = policy_path_key(path, name);

                r = parse_transport(transport, name, &deeper, &policy->items[policy->n++], fault);
                if (r < 0)
                        return r;
        }
        return 0;
}

int policy_parse(const char *text, size_t size, Policy *ret, Fault *fault) {
        static const char *const keys[] = { "default", "transports", NULL };
        autopolicy Policy policy = {};
        autojson json_t *document = NULL;
        PolicyPath top = {}, path;
        int r;

        r = doc_parse(text, size, "the policy", &document, fault);
        if (r >= 0)
                r = policy_check_keys(document, &top, keys, fault);
        if (r < 0)
                return r;
        if (!json_object_get(document, "default"))
                return policy_wrong(&top, fault, "has no 'default'");
        path = policy_path_key(&top, "default");
        r = parse_scope(json_object_get(document, "default"), "default", &path, &policy.fallback, fault);
        path = policy_path_key(&top, "transports");
        if (r >= 0)
                r = parse_transports(json_object_get(document, "transports"), &path, &policy, fault);
        if (r < 0)
                return r;
        *ret = policy;
        policy = (Policy){};
        return 0;
}

/* --- looking something up --- */

const TransportPolicy *policy_transport(const Policy *policy, const char *name) {
        for (size_t i = 0; i < policy->n; i++)
                if (strcmp(policy->items[i].name, name) == 0)
                        return &policy->items[i];
        return NULL;
}

const Scope *transport_scope(const TransportPolicy *transport, const char *name) {
        for (size_t i = 0; transport && i < transport->n; i++)
                if (strcmp(transport->scopes[i].name, name) == 0)
                        return &transport->scopes[i];
        return NULL;
}

/* A tag's colon is behind the last slash, a port's before the first one. */
static char *cut_tag(const char *name) {
        const char *at = strchrnul(name, '@'), *slash = strrchr(name, '/');
        const char *colon = strchr(slash ? slash : name, ':');
        const char *end = colon && colon < at ? colon : at;

        return strndup(name, (size_t) (end - name));
}

int scope_candidates(const char *name, char ***ret) {
        autostrv char **list = NULL;
        autofree char *rest = cut_tag(name);
        char *slash, *port;

        if (!rest || strv_append(&list, name) < 0)
                return -ENOMEM;
        for (;;) {
                if (strv_append(&list, rest) < 0)
                        return -ENOMEM;
                slash = strrchr(rest, '/');
                if (!slash)
                        break;
                *slash = '\0';
        }
        port = strchr(rest, ':');
        if (port)
                *port = '\0';
        for (const char *dot = rest; (dot = strchr(dot, '.')); dot++)
                if (strv_appendf(&list, "*%s", dot) < 0)
                        return -ENOMEM;
        *ret = TAKE(list);
        return 0;
}

/* --- the end --- */

static void scope_done(Scope *scope) {
        for (size_t i = 0; i < scope->n; i++)
                requirement_done(&scope->items[i]);
        free(scope->items);
        free(scope->name);
        *scope = (Scope){};
}

void policy_done(Policy *policy) {
        scope_done(&policy->fallback);
        for (size_t i = 0; i < policy->n; i++) {
                TransportPolicy *transport = &policy->items[i];

                for (size_t k = 0; k < transport->n; k++)
                        scope_done(&transport->scopes[k]);
                free(transport->scopes);
                free(transport->name);
        }
        free(policy->items);
        *policy = (Policy){};
}
