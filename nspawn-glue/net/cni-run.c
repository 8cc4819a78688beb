/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/cni-run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/cni-result.h"
#include "nspawn-glue/net/program.h"

static int find_program(const char *plugin, char **ret, Fault *fault) {
        autofree char *directories = strdup(CNI_PATH);
        char *rest = directories, *directory;

        if (!directories)
                return -ENOMEM;
        while ((directory = strsep(&rest, ":"))) {
                autofree char *path = NULL;

                if (asprintf(&path, "%s/%s", directory, plugin) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                if (access(path, X_OK) >= 0) {
                        *ret = TAKE(path);
                        return 0;
                }
        }
        return fault_raise(fault, FAULT_MISSING, ENOENT,
                        "there is no plugin '%.100s' in " CNI_PATH
                        "; Debian's package containernetworking-plugins has the usual ones",
                        plugin);
}

static int make_environment(const CniCall *call, char ***ret) {
        const struct {
                const char *name, *value;
        } table[] = {
                { "CNI_COMMAND", call->command },
                { "CNI_CONTAINERID", call->container },
                { "CNI_NETNS", call->netns },
                { "CNI_IFNAME", call->interface },
                { "CNI_ARGS", call->arguments },
                { "CNI_PATH", CNI_PATH },
                { "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(table) && r >= 0; i++)
                r = strv_appendf(ret, "%s=%s", table[i].name, table[i].value);
        return r;
}

static int run_program(
                const char *plugin, const Program *program, char **ret, size_t *ret_size, Fault *fault) {
        ProgramEnd end = {};
        int r;

        r = program_run(program, &end, fault);
        if (r >= 0 && end.status != 0)
                r = cni_error_raise(plugin, end.answer, end.size, end.words, fault);
        if (r >= 0) {
                *ret = TAKE(end.answer);
                *ret_size = end.size;
        }
        program_end_done(&end);
        return r;
}

int cni_run(const char *plugin, const CniCall *call, const json_t *config, char **ret, size_t *ret_size,
                Fault *fault) {
        autofree char *path = NULL, *text = json_dumps(config, JSON_COMPACT);
        autostrv char **environment = NULL;
        char title[160];
        int r;

        if (!text)
                return -ENOMEM;
        r = find_program(plugin, &path, fault);
        if (r >= 0)
                r = make_environment(call, &environment);
        if (r < 0)
                return r;
        (void) snprintf(title, sizeof(title), "the plugin '%s'", plugin);
        return run_program(plugin,
                        &(Program){ .title = title,
                                        .arguments = (char *[]){ path, NULL },
                                        .environment = environment,
                                        .input = text,
                                        .input_size = strlen(text) },
                        ret, ret_size, fault);
}
