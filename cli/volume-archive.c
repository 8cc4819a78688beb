/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway volume export and import. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/archive-output.h"
#include "cli/options.h"
#include "cli/tree-receive.h"
#include "cli/tree-send.h"
#include "cli/verbs.h"
#include "cli/volume-use.h"
#include "cli/volume-verbs.h"
#include "nspawn-glue/volume/copy-up.h"

/* Return: 0; -ENOENT and the like with a fault. */
static int open_volume(const char *name, VolumeLock lock, const char *what, Volume *ret, Fault *fault) {
        autofd int all = -1;
        int r = volume_verbs_open(false, &all, fault);

        if (r < 0)
                return r;
        if (all < 0)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no volume '%.200s'", name);
        r = volume_open(all, name, lock, ret, fault);
        if (r == -EBUSY)
                return volume_raise_used(name, what, fault);
        if (r >= 0 && ret->config.image)
                return fault_raise(fault, FAULT_CONFLICT, EINVAL,
                                "volume '%.100s' shows the image '%.200s', which 'slipway save' writes",
                                name, ret->config.image);
        if (r >= 0 && ret->config.device && volume_is_mounted(ret) <= 0)
                return fault_raise(fault, FAULT_MISSING, ENODEV,
                                "'%.200s' is not mounted; 'systemctl start %.200s' mounts it",
                                ret->config.device, ret->config.unit ?: "its unit");
        return r;
}

static int export(const VolumeCall *call, unsigned *left_out, Fault *fault) {
        autovolume Volume volume = VOLUME_CLOSED;
        autofd int data = -1, out = -1;
        int r = open_volume(call->arguments[0], VOLUME_SHARED, "export", &volume, fault);

        if (r < 0)
                return r;
        data = openat(volume.fd, "data", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (data < 0)
                return -errno;
        r = archive_output_open(call->output, &out, fault);
        if (r < 0)
                return r;
        r = tree_send(&(TreeSend){ .top_fd = data, .as = ".", .one_mount = true }, out, left_out, fault);
        if (r < 0)
                archive_output_remove(call->output);
        return r == -EPIPE ? fault_raise(fault, FAULT_SYSTEM, EPIPE, "nobody reads the archive any more")
                           : r;
}

int volume_verb_export(const VolumeCall *call) {
        unsigned left_out = 0;
        Fault fault = {};
        int r;

        if (call->n != 1)
                return options_misused(call->verb, "export takes a name");
        (void) signal(SIGPIPE, SIG_IGN);
        r = export(call, &left_out, &fault);
        if (r >= 0)
                return left_out > 0 ? VERB_FAILED : VERB_OK;
        return volume_tell("export", call->arguments[0], r, &fault);
}

/* --- the other way --- */

static int open_input(const char *path, int *ret, Fault *fault) {
        int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                        : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        if (fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read '%.200s': %s", path,
                                strerror(errno));
        *ret = fd;
        return 0;
}

static int raise_filled(const char *name, int r, Fault *fault) {
        if (r == -ENOTEMPTY)
                return fault_raise(fault, FAULT_CONFLICT, ENOTEMPTY,
                                "volume '%.100s' has data in it; --replace puts the archive in its place",
                                name);
        if (r == -EBUSY)
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "volume '%.100s' is on a device, in which nothing is replaced: empty it "
                                "first",
                                name);
        return r;
}

static int receive(int stage, int in, unsigned *left_out, Fault *fault) {
        const TreeReceive tree = {
                .root_fd = stage, .base = ".", .keeps = true, .is_whole = true, .place = ""
        };
        mode_t mask = umask(0);
        int r = tree_receive(&tree, in, left_out, fault);

        (void) umask(mask);
        return r;
}

static int import(const VolumeCall *call, unsigned *left_out, Fault *fault) {
        const char *name = call->arguments[0];
        autovolume Volume volume = VOLUME_CLOSED;
        autofd int in = -1, stage = -1, lock = -1;
        int r = open_input(call->n == 2 ? call->arguments[1] : "-", &in, fault);

        if (r >= 0)
                r = open_volume(name, VOLUME_ALONE, "import into", &volume, fault);
        if (r >= 0)
                r = volume_lock_work(&volume, &lock);
        if (r >= 0)
                r = volume_reload(&volume, fault);
        if (r < 0)
                return r;
        r = volume_fill_begin(&volume, call->replace, &stage);
        if (r < 0)
                return raise_filled(name, r, fault);
        r = receive(stage, in, left_out, fault);
        if (r >= 0)
                return volume_fill_commit(&volume, call->replace, fault);
        volume_fill_abort(&volume);
        return r;
}

int volume_verb_import(const VolumeCall *call) {
        unsigned left_out = 0;
        Fault fault = {};
        int r;

        if (call->n < 1 || call->n > 2)
                return options_misused(call->verb, "import takes a name, and a file or '-'");
        r = import(call, &left_out, &fault);
        if (r >= 0)
                return left_out > 0 ? VERB_FAILED : VERB_OK;
        return volume_tell("import into", call->arguments[0], r, &fault);
}
