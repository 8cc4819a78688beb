/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "lib/io.h"
#include "lib/strv.h"
#include "nspawn-glue/credential.h"
#include "nspawn-glue/environment.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/secret-spec.h"
#include "nspawn-glue/tree.h"
#include "nspawn-glue/yaml-secret.h"

/* Where other credentials of the unit appear, see https://systemd.io/CONTAINER_INTERFACE/. */
#define CREDENTIALS_DIR "/run/host/credentials"

#define ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

/* From now on there is something in our memory that is not for a core dump, nor for who may trace us. */
int launch_open_credentials(Launch *launch, Fault *fault) {
        int r = credential_open_directory(&launch->credentials_fd);

        if (r == -ENOENT && !launch->options->yaml_secrets)
                return 0;
        if (r < 0 && r != -ENOENT)
                return fault_wrap(fault, r, "cannot open the unit's credentials");
        return prctl(PR_SET_DUMPABLE, 0) < 0 ? -errno : 0;
}

static int raise_missing(const char *name, Fault *fault) {
        return fault_mark(fault, MESSAGE_SECRET_MISSING,
                        fault_raise(fault, FAULT_MISSING, ENOENT,
                                        "there is no secret '%s', neither in " CREDSTORE_ENCRYPTED_DIR
                                        " nor in " CREDSTORE_DIR
                                        ", /run/credstore and /usr/lib/credstore; make it with "
                                        "'slipway secret create %s'",
                                        name, name));
}

