/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/yaml-tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "lib/yaml-scalar.h"

/* Keys that come from elsewhere are compared with each one that is there: in a mapping, and in all. */
#define MERGED_MAX 1000
#define MERGED_IN_ALL_MAX 20000

typedef struct Anchor {
        const char *name;
        YamlNode *node; /* NULL while it is being read */
} Anchor;

/* A spot in the text; libyaml counts characters, and people's editors are told bytes. */
typedef struct Cursor {
        size_t index; /* in characters */
        size_t offset;
        unsigned line, column;
} Cursor;

typedef struct Reader {
        yaml_parser_t parser;
        const char *text;
        size_t size;
        const char *path;
        YamlTree *tree;
        Fault *fault;

        Anchor *anchors;
        size_t n_anchors, room;
        size_t n_merged; /* keys that were looked at for it */
        Cursor cursor;
} Reader;

static int read_node(Reader *reader, yaml_event_t *event, unsigned depth, YamlNode **ret);

/* --- memory --- */

static void *own(YamlTree *tree, void *memory) {
        if (tree->n_owned == tree->room) {
                size_t room = tree->room > 0 ? tree->room * 2 : 64;
                void **grown = memory ? reallocarray(tree->owned, room, sizeof(void *)) : NULL;

                if (!grown) {
                        free(memory);
                        return NULL;
                }
                tree->owned = grown;
                tree->room = room;
        }
        if (memory)
                tree->owned[tree->n_owned++] = memory;
        return memory;
}

static YamlNode *new_node(Reader *reader, YamlKind kind, const Cursor *at) {
        YamlNode *node = own(reader->tree, calloc(1, sizeof(YamlNode)));

        if (node)
                *node = (YamlNode){
                        .kind = kind,
                        .line = at->line,
                        .column = at->column,
                        .weight = 1,
                };
        return node;
}

/* Grows in powers of two, and keeps nothing of what was there before but its contents. */
static int append(YamlNode ***list, size_t n, YamlNode *node) {
        if ((n & (n - 1)) == 0) {
                YamlNode **grown = reallocarray(*list, n > 0 ? n * 2 : 1, sizeof(YamlNode *));

                if (!grown)
                        return -ENOMEM;
                *list = grown;
        }
        (*list)[n] = node;
        return 0;
}

void yaml_tree_done(YamlTree *tree) {
        for (size_t i = 0; i < tree->n_owned; i++)
                free(tree->owned[i]);
        free(tree->owned);
        free(tree->documents);
        *tree = (YamlTree){};
}

/* --- places --- */

