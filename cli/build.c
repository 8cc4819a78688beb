/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/build.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/build-bases.h"
#include "cli/image-event.h"
#include "cli/state.h"
#include "image/change.h"
#include "image/import.h"
#include "image/lookup.h"
#include "image/trust/trust.h"
#include "lib/io.h"
#include "lib/notify.h"
#include "lib/paths.h"
#include "lib/remove-tree.h"
#include "lib/report.h"
#include "lib/strv.h"

#define PROGRAM "buildah"
#define PLACE SLIPWAY_CACHE_DIR "/build"

enum { INSTRUCTIONS_MAX = 1024 * 1024 };

/* What buildah keeps to build the next one faster, apart from what others have it keep. */
static const char *const storage[] = { "--root=" PLACE "/storage", "--runroot=" SLIPWAY_RUNTIME_DIR "/build",
        NULL };

/* A directory of this build alone: locked as long as there is somebody who needs it. */
typedef struct Workspace {
        char path[sizeof(PLACE "/work-XXXXXX")];
        int fd;
} Workspace;

static void workspace_end(Workspace *work) {
        autofd int place = work->fd < 0 ? -1 : open(PLACE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (place >= 0)
                (void) remove_tree(place, strrchr(work->path, '/') + 1);
        if (work->fd >= 0)
                (void) close(work->fd);
}

/* What those have left behind that were killed. */
static void sweep(void) {
        DIR *directory = opendir(PLACE);
        struct dirent *entry;

        while (directory && (entry = readdir(directory))) {
                autofd int fd = -1;

                if (strncmp(entry->d_name, "work-", 5) != 0)
                        continue;
                fd = openat(dirfd(directory), entry->d_name,
                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) >= 0)
                        (void) remove_tree(dirfd(directory), entry->d_name);
        }
        if (directory)
                (void) closedir(directory);
}