static int read_secret(const Launch *launch, const SecretSpec *spec, Credential *ret, Fault *fault) {
        int r;

        if (spec->file)
                return yaml_secret_read(spec, ret, fault);
        r = launch->credentials_fd < 0 ? -ENOENT
                                       : credential_read_secret(launch->credentials_fd, spec->name, ret);

        if (r == -ENOENT)
                return raise_missing(spec->name, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot read the secret '%s'", spec->name) : 0;
}

/* It takes the place of a variable of the same name, and says its value to nobody but the plan. */
static int write_variable(Launch *launch, const SecretSpec *spec, void *context, Fault *fault) {
        AUTO(credential_done) Credential credential = {};
        char ***environment = context;
        int r = read_secret(launch, spec, &credential, fault);

        if (r < 0)
                return r;
        if (memchr(credential.data, '\0', credential.size))
                return fault_mark(fault, MESSAGE_SECRET_UNUSABLE,
                                fault_raise(fault, FAULT_VALUE, EINVAL,
                                                "the secret '%s' has a NUL byte, which no variable can "
                                                "have: "
                                                "use type=mount",
                                                spec->name));
        environment_unset(*environment, spec->target);
        plan_put_secret(&launch->plan, "secret-env", spec->target, credential.data);
        return 0;
}

/* What is done for each secret; @context is the caller's. */
typedef int SecretAct(Launch *launch, const SecretSpec *spec, void *context, Fault *fault);

/* Those that become variables, or files; those of the unit first. */
static int for_each_secret(Launch *launch, bool is_env, SecretAct *act, void *context, Fault *fault) {
        const struct {
                char **list;
                int (*parse)(const char *text, SecretSpec *ret, Fault *fault);
        } sources[] = {
                { launch->options->secrets, secret_spec_parse },
                { launch->options->yaml_secrets, yaml_secret_spec_parse },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(sources); i++)
                for (char **text = sources[i].list; text && *text && r >= 0; text++) {
                        AUTO(secret_spec_done) SecretSpec spec = {};

                        r = sources[i].parse(*text, &spec, fault);
                        if (r >= 0 && spec.is_env == is_env)
                                r = act(launch, &spec, context, fault);
                }
        return r;
}

int launch_write_secret_variables(Launch *launch, char ***environment, Fault *fault) {
        return for_each_secret(launch, true, write_variable, environment, fault);
}

/* Memory that is never swapped, in the workspace: a part of it can be cloned from there. */
static int open_ramfs(Launch *launch, const char *name, int *ret) {
        static const char *const options[] = { "mode", "500", NULL };
        autofd int tree = -1;
        int r;

        if (mkdirat(launch->workspace_fd, name, 0700) < 0)
                return -errno;
        r = tree_new("ramfs", options, ATTRIBUTES | MOUNT_ATTR_NOEXEC, &tree);
        if (r >= 0)
                r = tree_attach(tree, launch->workspace_fd, name);
        if (r < 0)
                return r;
        *ret = openat(launch->workspace_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return *ret < 0 ? -errno : 0;
}

/* An id inside of the container as the host has it. */
static int host_id(const Launch *launch, uint32_t id, uint32_t *ret, Fault *fault) {
        if (launch->userns.mode == USERNS_HOST)
                *ret = id;
        else if (id < launch->userns.count)
                *ret = launch->userns.base + id;
        else
                return fault_raise(fault, FAULT_VALUE, ERANGE,
                                "a secret cannot belong to %u: the container has the ids from 0 to %u", id,
                                launch->userns.count - 1);
        return 0;
}

static int write_file(int directory, const char *name, const Credential *credential, mode_t mode,
                uint32_t uid, uint32_t gid) {
        autofd int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        int r = fd < 0 ? -errno : io_write_all(fd, credential->data, credential->size);

        if (r < 0)
                return r;
        return fchown(fd, uid, gid) < 0 || fchmod(fd, mode) < 0 ? -errno : 0;
}

/* A file of its own, so that it can be anywhere. What is executable, like a script, may be executed. */
static int attach_file(Launch *launch, int directory, const char *file, const SecretSpec *spec) {
        uint64_t noexec = spec->mode & 0111 ? 0 : MOUNT_ATTR_NOEXEC;
        int tree, r;

        r = tree_clone(directory, file, false, &tree);
        if (r < 0)
                return r;
        r = tree_propagate(tree, MS_PRIVATE, false);
        if (r >= 0)
                r = tree_set(tree, ATTRIBUTES | MOUNT_ATTR_RDONLY | noexec, MOUNT_ATTR_NOEXEC & ~noexec,
                                false);
        if (r < 0) {
                (void) close(tree);
                return r;
        }
        r = launch_pass(launch, tree);
        if (r >= 0)
                plan_putf(&launch->plan, "attach", "%d:%s", r, spec->target);
        return r < 0 ? r : 0;
}

static int write_secret(
                Launch *launch, const SecretSpec *spec, int directory, unsigned number, Fault *fault) {
        AUTO(credential_done) Credential credential = {};
        uint32_t uid = 0, gid = 0;
        char file[16];
        int r;

        r = read_secret(launch, spec, &credential, fault);
        if (r >= 0)
                r = host_id(launch, spec->uid, &uid, fault);
        if (r >= 0)
                r = host_id(launch, spec->gid, &gid, fault);
        if (r < 0)
                return r;
        (void) snprintf(file, sizeof(file), "%u", number);
        r = write_file(directory, file, &credential, spec->mode, uid, gid);
        if (r >= 0)
                r = attach_file(launch, directory, file, spec);
        return r < 0 ? fault_wrap(fault, r, "cannot pass on the secret '%s'", spec->name) : 0;
}

/* Two files on one place: the second would hide the first. */
static int check_target(char **targets, const SecretSpec *spec, Fault *fault) {
        if (strv_find(targets, spec->target))
                return fault_raise(fault, FAULT_CONFLICT, EEXIST, "two secrets are to be at '%s'",
                                spec->target);
        return 0;
}

typedef struct SecretFiles {
        char **targets;
        int directory; /* -1 until there is a file */
        unsigned number;
} SecretFiles;

static int add_file(Launch *launch, const SecretSpec *spec, void *context, Fault *fault) {
        SecretFiles *files = context;
        int r;

        r = check_target(files->targets, spec, fault);
        if (r >= 0)
                r = strv_append(&files->targets, spec->target);
        if (r >= 0 && files->directory < 0)
                r = open_ramfs(launch, "secrets", &files->directory);
        return r < 0 ? r : write_secret(launch, spec, files->directory, files->number++, fault);
}

static int write_files(Launch *launch, Fault *fault) {
        SecretFiles files = { .directory = -1 };
        int r = for_each_secret(launch, false, add_file, &files, fault);

        strv_free(files.targets);
        fd_closep(&files.directory);
        return r;
}

/* Those that the unit has besides, for an app that knows systemd: as the service manager has them for it. */
static int write_credentials(Launch *launch, char *const *ids, Fault *fault) {
        autofd int directory = -1;
        uint32_t root = 0;
        int tree, r;

        r = host_id(launch, 0, &root, fault);
        if (r >= 0)
                r = open_ramfs(launch, "credentials", &directory);
        for (; r >= 0 && *ids; ids++) {
                AUTO(credential_done) Credential credential = {};

                r = credential_read(launch->credentials_fd, *ids, &credential);
                if (r >= 0)
                        r = write_file(directory, *ids, &credential, 0400, root, root);
        }
        if (r >= 0 && fchown(directory, root, root) < 0)
                r = -errno;
        if (r >= 0)
                r = tree_clone(directory, "", false, &tree);
        if (r < 0)
                return r;
        r = launch_pass(launch, tree);
        if (r < 0)
                return r;
        plan_putf(&launch->plan, "attach", "%d:" CREDENTIALS_DIR, r);
        plan_put(&launch->plan, "own", CREDENTIALS_DIR);
        plan_put(&launch->plan, "protect", CREDENTIALS_DIR);
        plan_put(&launch->plan, "env", "CREDENTIALS_DIRECTORY=" CREDENTIALS_DIR);
        return 0;
}

int launch_write_secrets(Launch *launch, Fault *fault) {
        autostrv char **others = NULL;
        int r;

        r = write_files(launch, fault);
        if (r < 0 || launch->credentials_fd < 0)
                return r;
        r = credential_list(launch->credentials_fd, launch->options->secrets, &others);
        if (r >= 0 && others)
                r = write_credentials(launch, others, fault);
        fd_closep(&launch->credentials_fd);
        launch->credentials_fd = -1;
        return r < 0 ? fault_wrap(fault, r, "cannot pass on the unit's credentials") : 0;
}
