/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/endpoint.h"

#include <string.h>

#include "image/doc.h"
#include "lib/strv.h"

/* What an endpoint says in words, in the document as in the struct. */
/* clang-format off */
static const struct {
        const char *key;
        size_t offset;
        bool is_secret;
} words[] = {
        { "host",           offsetof(Endpoint, host),           false },
        { "repository",     offsetof(Endpoint, repository),     false },
        { "user",           offsetof(Endpoint, user),           true  },
        { "password",       offsetof(Endpoint, password),       true  },
        { "identity-token", offsetof(Endpoint, identity_token), true  },
        { "registry-token", offsetof(Endpoint, registry_token), true  },
        { "ca",             offsetof(Endpoint, ca),             false },
        { "certificate",    offsetof(Endpoint, certificate),    false },
        { "key",            offsetof(Endpoint, key),            true  },
};
/* clang-format on */

static char **word_of(const Endpoint *endpoint, size_t i) {
        return (char **) ((char *) endpoint + words[i].offset);
}

static void endpoint_done(Endpoint *endpoint) {
        for (size_t i = 0; i < ELEMENTS(words); i++) {
                char *word = *word_of(endpoint, i);

                if (word && words[i].is_secret)
                        explicit_bzero(word, strlen(word));
                free(word);
        }
        *endpoint = (Endpoint){};
}

void endpoint_list_done(EndpointList *list) {
        for (size_t i = 0; i < list->n; i++)
                endpoint_done(&list->items[i]);
        free(list->items);
        free(list->reference);
        free(list->tag);
        strv_free(list->lookasides);
        strv_free(list->proxies);
        *list = (EndpointList){};
}

Endpoint *endpoints_add(EndpointList *list) {
        Endpoint *grown = reallocarray(list->items, list->n + 1, sizeof(Endpoint));

        if (!grown)
                return NULL;
        list->items = grown;
        grown[list->n] = (Endpoint){};
        return &grown[list->n++];
}

static json_t *endpoint_to_json(const Endpoint *endpoint) {
        json_t *object = json_pack(
                        "{s:b, s:b}", "insecure", endpoint->insecure, "mirror", endpoint->is_mirror);

        for (size_t i = 0; i < ELEMENTS(words) && object; i++) {
                const char *word = *word_of(endpoint, i);

                if (word && json_object_set_new(object, words[i].key, json_string(word)) < 0) {
                        json_decref(object);
                        object = NULL;
                }
        }
        return object;
}

static json_t *strings_to_json(char *const *list) {
        json_t *array = json_array();

        for (; array && list && *list; list++)
                if (json_array_append_new(array, json_string(*list)) < 0) {
                        json_decref(array);
                        return NULL;
                }
        return array;
}

int endpoints_to_text(const EndpointList *list, char **ret, size_t *ret_size) {
        autojson json_t *document = NULL;
        autojson json_t *array = json_array();
        char *text;

        for (size_t i = 0; i < list->n; i++)
                if (json_array_append_new(array, endpoint_to_json(&list->items[i])) < 0)
                        return -ENOMEM;
        document = json_pack("{s:s, s:s, s:O, s:o, s:o}", "reference", list->reference, "tag", list->tag,
                        "endpoints", array, "lookasides", strings_to_json(list->lookasides), "proxies",
                        strings_to_json(list->proxies));
        text = document ? json_dumps(document, JSON_COMPACT) : NULL;
        if (!text)
                return -ENOMEM;
        *ret = text;
        *ret_size = strlen(text);
        return 0;
}

static int flag(const json_t *object, const char *key, bool *ret, Fault *fault) {
        const json_t *value = json_object_get(object, key);

        if (value && !json_is_boolean(value))
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "'%s' is neither true nor false", key);
        *ret = json_is_true(value);
        return 0;
}

static int take_endpoint(const json_t *object, EndpointList *list, Fault *fault) {
        Endpoint *endpoint = endpoints_add(list);
        int r;

        if (!endpoint)
                return -ENOMEM;
        if (!json_is_object(object))
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "an endpoint is not an object");
        for (size_t i = 0; i < ELEMENTS(words); i++) {
                r = doc_string(object, words[i].key, word_of(endpoint, i), fault);
                if (r < 0)
                        return r;
        }
        if (!endpoint->host || !endpoint->repository)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "an endpoint lacks its host or repository");
        if ((r = flag(object, "insecure", &endpoint->insecure, fault)) < 0)
                return r;
        return flag(object, "mirror", &endpoint->is_mirror, fault);
}

static int take_document(const json_t *document, EndpointList *list, Fault *fault) {
        const json_t *array = NULL, *item;
        size_t i;
        int r;

        if ((r = doc_string(document, "reference", &list->reference, fault)) < 0 ||
                        (r = doc_string(document, "tag", &list->tag, fault)) < 0 ||
                        (r = doc_strings(document, "lookasides", &list->lookasides, fault)) < 0 ||
                        (r = doc_strings(document, "proxies", &list->proxies, fault)) < 0 ||
                        (r = doc_array(document, "endpoints", &array, fault)) < 0)
                return r;
        if (!list->reference || !list->tag)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "the reference is missing");
        json_array_foreach(array, i, item) {
                r = take_endpoint(item, list, fault);
                if (r < 0)
                        return r;
        }
        return 0;
}

int endpoints_from_text(const char *text, size_t size, EndpointList *ret, Fault *fault) {
        autoendpoints EndpointList list = {};
        autojson json_t *document = NULL;
        int r;

        r = doc_parse(text, size, "list of endpoints", &document, fault);
        if (r >= 0)
                r = take_document(document, &list, fault);
        if (r < 0)
                return r;
        *ret = list;
        list = (EndpointList){};
        return 0;
}
