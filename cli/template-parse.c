/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/template-tree.h"
#include "lib/strv.h"

typedef struct Parser {
        const char *at;
        bool trims; /* the last action ended with "-}}" */
        unsigned depth;
        Fault *fault;
} Parser;

/* How a list of nodes came to its end. */
typedef enum BlockEnd {
        BLOCK_EOF,
        BLOCK_END,
        BLOCK_ELSE, /* what follows "else" is still to be read */
} BlockEnd;

static int wrong(Parser *parser, const char *what) {
        return fault_raise(parser->fault, FAULT_SYNTAX, EINVAL, "the template cannot be read: %s at '%.40s'",
                        what, parser->at);
}

void pipeline_free(Pipeline *pipeline) {
        if (!pipeline)
                return;
        for (Command *command = pipeline->first, *next; command; command = next) {
                next = command->next;
                for (size_t i = 0; i < command->n; i++) {
                        free(command->operands[i].variable);
                        strv_free(command->operands[i].path);
                        json_decref(command->operands[i].constant);
                        pipeline_free(command->operands[i].pipeline);
                }
                free(command->operands);
                free(command);
        }
        free(pipeline->key);
        free(pipeline->value);
        free(pipeline);
}

void node_free(Node *node) {
        for (Node *next; node; node = next) {
                next = node->next;
                free(node->text);
                pipeline_free(node->pipeline);
                node_free(node->body);
                node_free(node->otherwise);
                free(node);
        }
}

void template_free(Template *template) {
        if (template)
                node_free(template->first);
        free(template);
}

/* --- words of an action --- */

static void skip_space(Parser *parser) {
        while (*parser->at && isspace((unsigned char) *parser->at))
                parser->at++;
}

static bool is_name(char c) {
        return isalnum((unsigned char) c) || c == '_';
}

static bool at_end_of_action(const Parser *parser) {
        return strncmp(parser->at, "}}", 2) == 0 || strncmp(parser->at, "-}}", 3) == 0;
}

/* Takes a word of letters if it is the next one. */
static bool take_keyword(Parser *parser, const char *word) {
        size_t n = strlen(word);

        skip_space(parser);
        if (strncmp(parser->at, word, n) != 0 || is_name(parser->at[n]))
                return false;
        parser->at += n;
        return true;
}

static char *take_name(Parser *parser) {
        size_t n = 0;

        while (is_name(parser->at[n]))
                n++;
        parser->at += n;
        return strndup(parser->at - n, n);
}

/* "a\"b", or `raw`. */
static int take_string(Parser *parser, json_t **ret) {
        autofree char *text = NULL;
        char quote = *parser->at++;
        size_t size, n = 0;

        text = malloc(strlen(parser->at) + 1);
        if (!text)
                return -ENOMEM;
        for (; *parser->at && *parser->at != quote; parser->at++) {
                static const char escapes[] = "n\nt\tr\r\\\\\"\"'\'";
                const char *escape;

                if (quote == '"' && *parser->at == '\\' && parser->at[1]) {
                        parser->at++;
                        escape = strchr(escapes, *parser->at);
                        text[n++] = escape && (escape - escapes) % 2 == 0 ? escape[1] : *parser->at;
                } else
                        text[n++] = *parser->at;
        }
        if (!*parser->at)
                return wrong(parser, "a quote is not closed");
        parser->at++;
        size = n;
        *ret = json_stringn(text, size);
        return *ret ? 0 : wrong(parser, "a text is not UTF-8");
}

static int take_number(Parser *parser, json_t **ret) {
        char *end;
        long long number;

        errno = 0;
        number = strtoll(parser->at, &end, 10);
        if (errno != 0 || is_name(*end) || *end == '.')
                return wrong(parser, "no such number");
        parser->at = end;
        *ret = json_integer(number);
        return *ret ? 0 : -ENOMEM;
}

static int take_path(Parser *parser, Operand *operand) {
        int r = 0;

        while (r >= 0 && *parser->at == '.' && is_name(parser->at[1])) {
                autofree char *name = NULL;

                parser->at++;
                name = take_name(parser);
                r = name ? strv_append(&operand->path, name) : -ENOMEM;
        }
        return r;
}

