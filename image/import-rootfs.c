/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An archive of a root file system, as "docker export", debootstrap or tar(1) make it: an image of one
 * layer. */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "image/doc.h"
#include "image/importer.h"
#include "lib/strv.h"

/* People forget "docker-archive:", and would get an image whose root is full of archives. */
static int check_content(const LayerWork *work, Fault *fault) {
        static const struct {
                const char *file, *transport;
        } telltales[] = { { "oci-layout", "oci-archive" }, { "manifest.json", "docker-archive" } };
        struct stat st;

        if (fstatat(work->root_fd, "etc", &st, AT_SYMLINK_NOFOLLOW) == 0 ||
                        fstatat(work->root_fd, "usr", &st, AT_SYMLINK_NOFOLLOW) == 0)
                return 0;
        for (size_t i = 0; i < ELEMENTS(telltales); i++)
                if (fstatat(work->root_fd, telltales[i].file, &st, AT_SYMLINK_NOFOLLOW) == 0)
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "this is no root file system but an image: say %s: before its name",
                                        telltales[i].transport);
        return 0;
}

static json_t *list_json(char *const *list) {
        json_t *array = json_array();

        for (size_t i = 0; list[i]; i++)
                (void) json_array_append_new(array, json_string(list[i]));
        return array;
}

static json_t *set_json(char *const *list) {
        json_t *object = json_object();

        for (size_t i = 0; list[i]; i++)
                (void) json_object_set_new(object, list[i], json_object());
        return object;
}

static json_t *pairs_json(char *const *list) {
        json_t *object = json_object();

        for (size_t i = 0; list[i]; i++) {
                const char *equals = strchrnul(list[i], '=');
                autofree char *key = strndup(list[i], (size_t) (equals - list[i]));

                if (key)
                        (void) json_object_set_new(object, key, json_string(*equals ? equals + 1 : ""));
        }
        return object;
}

/* A failure of json_*() leaves NULL, which json_object_set_new() refuses. */
static int process_json(const ImageConfig *process, json_t **ret) {
        const struct {
                const char *key;
                char **list;
                json_t *(*make)(char *const *list);
        } lists[] = {
                { "Entrypoint", process->entrypoint, list_json },
                { "Cmd", process->cmd, list_json },
                { "Env", process->env, list_json },
                { "ExposedPorts", process->exposed_ports, set_json },
                { "Volumes", process->volumes, set_json },
                { "Labels", process->labels, pairs_json },
        };
        const struct {
                const char *key, *text;
        } strings[] = {
                { "User", process->user },
                { "WorkingDir", process->workdir },
                { "StopSignal", process->stop_signal },
        };
        autojson json_t *object = json_object();

        for (size_t i = 0; i < ELEMENTS(lists); i++)
                if (lists[i].list &&
                                json_object_set_new(object, lists[i].key, lists[i].make(lists[i].list)) < 0)
                        return -ENOMEM;
        for (size_t i = 0; i < ELEMENTS(strings); i++)
                if (strings[i].text && json_object_set_new(object, strings[i].key,
                                                       json_string(strings[i].text)) < 0)
                        return -EILSEQ; /* not UTF-8 */
        *ret = TAKE(object);
        return 0;
}

/* The same archive with the same settings gives the same id: no clock is asked. */
static int make_config(Importer *importer, const LayerInfo *info, int64_t newest, char **ret) {
        const ImportRequest *request = importer->request;
        static const ImageConfig nothing = {};
        autojson json_t *config = NULL, *process = NULL;
        char created[32], digest[DIGEST_HEX + 8];
        time_t when = (time_t) newest;
        struct tm tm = {};
        int r;

        r = process_json(request->process ? request->process : &nothing, &process);
        if (r < 0)
                return r;

        if (!gmtime_r(&when, &tm) || tm.tm_year > 9999 - 1900)
                tm = (struct tm){ .tm_year = 70, .tm_mday = 1 };
        (void) strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%SZ", &tm);
        (void) snprintf(digest, sizeof(digest), "sha256:%s", info->diff_id.hex);

        config = json_pack("{ss ss sO ss s{ss s[s]}}", "architecture", request->platform.architecture, "os",
                        request->platform.os, "config", process, "created", created, "rootfs", "type",
                        "layers", "diff_ids", digest);
        if (!config)
                return -ENOMEM;
        if (request->platform.variant[0] != '\0' &&
                        json_object_set_new(config, "variant", json_string(request->platform.variant)) < 0)
                return -ENOMEM;
        *ret = json_dumps(config, JSON_COMPACT);
        return *ret ? 0 : -ENOMEM;
}

static int open_file(const char *path, int *ret_fd, Stream **ret, Fault *fault) {
        autofd int fd = -1;

        if (strcmp(path, "-") == 0) {
                *ret = stream_new_pipe(STDIN_FILENO);
                return *ret ? 0 : -ENOMEM;
        }
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open '%.300s': %s", path,
                                strerror(errno));
        *ret = stream_new_pipe(fd);
        if (!*ret)
                return -ENOMEM;
        *ret_fd = TAKE_FD(fd);
        return 0;
}

int import_rootfs(Importer *importer, const char *path, Fault *fault) {
        const PlanRequest platform = { NULL, &importer->request->platform, true };
        autofd int fd = -1;
        Stream *stream = NULL;
        mode_t mask;
        char *config;
        int r;

        r = open_file(path, &fd, &stream, fault);
        if (r < 0)
                return r;

        r = import_expect_layers(importer, 1);
        if (r < 0) {
                stream_free(stream);
                return r;
        }

        mask = umask(0); /* an archive's modes are meant as they are */
        r = import_read_layer(importer, 0, stream, fault);
        if (r >= 0)
                r = import_complete_layer(importer, 0, fault);
        (void) umask(mask);
        if (r < 0 || (r = check_content(&importer->work[0], fault)) < 0)
                return r;

        r = make_config(importer, &importer->work[0].info, importer->newest, &config);
        if (r == -EILSEQ)
                return fault_raise(fault, FAULT_VALUE, EILSEQ, "a setting of the image is not valid UTF-8");
        if (r < 0)
                return r;
        return plan_take_config(&importer->plan, config, strlen(config), NULL, &platform, fault);
}
