/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/registries-d.h"

#include <fcntl.h>
#include <jansson.h>
#include <libfyaml.h>
#include <string.h>
#include <strings.h>

#include "image/trust/policy.h"
#include "image/trust/trust.h"
#include "lib/io.h"
#include "lib/strv.h"

#define FILE_LIMIT (1u << 20)
#define SECTIONS_LIMIT 4096

static int wrong(Fault *fault, const char *where, const char *what) {
        return fault_raise(fault, FAULT_SYNTAX, EINVAL, "'%.100s' %s", where, what);
}

/* --- nodes
 * ------------------------------------------------------------------------------------------------- */

/* A copy of a plain text. Return: NULL for another kind of node, for null, and when out of memory. */
static char *copy_scalar(struct fy_node *node) {
        const char *text;
        size_t size = 0;

        if (!node || !fy_node_is_scalar(node) || fy_node_is_alias(node) || fy_node_is_null(node))
                return NULL;
        text = fy_node_get_scalar(node, &size);
        return text && !memchr(text, '\0', size) ? strndup(text, size) : NULL;
}

static int read_word(struct fy_node *value, const char *key, char **ret, Fault *fault) {
        if (!value || fy_node_is_null(value))
                return 0;
        free(*ret);
        *ret = copy_scalar(value);
        return *ret ? 0 : wrong(fault, key, "is not a plain text");
}

static int read_switch(struct fy_node *value, const char *key, int *ret, Fault *fault) {
        static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };
        autofree char *word = NULL;
        int r = read_word(value, key, &word, fault);

        for (int i = 0; word && i < (int) ELEMENTS(words); i++)
                if (strcasecmp(words[i], word) == 0) {
                        *ret = i % 2;
                        return 0;
                }
        return r < 0 || !word ? r : wrong(fault, key, "is neither true nor false");
}

/* What is for who signs is not for us, and keys that are new to us are none of a scope's places. */
static int read_member(const char *key, struct fy_node *value, RegistriesSection *section, char **old,
                Fault *fault) {
        if (strcmp(key, "lookaside") == 0)
                return read_word(value, key, &section->lookaside, fault);
        if (strcmp(key, "sigstore") == 0)
                return read_word(value, key, old, fault);
        if (strcmp(key, "use-sigstore-attachments") == 0)
                return read_switch(value, key, &section->attachments, fault);
        return 0;
}

static int read_section(struct fy_node *node, const char *scope, RegistriesSection *section, Fault *fault) {
        autofree char *old = NULL;
        struct fy_node_pair *pair;
        void *at = NULL;

        if (fy_node_is_null(node))
                return 0;
        if (!fy_node_is_mapping(node))
                return wrong(fault, scope, "is not a mapping");
        while ((pair = fy_node_mapping_iterate(node, &at))) {
                autofree char *key = copy_scalar(fy_node_pair_key(pair));
                int r = key ? read_member(key, fy_node_pair_value(pair), section, &old, fault)
                            : wrong(fault, scope, "has a key that is not a plain text");

                if (r < 0)
                        return r;
        }
        if (!section->lookaside || !*section->lookaside) {
                free(section->lookaside);
                section->lookaside = old && *old ? TAKE(old) : NULL;
        }
        return 0;
}

/* --- sections
 * ---------------------------------------------------------------------------------------------- */

static void section_done(RegistriesSection *section) {
        free(section->scope);
        free(section->lookaside);
        *section = (RegistriesSection){};
}