/* One at a time: a directory that is not locked yet is for whoever sweeps one that was left behind. */
static int workspace_begin(Workspace *work, Fault *fault) {
        int r = io_mkdir_p(PLACE, 0700);
        autofd int place = r < 0 ? -1 : open(PLACE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (r >= 0 && (place < 0 || flock(place, LOCK_EX) < 0))
                r = -errno;
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot make '%s': %s", PLACE, strerror(-r));
        sweep();
        (void) strcpy(work->path, PLACE "/work-XXXXXX");
        if (!mkdtemp(work->path))
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot make a directory in '%s': %s", PLACE,
                                strerror(errno));
        work->fd = open(work->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (work->fd < 0 || flock(work->fd, LOCK_EX) < 0) {
                r = -errno;
                (void) rmdir(work->path);
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot use '%s': %s", work->path, strerror(-r));
        }
        return 0;
}

/* With all that it says where we say things. */
static int execute(char *const *words, const char *what, Fault *fault) {
        pid_t pid;
        int status, r = posix_spawnp(&pid, words[0], NULL, NULL, words, environ);

        if (r == ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is no program '%s' to build images with: install the package of that "
                                "name",
                                words[0]);
        if (r != 0)
                return fault_raise(fault, FAULT_SYSTEM, r, "cannot execute '%s': %s", words[0], strerror(r));
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;

        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                return 0;
        if (WIFSIGNALED(status))
                return fault_raise(fault, FAULT_SYSTEM, ECANCELED, "'%s %s' was killed by signal %d",
                                words[0], what, WTERMSIG(status));
        return fault_raise(fault, FAULT_SYSTEM, EIO,
                        "'%s %s' has failed with status %d; what it has said is in the journal", words[0],
                        what, WEXITSTATUS(status));
}

static int begin_words(char ***words, const char *verb) {
        int r = strv_append(words, PROGRAM);

        for (size_t i = 0; r >= 0 && storage[i]; i++)
                r = strv_append(words, storage[i]);
        return r < 0 ? r : strv_append(words, verb);
}

/* The last option of that name. Return: its value, @otherwise when it is not there. */
static const char *option_of(const BuildRequest *request, const char *name, const char *otherwise) {
        size_t n = strlen(name);

        for (char *const *option = request->options; *option; option++)
                if (strncmp(*option, name, n) == 0)
                        otherwise = *option + n;
        return otherwise;
}

/* Of a context that is somewhere else nothing is known. */
static int read_instructions(const BuildRequest *request, char **ret) {
        static const char *const names[] = { "Containerfile", "Dockerfile" };
        const char *file = option_of(request, "--file=", NULL);
        int r = file ? io_read_file(AT_FDCWD, file, INSTRUCTIONS_MAX, ret, NULL) : -ENOENT;

        for (size_t i = 0; !file && r < 0 && i < ELEMENTS(names); i++) {
                autofree char *path = NULL;

                if (asprintf(&path, "%s/%s", request->context, names[i]) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                r = io_read_file(AT_FDCWD, path, INSTRUCTIONS_MAX, ret, NULL);
        }
        return r;
}

static int find_bases(const BuildRequest *request, char ***ret) {
        autofree char *text = NULL;
        int r = read_instructions(request, &text);

        if (r < 0)
                return r == -ENOMEM ? r : 0;
        return build_bases_find(text, request->options, ret);
}

static bool is_stored(const char *name) {
        autostore Store store = STORE_CLOSED;
        Digest id;

        return store_open(state_directory(), &store, NULL) >= 0 &&
               store_lock(&store, STORE_SHARED, NULL) >= 0 && image_find(&store, name, &id, NULL, NULL) >= 0;
}

/* As an archive of Docker's, which has the name in it: buildah keeps the image by that, for the next build.
 */
static int add_base(const char *name, size_t i, const Workspace *work, char ***words, Fault *fault) {
        autostrv char **save = NULL;
        int r;

        r = strv_append(&save, SLIPWAY_LIBEXEC_DIR "/slipway-images");
        if (r >= 0)
                r = strv_append(&save, "save");
        if (r >= 0)
                r = strv_appendf(&save, "--output=%s/base-%zu", work->path, i);
        if (r >= 0)
                r = strv_append(&save, name);
        if (r >= 0)
                r = execute(save, "save", fault);
        if (r < 0)
                return r;
        return strv_appendf(words, "--build-context=%s=docker-image://docker-archive:%s/base-%zu", name,
                        work->path, i);
}

/* What there is on this machine only, buildah is given: it would ask a registry called "localhost". */
static int add_bases(const BuildRequest *request, const Workspace *work, char ***words, Fault *fault) {
        autostrv char **names = NULL;
        int r = find_bases(request, &names);

        for (size_t i = 0; names && names[i] && r >= 0; i++)
                if (is_stored(names[i]))
                        r = add_base(names[i], i, work, words, fault);
        return r;
}

static int run_build(const BuildRequest *request, const Workspace *work, Fault *fault) {
        autostrv char **words = NULL;
        int r = begin_words(&words, "build");

        if (r >= 0)
                r = strv_appendf(&words, "--iidfile=%s/id", work->path);
        for (char *const *name = request->names; r >= 0 && *name; name++)
                r = strv_appendf(&words, "--tag=%s", *name);
        if (r >= 0)
                r = add_bases(request, work, &words, fault);
        if (r >= 0)
                r = strv_extend(&words, request->options);
        if (r >= 0)
                r = strv_append(&words, "--");
        if (r >= 0)
                r = strv_append(&words, request->context);
        if (r < 0)
                return r;
        (void) notify_status("building %s", request->names[0]);
        return execute(words, "build", fault);
}

/* "sha256:" and its digits, with or without a line end. */
static int read_id(const Workspace *work, char **ret, Fault *fault) {
        autofree char *id = NULL;
        int r = io_read_file(work->fd, "id", 256, &id, NULL);

        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "'%s build' has not said what it has built: %s",
                                PROGRAM, strerror(-r));
        id[strcspn(id, "\n")] = '\0';
        if (strncmp(id, "sha256:", 7) != 0 || strspn(id + 7, "0123456789abcdef") != 64 || id[71])
                return fault_raise(fault, FAULT_SYNTAX, EBADMSG,
                                "'%s build' calls what it has built '%.80s'", PROGRAM, id);
        *ret = TAKE(id);
        return 0;
}

/* Not compressed: it is read once, at once. */
static int run_push(const Workspace *work, Fault *fault) {
        autofree char *id = NULL;
        autostrv char **words = NULL;
        int r = read_id(work, &id, fault);

        if (r >= 0)
                r = begin_words(&words, "push");
        if (r >= 0)
                r = strv_append(&words, "--quiet");
        if (r >= 0)
                r = strv_append(&words, "--disable-compression");
        if (r >= 0)
                r = strv_append(&words, "--format=oci");
        if (r >= 0)
                r = strv_append(&words, id);
        if (r >= 0)
                r = strv_appendf(&words, "oci:%s/image", work->path);
        return r < 0 ? r : execute(words, "push", fault);
}

/* What it is built for, if that is not this machine. */
static int read_platform(const BuildRequest *request, ImportRequest *import, Fault *fault) {
        const char *whole = option_of(request, "--platform=", NULL),
                   *arch = option_of(request, "--arch=", NULL),
                   *variant = option_of(request, "--variant=", NULL);
        autofree char *text = NULL;

        platform_of_machine(&import->platform);
        if (!whole && !arch)
                return 0;
        if (!whole && asprintf(&text, "%s/%s%s%s", option_of(request, "--os=", "linux"), arch,
                                      variant ? "/" : "", variant ? variant : "") < 0)
                return -ENOMEM;
        import->platform_is_given = true;
        return platform_parse(whole ? whole : text, &import->platform, fault);
}

static int take(const BuildRequest *request, const Workspace *work, Fault *fault) {
        AUTO(import_result_done) ImportResult result = {};
        AUTO(trust_verdicts_done) TrustVerdicts verdicts = {};
        autostore Store store = STORE_CLOSED;
        autofree char *source = NULL;
        ImportRequest import = {
                .names = request->names,
                .budget = { UNPACK_ENTRIES_DEFAULT, UNPACK_BYTES_DEFAULT },
                .decide = trust_import_decide,
                .record = trust_import_record,
                .decide_data = &verdicts,
        };
        int r;

        if (asprintf(&source, "oci:%s/image", work->path) < 0)
                return -ENOMEM;
        import.source = source;
        r = read_platform(request, &import, fault);
        if (r < 0)
                return r;
        (void) notify_status("taking %s into the store", request->names[0]);
        r = store_create(state_directory(), &store, fault);
        if (r >= 0)
                r = image_import(&store, &import, &result, fault);
        if (r < 0)
                return r;
        for (size_t i = 0; result.names && result.names[i]; i++)
                image_event(MESSAGE_IMAGE_IMPORTED, result.names[i], &result.id);
        report_note(REPORT_NOTICE, "%s: %zu layers, %zu of them new", request->names[0], result.n_layers,
                        result.n_new);
        printf("sha256:%s\n", result.id.hex);
        (void) notify_status("built %s", request->names[0]);
        return 0;
}

/* Where only PID 1 knows root, or nobody does, buildah ends with a word about a number. */
static int check_root(Fault *fault) {
        if (getpwuid(0))
                return 0;
        return fault_raise(fault, FAULT_MISSING, ENOENT,
                        "there is no user with the id 0 on this machine, which '%s' wants to know about: "
                        "/etc/passwd needs a line 'root:x:0:0:root:/root:/bin/sh'",
                        PROGRAM);
}

int build_image(const BuildRequest *request, Fault *fault) {
        AUTO(workspace_end) Workspace work = { .fd = -1 };
        int r = check_root(fault);

        if (r >= 0)
                r = workspace_begin(&work, fault);
        /* What buildah unpacks may be more than what fits into memory, where /tmp may be. */
        if (r >= 0 && setenv("TMPDIR", work.path, true) < 0)
                r = -errno;
        if (r >= 0)
                r = run_build(request, &work, fault);
        if (r >= 0)
                r = run_push(&work, fault);
        if (r >= 0)
                r = take(request, &work, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot build '%.200s'", request->names[0]) : 0;
}

int build_request_read(char **words, BuildRequest *ret, Fault *fault) {
        static char *none[] = { NULL };
        char **end = words, **from;

        *ret = (BuildRequest){ .names = words, .options = none };
        for (from = words; *from && strcmp(*from, "--") != 0; from++) {
                if (strncmp(*from, "--context=", 10) == 0)
                        ret->context = *from + 10;
                else if (strncmp(*from, "--", 2) == 0)
                        return fault_raise(fault, FAULT_UNKNOWN_KEY, EINVAL,
                                        "there is no option '%s': those for %s come after \"--\"", *from,
                                        PROGRAM);
                else
                        *end++ = *from;
        }
        if (*from)
                ret->options = from + 1;
        *end = NULL;
        if (!*words)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a name for the image is missing");
        if (!ret->context || !*ret->context)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "--context= is missing");
        return 0;
}
