/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/registry-words.h"

#include <string.h>

#include "cli/secret-input.h"
#include "image/registries/secret.h"
#include "lib/report.h"

int registry_word_tls(const char *text, TlsVerify *ret, Fault *fault) {
        static const struct {
                const char *text;
                TlsVerify verify;
        } known[] = {
                { "true", TLS_ALWAYS },
                { "yes", TLS_ALWAYS },
                { "on", TLS_ALWAYS },
                { "1", TLS_ALWAYS },
                { "false", TLS_NEVER },
                { "no", TLS_NEVER },
                { "off", TLS_NEVER },
                { "0", TLS_NEVER },
        };

        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (strcasecmp(known[i].text, text) == 0) {
                        *ret = known[i].verify;
                        return 0;
                }
        return fault_raise(fault, FAULT_VALUE, EINVAL, "--tls-verify=%s: it is true or false", text);
}

int registry_word_creds(char *text, char **user, char **password, Fault *fault) {
        char *colon = strchr(text, ':');

        free(*user);
        secret_free(TAKE(*password));
        *user = colon ? strndup(text, (size_t) (colon - text)) : strdup(text);
        if (!*user)
                return -ENOMEM;
        if (**user == '\0')
                return fault_raise(fault, FAULT_VALUE, EINVAL, "--creds= has no user");
        if (!colon)
                return 0;
        *password = strdup(colon + 1);
        explicit_bzero(colon + 1, strlen(colon + 1));
        report_note(REPORT_WARNING, "others could see the password of --creds in the list of processes; "
                                    "without it you are asked");
        return *password ? 0 : -ENOMEM;
}

int registry_ask_password(const char *user, char **ret, Fault *fault) {
        AUTO(secret_text_done) SecretText text = {};
        autofree char *prompt = NULL;
        int r;

        if (!isatty(STDIN_FILENO))
                return fault_raise(fault, FAULT_MISSING, ENOTTY,
                                "--creds= has no password, and there is no terminal to ask at; use "
                                "--authfile=");
        if (asprintf(&prompt, "Password for %s", user) < 0) {
                prompt = NULL;
                return -ENOMEM;
        }
        r = secret_ask(prompt, STDIN_FILENO, &text);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot ask for the password: %s", strerror(-r));
        *ret = strndup(text.data, text.size);
        return *ret ? 0 : -ENOMEM;
}
