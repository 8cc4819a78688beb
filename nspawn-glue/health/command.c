/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/health/command.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lib/json-words.h"
#include "lib/strv.h"

static int raise_empty(Fault *fault) {
        return fault_raise(fault, FAULT_VALUE, EINVAL, "the health check has no command");
}

/* Owns @line. */
static int for_shell(char *line, char *const *shell, char ***ret) {
        static char *const usual[] = { (char *) "/bin/sh", (char *) "-c", NULL };
        autofree char *own = line;
        autostrv char **command = NULL;
        int r;

        if (!own)
                return -ENOMEM;
        r = strv_extend(&command, shell && *shell ? shell : usual);
        if (r >= 0)
                r = strv_append(&command, own);
        if (r < 0)
                return r;
        *ret = TAKE(command);
        return 0;
}

int health_command_of_words(char *const *words, char *const *shell, char ***ret, Fault *fault) {
        autostrv char **command = NULL;
        bool is_shell;
        int r;

        if (!words || !words[0])
                return raise_empty(fault);
        if (strcasecmp(words[0], "none") == 0 && !words[1]) {
                *ret = NULL;
                return 0;
        }

        is_shell = strcmp(words[0], "CMD-SHELL") == 0;
        if (is_shell || strcmp(words[0], "CMD") == 0)
                words++;
        if (!words[0] || !*words[0])
                return raise_empty(fault);
        if (is_shell)
                return for_shell(strv_join(words, " "), shell, ret);

        r = strv_extend(&command, words);
        if (r < 0)
                return r;
        *ret = TAKE(command);
        return 0;
}

/* What is behind a keyword, NULL when @text does not begin with it. */
static const char *behind(const char *text, const char *keyword) {
        size_t n = strlen(keyword);

        if (strncmp(text, keyword, n) != 0 || (text[n] && !strchr(" \t", text[n])))
                return NULL;
        return text + n + strspn(text + n, " \t");
}

static int split(const char *text, char ***ret, Fault *fault) {
        autofree char *copy = strdup(text);
        autostrv char **words = NULL;
        char *rest = copy, *word;

        if (!copy)
                return -ENOMEM;
        while ((word = strsep(&rest, " \t")))
                if (*word && strv_append(&words, word) < 0)
                        return -ENOMEM;
        if (!words)
                return raise_empty(fault);
        *ret = TAKE(words);
        return 0;
}

/* "[ -e /run/ready ]" is a line for the shell. */
static bool is_array(const char *text) {
        if (*text != '[')
                return false;
        text += 1 + strspn(text + 1, " \t");
        return *text == '"' || *text == ']';
}

static int of_array(const char *text, char *const *shell, char ***ret, Fault *fault) {
        autostrv char **words = NULL;
        int r = json_words_parse(text, &words, fault);

        if (r < 0)
                return r;
        /* A single one without a keyword is a line, too; so says podman. */
        if (words[0] && *words[0] && !words[1] && strcasecmp(words[0], "none") != 0 &&
                        strncmp(words[0], "CMD", 3) != 0)
                return for_shell(strdup(words[0]), shell, ret);
        return health_command_of_words(words, shell, ret, fault);
}

int health_command_of_text(const char *text, char *const *shell, char ***ret, Fault *fault) {
        const char *rest;

        text += strspn(text, " \t");
        if (strcasecmp(text, "none") == 0) {
                *ret = NULL;
                return 0;
        }
        if (is_array(text))
                return of_array(text, shell, ret, fault);

        rest = behind(text, "CMD");
        if (rest)
                return split(rest, ret, fault);
        rest = behind(text, "CMD-SHELL") ?: text;
        return *rest ? for_shell(strdup(rest), shell, ret) : raise_empty(fault);
}