static size_t measure(const Reader *reader, size_t offset) {
        unsigned char c = (unsigned char) reader->text[offset];

        return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Marks come in the order of the text, mostly; one that does not is told in characters. */
static Cursor find(Reader *reader, const yaml_mark_t *mark) {
        Cursor *cursor = &reader->cursor;
        size_t before = cursor->offset, at;

        if (mark->index < cursor->index)
                return (Cursor){ .line = (unsigned) mark->line + 1, .column = (unsigned) mark->column + 1 };
        for (; cursor->index < mark->index && cursor->offset < reader->size; cursor->index++)
                cursor->offset += measure(reader, cursor->offset);

        if (mark->line + 1 == cursor->line)
                cursor->column += (unsigned) (cursor->offset - before);
        else {
                cursor->line = (unsigned) mark->line + 1;
                at = cursor->offset < reader->size ? cursor->offset : reader->size;
                for (size_t n = mark->column; n > 0 && at > 0; n--)
                        for (at--; at > 0 && ((unsigned char) reader->text[at] & 0xc0) == 0x80;)
                                at--;
                cursor->column = (unsigned) (cursor->offset - at) + 1;
        }
        return *cursor;
}

__attribute__((format(printf, 3, 4))) static int wrong(
                Reader *reader, const Cursor *at, const char *format, ...) {
        Place place = { .path = reader->path, .line = at->line, .column = at->column };
        char text[256];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        fault_locate(reader->fault, &place);
        return fault_raise(reader->fault, FAULT_SYNTAX, EBADMSG, "%s", text);
}

/* --- events --- */

static int next_event(Reader *reader, yaml_event_t *event) {
        const yaml_parser_t *parser = &reader->parser;
        Cursor at;

        if (yaml_parser_parse(&reader->parser, event))
                return 0;
        if (parser->error == YAML_MEMORY_ERROR)
                return -ENOMEM;
        at = find(reader, parser->error == YAML_READER_ERROR ? &parser->mark : &parser->problem_mark);
        return wrong(reader, &at, "this is not YAML: %s%s%s", parser->context ? parser->context : "",
                        parser->context ? ", " : "",
                        parser->problem ? parser->problem : "it cannot be read");
}

static const char *anchor_of(const yaml_event_t *event) {
        return (const char *) (event->type == YAML_SCALAR_EVENT ? event->data.scalar.anchor
                               : event->type == YAML_SEQUENCE_START_EVENT
                                               ? event->data.sequence_start.anchor
                                               : event->data.mapping_start.anchor);
}

static const char *tag_of(const yaml_event_t *event) {
        return (const char *) (event->type == YAML_SCALAR_EVENT           ? event->data.scalar.tag
                               : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
                                                                          : event->data.mapping_start.tag);
}

/* Return: the index of a new anchor, -1 if there is none, -ENOMEM below that. */
static ssize_t begin_anchor(Reader *reader, const yaml_event_t *event) {
        const char *name = anchor_of(event);
        char *copy;

        if (!name)
                return -1;
        copy = own(reader->tree, strdup(name));
        if (copy && reader->n_anchors == reader->room) {
                size_t room = reader->room > 0 ? reader->room * 2 : 8;
                Anchor *grown = reallocarray(reader->anchors, room, sizeof(Anchor));

                copy = grown ? copy : NULL;
                reader->anchors = grown ? grown : reader->anchors;
                reader->room = grown ? room : reader->room;
        }
        if (!copy)
                return -ENOMEM;
        reader->anchors[reader->n_anchors] = (Anchor){ .name = copy };
        return (ssize_t) reader->n_anchors++;
}

static int follow_alias(Reader *reader, const yaml_event_t *event, const Cursor *at, YamlNode **ret) {
        const char *name = (const char *) event->data.alias.anchor;

        for (size_t i = reader->n_anchors; i-- > 0;)
                if (strcmp(reader->anchors[i].name, name) == 0) {
                        *ret = reader->anchors[i].node;
                        return *ret ? 0 : wrong(reader, at, "'*%.100s' stands inside of itself", name);
                }
        return wrong(reader, at, "there is no anchor '&%.100s' before this", name);
}

/* --- nodes --- */

static int read_scalar(Reader *reader, const yaml_event_t *event, const Cursor *at, YamlNode **ret) {
        const char *value = (const char *) event->data.scalar.value;
        bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        YamlNode *node = new_node(reader, YAML_TEXT, at);

        if (strlen(value) != event->data.scalar.length)
                return wrong(reader, at, "this text has a NUL byte");
        if (node)
                node->text = own(reader->tree, strdup(value));
        if (!node || !node->text)
                return -ENOMEM;
        if (is_plain)
                yaml_scalar_resolve(node);
        *ret = node;
        return 0;
}

static int too_deep(Reader *reader, const Cursor *at) {
        return wrong(reader, at, "it is nested more than %d levels deep", YAML_DEPTH_MAX);
}

static int add_item(Reader *reader, YamlNode *node, YamlNode *key, YamlNode *item, const Cursor *at) {
        int r = key ? append(&node->keys, node->n, key) : 0;

        if (r >= 0)
                r = append(&node->items, node->n, item);
        if (r < 0)
                return r;

        node->weight += item->weight;
        node->height = node->height > item->height ? node->height : item->height + 1;
        if (node->weight > YAML_NODES_MAX)
                return wrong(reader, at,
                                "there are more than %d values, aliases counted with all behind them",
                                YAML_NODES_MAX);
        if (node->height > YAML_DEPTH_MAX)
                return too_deep(reader, at);
        if (!item->up) {
                item->up = node;
                item->index = node->n;
        }
        node->n++;
        return 0;
}

static int read_list(Reader *reader, YamlNode *list, unsigned depth) {
        int r;

        for (;;) {
                yaml_event_t event;
                YamlNode *item;
                Cursor at;

                r = next_event(reader, &event);
                if (r < 0)
                        return r;
                if (event.type == YAML_SEQUENCE_END_EVENT) {
                        yaml_event_delete(&event);
                        return 0;
                }
                at = find(reader, &event.start_mark);
                r = read_node(reader, &event, depth + 1, &item);
                if (r >= 0)
                        r = add_item(reader, list, NULL, item, &at);
                if (r < 0)
                        return r;
        }
}

static const YamlNode *find_key(const YamlNode *map, const char *key) {
        for (size_t i = 0; i < map->n; i++)
                if (strcmp(map->keys[i]->text, key) == 0)
                        return map->items[i];
        return NULL;
}

/* "<<": keys that the map has itself count more. */
static int merge(Reader *reader, YamlNode *map, const YamlNode *from, unsigned depth) {
        Cursor at = { .line = from->line, .column = from->column };
        int r = 0;

        if (from->kind == YAML_LIST && depth == 0) {
                for (size_t i = 0; i < from->n && r >= 0; i++)
                        r = merge(reader, map, from->items[i], 1);
                return r;
        }
        if (from->kind != YAML_MAP)
                return wrong(reader, &at, "only a mapping can be merged with '<<'");
        reader->n_merged += from->n;
        if (from->n > MERGED_MAX || map->n > MERGED_MAX || reader->n_merged > MERGED_IN_ALL_MAX)
                return wrong(reader, &at, "there are too many keys to be merged");
        for (size_t i = 0; i < from->n && r >= 0; i++)
                if (!find_key(map, from->keys[i]->text))
                        r = add_item(reader, map, from->keys[i], from->items[i], &at);
        return r;
}

static int compare_keys(const void *a, const void *b) {
        const YamlNode *one = *(YamlNode *const *) a, *other = *(YamlNode *const *) b;
        int c = strcmp(one->text, other->text);

        return c != 0                        ? c
               : one->line < other->line     ? -1
               : one->line > other->line     ? 1
               : one->column < other->column ? -1
                                             : one->column > other->column;
}

/* Which of two counts would depend on who reads. */
static int check_keys(Reader *reader, const YamlNode *map) {
        autofree YamlNode **sorted = reallocarray(NULL, map->n + 1, sizeof(YamlNode *));

        if (!sorted)
                return -ENOMEM;
        if (map->n > 1) {
                memcpy(sorted, map->keys, map->n * sizeof(YamlNode *));
                qsort(sorted, map->n, sizeof(YamlNode *), compare_keys);
        }
        for (size_t i = 1; i < map->n; i++)
                if (strcmp(sorted[i]->text, sorted[i - 1]->text) == 0) {
                        Cursor at = { .line = sorted[i]->line, .column = sorted[i]->column };

                        return wrong(reader, &at, "the key '%.100s' was there already, in line %u",
                                        sorted[i]->text, sorted[i - 1]->line);
                }
        return 0;
}

/* Return: 1 with a key, 0 at the end of the map. */
static int read_key(Reader *reader, unsigned depth, YamlNode **ret, bool *ret_is_merge, Cursor *ret_at) {
        yaml_event_t event;
        int r = next_event(reader, &event);

        if (r < 0)
                return r;
        if (event.type == YAML_MAPPING_END_EVENT) {
                yaml_event_delete(&event);
                return 0;
        }
        *ret_at = find(reader, &event.start_mark);
        *ret_is_merge = event.type == YAML_SCALAR_EVENT &&
                        event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                        strcmp((const char *) event.data.scalar.value, "<<") == 0;
        r = read_node(reader, &event, depth + 1, ret);
        if (r < 0)
                return r;
        if ((*ret)->kind == YAML_LIST || (*ret)->kind == YAML_MAP || (*ret)->kind == YAML_NULL)
                return wrong(reader, ret_at, "a key has to be a text");
        return 1;
}

static int read_map(Reader *reader, YamlNode *map, unsigned depth) {
        YamlNode *merged = NULL;
        int r;

        for (;;) {
                YamlNode *key, *item;
                yaml_event_t event;
                bool is_merge;
                Cursor at;

                r = read_key(reader, depth, &key, &is_merge, &at);
                if (r <= 0)
                        break;
                r = next_event(reader, &event);
                if (r >= 0)
                        r = read_node(reader, &event, depth + 1, &item);
                if (r >= 0 && is_merge && merged)
                        r = wrong(reader, &at, "the key '<<' was there already");
                if (r >= 0 && !is_merge)
                        r = add_item(reader, map, key, item, &at);
                if (r < 0)
                        return r;
                merged = is_merge ? item : merged;
        }
        if (r >= 0)
                r = check_keys(reader, map);
        return r >= 0 && merged ? merge(reader, map, merged, 0) : r;
}

static int read_collection(Reader *reader, const yaml_event_t *event, unsigned depth, const Cursor *at,
                YamlNode **ret) {
        bool is_map = event->type == YAML_MAPPING_START_EVENT;
        YamlNode *node = new_node(reader, is_map ? YAML_MAP : YAML_LIST, at);
        int r;

        if (!node)
                return -ENOMEM;
        if (depth > YAML_DEPTH_MAX)
                return too_deep(reader, at);
        r = is_map ? read_map(reader, node, depth) : read_list(reader, node, depth);

        /* Also of one that was not finished. */
        if ((node->items && !own(reader->tree, node->items)) ||
                        (node->keys && !own(reader->tree, node->keys)))
                return -ENOMEM;
        *ret = node;
        return r;
}

/* Takes the event. */
static int read_node(Reader *reader, yaml_event_t *event, unsigned depth, YamlNode **ret) {
        Cursor at = find(reader, &event->start_mark);
        ssize_t anchor = -1;
        int r = 0;

        if (event->type != YAML_ALIAS_EVENT) {
                anchor = begin_anchor(reader, event);
                if (tag_of(event))
                        r = wrong(reader, &at, "tags like '%.100s' are not supported: leave it out",
                                        tag_of(event));
        }
        if (r < 0 || anchor < -1)
                r = r < 0 ? r : -ENOMEM;
        else if (event->type == YAML_ALIAS_EVENT)
                r = follow_alias(reader, event, &at, ret);
        else if (event->type == YAML_SCALAR_EVENT)
                r = read_scalar(reader, event, &at, ret);
        else
                r = read_collection(reader, event, depth, &at, ret);
        yaml_event_delete(event);
        if (r >= 0 && anchor >= 0)
                reader->anchors[anchor].node = *ret;
        return r;
}

/* --- documents --- */

static int read_document(Reader *reader) {
        YamlTree *tree = reader->tree;
        yaml_event_t event;
        YamlNode *node;
        int r;

        reader->n_anchors = 0;
        r = next_event(reader, &event);
        if (r >= 0)
                r = read_node(reader, &event, 0, &node);
        if (r >= 0)
                r = next_event(reader, &event); /* its end */
        if (r < 0)
                return r;
        yaml_event_delete(&event);
        if (node->kind == YAML_NULL)
                return 0;
        r = append(&tree->documents, tree->n, node);
        tree->n += r >= 0;
        return r;
}

static int read_stream(Reader *reader) {
        int r = 0;

        for (bool at_end = false; r >= 0 && !at_end;) {
                yaml_event_t event;

                r = next_event(reader, &event);
                if (r < 0)
                        break;
                at_end = event.type == YAML_STREAM_END_EVENT;
                if (event.type == YAML_DOCUMENT_START_EVENT)
                        r = read_document(reader);
                yaml_event_delete(&event);
        }
        return r;
}

int yaml_tree_read(const char *text, size_t size, const char *path, YamlTree *ret, Fault *fault) {
        static const char mark[] = "\xef\xbb\xbf";
        size_t skipped = size >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
        Reader reader = {
                .text = text + skipped, .size = size - skipped, .path = path, .tree = ret, .fault = fault
        };
        int r;

        *ret = (YamlTree){};
        if (!yaml_parser_initialize(&reader.parser))
                return -ENOMEM;
        yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&reader.parser, (const unsigned char *) reader.text, reader.size);
        r = read_stream(&reader);
        yaml_parser_delete(&reader.parser);
        free(reader.anchors);
        return r;
}

