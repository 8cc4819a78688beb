/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/registries-d.h"

#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "image/trust/policy.h"
#include "image/trust/trust.h"
#include "lib/io.h"
#include "lib/strv.h"

#define FILE_LIMIT (1u << 20)
#define SECTIONS_LIMIT 4096

static int wrong(Fault *fault, const char *where, const char *what) {
        return fault_raise(fault, FAULT_SYNTAX, EINVAL, "'%.100s' %s", where, what);
}

/* --- nodes --- */

typedef struct Yaml {
        yaml_document_t *document;
        const yaml_node_t *node; /* NULL: an empty document */
} Yaml;

static Yaml yaml_at(Yaml yaml, int index) {
        return (Yaml){ yaml.document, yaml_document_get_node(yaml.document, index) };
}

static bool is_null(Yaml yaml) {
        static const char *const words[] = { "", "~", "null", "Null", "NULL" };

        if (!yaml.node)
                return true;
        if (yaml.node->type != YAML_SCALAR_NODE || yaml.node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
                return false;
        for (size_t i = 0; i < ELEMENTS(words); i++)
                if (strcmp((const char *) yaml.node->data.scalar.value, words[i]) == 0)
                        return true;
        return false;
}

/* A copy of a plain text. Return: NULL for another kind of node, for null, and when out of memory. */
static char *copy_scalar(Yaml yaml) {
        const char *text;

        if (is_null(yaml) || yaml.node->type != YAML_SCALAR_NODE)
                return NULL;
        text = (const char *) yaml.node->data.scalar.value;
        return strlen(text) == yaml.node->data.scalar.length ? strdup(text) : NULL;
}

static bool is_same_text(Yaml a, Yaml b) {
        return a.node->type == YAML_SCALAR_NODE && b.node->type == YAML_SCALAR_NODE &&
               strcmp((const char *) a.node->data.scalar.value, (const char *) b.node->data.scalar.value) ==
                               0;
}

/* Which of two keys of one name counts would depend on who reads. Return: how many there are. */
static int check_mapping(Yaml yaml, const char *where, Fault *fault) {
        const yaml_node_pair_t *pairs, *end;

        if (is_null(yaml))
                return 0;
        if (yaml.node->type != YAML_MAPPING_NODE)
                return wrong(fault, where, "is not a mapping");
        pairs = yaml.node->data.mapping.pairs.start;
        end = yaml.node->data.mapping.pairs.top;
        if (end - pairs > SECTIONS_LIMIT)
                return wrong(fault, where, "has too many keys");
        for (const yaml_node_pair_t *a = pairs; a < end; a++)
                for (const yaml_node_pair_t *b = pairs; b < a; b++)
                        if (is_same_text(yaml_at(yaml, a->key), yaml_at(yaml, b->key)))
                                return wrong(fault, where, "has a key twice; leave one of them");
        return (int) (end - pairs);
}

static int read_word(Yaml value, const char *key, char **ret, Fault *fault) {
        if (is_null(value))
                return 0;
        free(*ret);
        *ret = copy_scalar(value);
        return *ret ? 0 : wrong(fault, key, "is not a plain text");
}

static int read_switch(Yaml value, const char *key, int *ret, Fault *fault) {
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
static int read_member(const char *key, Yaml value, RegistriesSection *section, char **old, Fault *fault) {
        if (strcmp(key, "lookaside") == 0)
                return read_word(value, key, &section->lookaside, fault);
        if (strcmp(key, "sigstore") == 0)
                return read_word(value, key, old, fault);
        if (strcmp(key, "use-sigstore-attachments") == 0)
                return read_switch(value, key, &section->attachments, fault);
        return 0;
}

static int read_section(Yaml yaml, const char *scope, RegistriesSection *section, Fault *fault) {
        autofree char *old = NULL;
        int n = check_mapping(yaml, scope, fault);

        for (int i = 0; i < n; i++) {
                const yaml_node_pair_t *pair = &yaml.node->data.mapping.pairs.start[i];
                autofree char *key = copy_scalar(yaml_at(yaml, pair->key));
                int r = key ? read_member(key, yaml_at(yaml, pair->value), section, &old, fault)
                            : wrong(fault, scope, "has a key that is not a plain text");

                if (r < 0)
                        return r;
        }
        if (n < 0)
                return n;
        if (!section->lookaside || !*section->lookaside) {
                free(section->lookaside);
                section->lookaside = old && *old ? TAKE(old) : NULL;
        }
        return 0;
}

/* --- sections --- */

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
static int add_section(Yaml yaml, const char *scope, RegistriesD *into, Fault *fault) {
        AUTO(section_done) RegistriesSection section = { .attachments = -1 };
        RegistriesSection *grown;
        int r = read_section(yaml, scope ?: "default-docker", &section, fault);

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

static int add_scopes(Yaml yaml, RegistriesD *into, Fault *fault) {
        int n = check_mapping(yaml, "docker", fault), r = n;

        for (int i = 0; i < n && r >= 0; i++) {
                const yaml_node_pair_t *pair = &yaml.node->data.mapping.pairs.start[i];
                autofree char *scope = copy_scalar(yaml_at(yaml, pair->key));

                r = scope ? add_section(yaml_at(yaml, pair->value), scope, into, fault)
                          : wrong(fault, "docker", "has a scope that is not a plain text");
        }
        return r;
}

static int add_document(Yaml yaml, RegistriesD *into, Fault *fault) {
        int n = check_mapping(yaml, "the document", fault), r = n;

        for (int i = 0; i < n && r >= 0; i++) {
                const yaml_node_pair_t *pair = &yaml.node->data.mapping.pairs.start[i];
                autofree char *key = copy_scalar(yaml_at(yaml, pair->key));

                if (key && strcmp(key, "default-docker") == 0)
                        r = add_section(yaml_at(yaml, pair->value), NULL, into, fault);
                else if (key && strcmp(key, "docker") == 0)
                        r = add_scopes(yaml_at(yaml, pair->value), into, fault);
        }
        return r;
}

static int not_yaml(const yaml_parser_t *parser, Fault *fault) {
        if (parser->error == YAML_MEMORY_ERROR)
                return -ENOMEM;
        return fault_raise(fault, FAULT_SYNTAX, EINVAL, "line %zu is not valid YAML: %.200s",
                        parser->problem_mark.line + 1, parser->problem ?: "it cannot be read");
}

int registries_d_parse(const char *text, size_t size, RegistriesD *into, Fault *fault) {
        yaml_document_t document;
        yaml_parser_t parser;
        int r;

        if (size > FILE_LIMIT)
                return fault_raise(fault, FAULT_VALUE, EFBIG, "it is larger than %u MiB", FILE_LIMIT >> 20);
        if (!yaml_parser_initialize(&parser))
                return -ENOMEM;
        yaml_parser_set_input_string(&parser, (const unsigned char *) text, size);
        if (yaml_parser_load(&parser, &document)) {
                r = add_document((Yaml){ &document, yaml_document_get_root_node(&document) }, into, fault);
                yaml_document_delete(&document);
        } else
                r = not_yaml(&parser, fault);
        yaml_parser_delete(&parser);
        return r < 0 ? r : 0;
}

/* --- files --- */

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