static bool is_same_scope(const char *a, const char *b) {
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static const RegistriesSection *find_section(const RegistriesD *registries, const char *scope) {
        for (size_t i = 0; i < registries->n; i++)
                if (is_same_scope(registries->items[i].scope, scope))
                        return &registries->items[i];
        return NULL;
}

/* @scope: NULL for the default. */
static int add_section(struct fy_node *node, const char *scope, RegistriesD *into, Fault *fault) {
        AUTO(section_done) RegistriesSection section = { .attachments = -1 };
        RegistriesSection *grown;
        int r = read_section(node, scope ?: "default-docker", &section, fault);

        if (r < 0)
                return r;
        if (find_section(into, scope))
                return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                "'%.200s' is in another file of " REGISTRIES_D ", too",
                                scope ?: "default-docker");
        if (into->n >= SECTIONS_LIMIT)
                return wrong(fault, scope ?: "default-docker", "is a scope too many");
        section.scope = scope ? strdup(scope) : NULL;
        grown = reallocarray(into->items, into->n + 1, sizeof(RegistriesSection));
        if (grown)
                into->items = grown;
        if (!grown || (scope && !section.scope))
                return -ENOMEM;
        into->items[into->n++] = section;
        section = (RegistriesSection){};
        return 0;
}

static int add_scopes(struct fy_node *node, RegistriesD *into, Fault *fault) {
        struct fy_node_pair *pair;
        void *at = NULL;
        int r = 0;

        if (fy_node_is_null(node))
                return 0;
        if (!fy_node_is_mapping(node))
                return wrong(fault, "docker", "is not a mapping");
        while (r >= 0 && (pair = fy_node_mapping_iterate(node, &at))) {
                autofree char *scope = copy_scalar(fy_node_pair_key(pair));

                r = scope ? add_section(fy_node_pair_value(pair), scope, into, fault)
                          : wrong(fault, "docker", "has a scope that is not a plain text");
        }
        return r;
}

static int add_document(struct fy_node *root, RegistriesD *into, Fault *fault) {
        struct fy_node_pair *pair;
        void *at = NULL;
        int r = 0;

        if (!root || fy_node_is_null(root))
                return 0;
        if (!fy_node_is_mapping(root))
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "it is not a mapping");
        while (r >= 0 && (pair = fy_node_mapping_iterate(root, &at))) {
                autofree char *key = copy_scalar(fy_node_pair_key(pair));

                if (key && strcmp(key, "default-docker") == 0)
                        r = add_section(fy_node_pair_value(pair), NULL, into, fault);
                else if (key && strcmp(key, "docker") == 0)
                        r = add_scopes(fy_node_pair_value(pair), into, fault);
        }
        return r;
}

/* The library would print; the first thing it has to say is for our message. */
typedef struct Complaint {
        char text[160];
} Complaint;

static void take_complaint(struct fy_diag *diag, void *user, const char *text, size_t size) {
        const char *end = memchr(text, '\n', size);
        Complaint *complaint = user;

        if (end)
                size = (size_t) (end - text);
        if (complaint->text[0] == '\0')
                (void) snprintf(complaint->text, sizeof(complaint->text), ": %.*s", (int) size, text);
}

static int parse_stream(
                struct fy_parser *parser, const Complaint *complaint, RegistriesD *into, Fault *fault) {
        struct fy_document *document = fy_parse_load_document(parser);
        int r;

        if (!document) /* nothing but remarks is a document, too */
                return fy_parser_get_stream_error(parser)
                                       ? fault_raise(fault, FAULT_SYNTAX, EINVAL, "it is not valid YAML%s",
                                                         complaint->text)
                                       : 0;
        r = add_document(fy_document_root(document), into, fault);
        fy_parse_document_destroy(parser, document);
        return r;
}

/*
 * libfyaml 0.7 does not come back from a directive with a byte that is no UTF-8. No such file has a use for
 * directives, and YAML is UTF-8.
 */
static int check_text(const char *text, size_t size, Fault *fault) {
        json_t *json = json_stringn(text, size);

        if (!json || memchr(text, '\0', size)) {
                json_decref(json);
                return fault_raise(fault, FAULT_SYNTAX, EILSEQ, "it is not text in UTF-8");
        }
        json_decref(json);
        for (size_t i = 0; i < size; i++)
                if (text[i] == '%' && (i == 0 || text[i - 1] == '\n' || text[i - 1] == '\r'))
                        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                        "it has a directive of YAML, a line that begins with '%%'; leave "
                                        "that out");
        return 0;
}