/* --- looking at it --- */

const YamlNode *yaml_get(const YamlNode *map, const char *key) {
        const YamlNode *found = map && map->kind == YAML_MAP ? find_key(map, key) : NULL;

        return found && found->kind != YAML_NULL ? found : NULL;
}

static void put_path(FILE *stream, const YamlNode *node) {
        if (!node->up)
                return;
        put_path(stream, node->up);
        if (node->up->kind == YAML_LIST)
                (void) fprintf(stream, "[%zu]", node->index);
        else
                (void) fprintf(stream, "%s%s", node->up->up ? "." : "", node->up->keys[node->index]->text);
}

void yaml_path(const YamlNode *node, char *ret, size_t size) {
        autofree char *text = NULL;
        size_t n = 0;
        FILE *stream = open_memstream(&text, &n);

        *ret = '\0';
        if (!stream)
                return;
        put_path(stream, node);
        if (fclose(stream) == 0)
                (void) snprintf(ret, size, "%s", text);
}

const char *yaml_kind_to_string(YamlKind kind) {
        static const char *const names[] = {
                [YAML_NULL] = "nothing",
                [YAML_BOOLEAN] = "a boolean",
                [YAML_NUMBER] = "a number",
                [YAML_TEXT] = "a text",
                [YAML_LIST] = "a list",
                [YAML_MAP] = "a mapping",
        };

        return names[kind];
}