static int parse_pipeline(Parser *parser, bool in_parentheses, Pipeline **ret);

static int take_operand(Parser *parser, Operand *operand) {
        int r;

        if (*parser->at == '.') {
                if (parser->at[1] && is_name(parser->at[1]))
                        return take_path(parser, operand);
                parser->at++;
                return 0;
        }
        if (*parser->at == '$') {
                parser->at++;
                operand->variable = take_name(parser);
                return operand->variable ? take_path(parser, operand) : -ENOMEM;
        }
        if (*parser->at == '(') {
                parser->at++;
                operand->kind = OPERAND_PIPELINE;
                return parse_pipeline(parser, true, &operand->pipeline);
        }
        operand->kind = OPERAND_CONSTANT;
        if (*parser->at == '"' || *parser->at == '`')
                return take_string(parser, &operand->constant);
        if (isdigit((unsigned char) *parser->at) || *parser->at == '-')
                return take_number(parser, &operand->constant);
        if (take_keyword(parser, "true"))
                operand->constant = json_true();
        else if (take_keyword(parser, "false"))
                operand->constant = json_false();
        else if (take_keyword(parser, "nil"))
                operand->constant = json_null();
        r = operand->constant ? 0 : wrong(parser, "neither a field nor a function");
        return r;
}

static int add_operand(Parser *parser, Command *command) {
        Operand *grown;

        if (command->n == TEMPLATE_WORDS_MAX)
                return wrong(parser, "too many words");
        grown = reallocarray(command->operands, command->n + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        command->operands = grown;
        command->operands[command->n++] = (Operand){};
        return take_operand(parser, &command->operands[command->n - 1]);
}

static int take_function(Parser *parser, Command *command) {
        const char *start = parser->at;
        autofree char *name = NULL;

        if (!isalpha((unsigned char) *start))
                return 0;
        name = take_name(parser);
        if (!name)
                return -ENOMEM;
        command->function = template_function_find(name);
        if (command->function)
                return 0;
        parser->at = start;
        if (strcmp(name, "true") == 0 || strcmp(name, "false") == 0 || strcmp(name, "nil") == 0)
                return 0;
        return wrong(parser, "there is no such function");
}

static bool at_end_of_command(const Parser *parser) {
        return !*parser->at || *parser->at == '|' || *parser->at == ')' || at_end_of_action(parser);
}

static int check_command(Parser *parser, const Command *command, bool is_first) {
        size_t n = command->n + !is_first;

        if (!command->function)
                return command->n == 1 && is_first ? 0
                                                   : wrong(parser, "what is no function takes no operands");
        if (n < command->function->least || n > command->function->most)
                return fault_raise(parser->fault, FAULT_SYNTAX, EINVAL,
                                "the template cannot be read: '%s' takes %s%zu operands, not %zu",
                                command->function->name,
                                command->function->least == command->function->most ? "" : "at least ",
                                command->function->least, n);
        return 0;
}

static int parse_command(Parser *parser, bool is_first, Command *command) {
        int r;

        skip_space(parser);
        r = take_function(parser, command);
        while (r >= 0) {
                skip_space(parser);
                if (at_end_of_command(parser))
                        return command->n == 0 && !command->function
                                               ? wrong(parser, "something is missing")
                                               : check_command(parser, command, is_first);
                r = add_operand(parser, command);
        }
        return r;
}

/* "$x :=" or "$k, $v :=". Other words that begin with '$' are operands. */
static int take_declaration(Parser *parser, Pipeline *pipeline) {
        const char *start = parser->at;
        autofree char *first = NULL, *second = NULL;

        if (*parser->at != '$')
                return 0;
        parser->at++;
        first = take_name(parser);
        skip_space(parser);
        if (*parser->at == ',') {
                parser->at++;
                skip_space(parser);
                if (*parser->at == '$') {
                        parser->at++;
                        second = take_name(parser);
                        skip_space(parser);
                }
        }
        if (!first)
                return -ENOMEM;
        if (strncmp(parser->at, ":=", 2) != 0 && *parser->at != '=') {
                parser->at = start;
                return 0;
        }
        parser->at += *parser->at == ':' ? 2 : 1;
        if (second)
                pipeline->key = TAKE(first);
        pipeline->value = second ? TAKE(second) : TAKE(first);
        return 0;
}

static int read_commands(Parser *parser, bool in_parentheses, Pipeline *pipeline) {
        Command **last = &pipeline->first;
        int r;

        for (;;) {
                *last = calloc(1, sizeof(Command));
                if (!*last)
                        return -ENOMEM;
                r = parse_command(parser, last == &pipeline->first, *last);
                if (r < 0)
                        return r;
                if (*parser->at != '|')
                        break;
                parser->at++;
                last = &(*last)->next;
        }
        if (in_parentheses != (*parser->at == ')') || !*parser->at)
                return wrong(parser,
                                in_parentheses ? "a parenthesis is not closed" : "the action is not closed");
        if (in_parentheses)
                parser->at++;
        return 0;
}

static int parse_pipeline(Parser *parser, bool in_parentheses, Pipeline **ret) {
        Pipeline *pipeline;
        int r;

        if (parser->depth == TEMPLATE_DEPTH_MAX)
                return wrong(parser, "too many things within each other");
        *ret = pipeline = calloc(1, sizeof(*pipeline));
        if (!pipeline)
                return -ENOMEM;
        parser->depth++;
        skip_space(parser);
        r = in_parentheses ? 0 : take_declaration(parser, pipeline);
        if (r >= 0)
                r = read_commands(parser, in_parentheses, pipeline);
        parser->depth--;
        return r;
}

/* --- nodes --- */

static int close_action(Parser *parser) {
        skip_space(parser);
        parser->trims = parser->at[0] == '-';
        if (!at_end_of_action(parser))
                return wrong(parser, *parser->at ? "something is too much" : "the action is not closed");
        parser->at += parser->trims ? 3 : 2;
        return 0;
}

static int append(Node ***last, NodeKind kind, Node **ret) {
        Node *node = calloc(1, sizeof(*node));

        if (!node)
                return -ENOMEM;
        node->kind = kind;
        **last = node;
        *last = &node->next;
        *ret = node;
        return 0;
}

/* What stands between actions; {{- and -}} take the white space that is next to them. */
static int take_text(Parser *parser, Node ***last) {
        const char *start = parser->at, *end = strstr(start, "{{");
        size_t n = end ? (size_t) (end - start) : strlen(start);
        bool trims = end && end[2] == '-' && isspace((unsigned char) end[3]);
        Node *node;
        int r;

        parser->at += n;
        for (; parser->trims && n > 0 && isspace((unsigned char) *start); n--)
                start++;
        parser->trims = false;
        while (trims && n > 0 && isspace((unsigned char) start[n - 1]))
                n--;
        if (n == 0)
                return 0;
        r = append(last, NODE_TEXT, &node);
        if (r >= 0) {
                node->text = strndup(start, n);
                r = node->text ? 0 : -ENOMEM;
        }
        return r;
}

static int parse_nodes(Parser *parser, Node **ret, BlockEnd *ret_end);

static int parse_else(Parser *parser, Node *block) {
        static const struct {
                const char *word;
                NodeKind kind;
        } chains[] = { { "if", NODE_IF }, { "with", NODE_WITH } };
        BlockEnd end;
        int r;

        for (size_t i = 0; i < ELEMENTS(chains); i++) {
                Node **last = &block->otherwise, *node;

                if (!take_keyword(parser, chains[i].word))
                        continue;
                if (parser->depth == TEMPLATE_DEPTH_MAX)
                        return wrong(parser, "too many things within each other");
                r = append(&last, chains[i].kind, &node);
                if (r >= 0)
                        r = parse_pipeline(parser, false, &node->pipeline);
                if (r >= 0)
                        r = close_action(parser);
                parser->depth++;
                if (r >= 0)
                        r = parse_nodes(parser, &node->body, &end);
                if (r >= 0 && end == BLOCK_ELSE)
                        r = parse_else(parser, node);
                else if (r >= 0 && end == BLOCK_EOF)
                        r = wrong(parser, "{{end}} is missing");
                parser->depth--;
                return r;
        }
        r = close_action(parser);
        if (r >= 0)
                r = parse_nodes(parser, &block->otherwise, &end);
        return r < 0 || end == BLOCK_END ? r : wrong(parser, "{{end}} is missing");
}

static int parse_block(Parser *parser, Node *node) {
        BlockEnd end = BLOCK_EOF;
        int r;

        if (parser->depth == TEMPLATE_DEPTH_MAX)
                return wrong(parser, "too many things within each other");
        r = parse_pipeline(parser, false, &node->pipeline);
        if (r >= 0)
                r = close_action(parser);
        parser->depth++;
        if (r >= 0)
                r = parse_nodes(parser, &node->body, &end);
        if (r >= 0 && end == BLOCK_ELSE)
                r = parse_else(parser, node);
        else if (r >= 0 && end == BLOCK_EOF)
                r = wrong(parser, "{{end}} is missing");
        parser->depth--;
        return r;
}

static int skip_comment(Parser *parser) {
        const char *end = strstr(parser->at, "*/");

        if (!end)
                return wrong(parser, "the comment is not closed");
        parser->at = end + 2;
        return close_action(parser);
}

static int parse_action(Parser *parser, Node ***last) {
        static const struct {
                const char *word;
                NodeKind kind;
        } blocks[] = { { "if", NODE_IF }, { "range", NODE_RANGE }, { "with", NODE_WITH } };
        Node *node;
        int r;

        skip_space(parser);
        if (strncmp(parser->at, "/*", 2) == 0)
                return skip_comment(parser);
        for (size_t i = 0; i < ELEMENTS(blocks); i++)
                if (take_keyword(parser, blocks[i].word)) {
                        r = append(last, blocks[i].kind, &node);
                        return r < 0 ? r : parse_block(parser, node);
                }

        r = append(last, NODE_PRINT, &node);
        if (r >= 0)
                r = parse_pipeline(parser, false, &node->pipeline);
        if (r >= 0 && node->pipeline->value)
                node->kind = NODE_SET;
        return r < 0 ? r : close_action(parser);
}

static int parse_nodes(Parser *parser, Node **ret, BlockEnd *ret_end) {
        Node **last = ret;
        int r = 0;

        while (r >= 0) {
                r = take_text(parser, &last);
                if (r < 0)
                        break;
                if (!*parser->at) {
                        *ret_end = BLOCK_EOF;
                        return 0;
                }
                parser->at += parser->at[2] == '-' && isspace((unsigned char) parser->at[3]) ? 3 : 2;
                if (take_keyword(parser, "end")) {
                        *ret_end = BLOCK_END;
                        return close_action(parser);
                }
                if (take_keyword(parser, "else")) {
                        *ret_end = BLOCK_ELSE;
                        return 0;
                }
                r = parse_action(parser, &last);
        }
        return r;
}

/* As Podman does it: a shell's quotes leave these as they are typed. */
static void unescape(char *text) {
        char *to = text;

        for (const char *from = text; *from; from++)
                if (from[0] == '\\' && (from[1] == 't' || from[1] == 'n'))
                        *to++ = *++from == 't' ? '\t' : '\n';
                else
                        *to++ = *from;
        *to = '\0';
}

int template_parse(const char *text, Template **ret, Fault *fault) {
        autotemplate Template *template = calloc(1, sizeof(*template));
        autofree char *copy = strdup(text);
        Parser parser = { .at = copy, .fault = fault };
        BlockEnd end = BLOCK_EOF;
        int r;

        if (!template || !copy)
                return -ENOMEM;
        if (strlen(text) > TEMPLATE_LENGTH_MAX)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "the template is too long");
        unescape(copy);
        r = parse_nodes(&parser, &template->first, &end);
        if (r >= 0 && end != BLOCK_EOF)
                r = wrong(&parser, "there is nothing that {{end}} or {{else}} could belong to, before the "
                                   "text");
        if (r < 0)
                return r;
        *ret = TAKE(template);
        return 0;
}