int registries_d_parse(const char *text, size_t size, RegistriesD *into, Fault *fault) {
        Complaint complaint = {};
        struct fy_diag_cfg says = {
                .output_fn = take_complaint, .user = &complaint, .level = FYET_ERROR, .module_mask = ~0u
        };
        struct fy_parse_cfg config = { .flags = FYPCF_QUIET };
        struct fy_parser *parser;
        int r;

        if (size > FILE_LIMIT)
                return fault_raise(fault, FAULT_VALUE, EFBIG, "it is larger than %u MiB", FILE_LIMIT >> 20);
        r = check_text(text, size, fault);
        if (r < 0)
                return r;
        config.diag = fy_diag_create(&says);
        parser = config.diag ? fy_parser_create(&config) : NULL;
        r = parser && fy_parser_set_string(parser, text, size) == 0
                            ? parse_stream(parser, &complaint, into, fault)
                            : -ENOMEM;
        if (parser)
                fy_parser_destroy(parser);
        if (config.diag)
                fy_diag_unref(config.diag);
        return r;
}

/* --- files
 * ------------------------------------------------------------------------------------------------- */

static int load_file(const char *dir, const char *name, RegistriesD *into, Fault *fault) {
        autofree char *text = NULL, *path = NULL;
        size_t size = 0;
        int r;

        if (asprintf(&path, "%s/%s", dir, name) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        r = io_read_file(AT_FDCWD, path, FILE_LIMIT, &text, &size);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot read '%s': %s", path, strerror(-r));
        r = registries_d_parse(text, size, into, fault);
        return r < 0 && r != -ENOMEM ? fault_wrap(fault, r, "cannot use '%s'", path) : r;
}

static int is_yaml(const struct dirent *entry) {
        size_t n = strlen(entry->d_name);

        return n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

int registries_d_load(const char *dir, RegistriesD *ret, Fault *fault) {
        autoregistries RegistriesD registries = {};
        struct dirent **names = NULL;
        int n, r = 0;

        dir = dir ?: secure_getenv("SLIPWAY_REGISTRIES_D") ?: REGISTRIES_D;
        n = scandir(dir, &names, is_yaml, alphasort);
        if (n < 0 && errno != ENOENT)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read '%s': %s", dir, strerror(errno));
        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = load_file(dir, names[i]->d_name, &registries, fault);
                free(names[i]);
        }
        free(names);
        if (r < 0)
                return r;
        *ret = registries;
        registries = (RegistriesD){};
        return 0;
}

int registries_d_find(const RegistriesD *registries, const char *name, char **ret_lookaside,
                int *ret_attachments) {
        autostrv char **candidates = NULL;
        const char *lookaside = NULL;
        int attachments = -1, r;
        char *copy;

        r = scope_candidates(name, &candidates);
        if (r < 0)
                return r;
        for (size_t i = 0;; i++) { /* the last one is NULL: the default */
                const RegistriesSection *section = find_section(registries, candidates[i]);

                if (section && !lookaside)
                        lookaside = section->lookaside;
                if (section && attachments < 0)
                        attachments = section->attachments;
                if (!candidates[i])
                        break;
        }
        copy = strdup(lookaside ?: LOOKASIDE_DEFAULT);
        if (!copy)
                return -ENOMEM;
        *ret_lookaside = copy;
        *ret_attachments = attachments;
        return 0;
}

void registries_d_done(RegistriesD *registries) {
        for (size_t i = 0; i < registries->n; i++)
                section_done(&registries->items[i]);
        free(registries->items);
        *registries = (RegistriesD){};
}

int trust_lookasides(const char *name, char ***ret, Fault *fault) {
        autoregistries RegistriesD registries = {};
        autofree char *lookaside = NULL;
        autostrv char **list = NULL;
        int attachments, r;

        r = registries_d_load(NULL, &registries, fault);
        if (r >= 0)
                r = registries_d_find(&registries, name, &lookaside, &attachments);
        if (r < 0)
                return r;
        if (strncmp(lookaside, "https://", 8) == 0 || strncmp(lookaside, "http://", 7) == 0)
                r = strv_append(&list, lookaside);
        if (r < 0)
                return r;
        *ret = TAKE(list);
        return 0;
}
