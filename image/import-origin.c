/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where each name came from: written in the draft, and put in place before the name. */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "image/importer.h"
#include "image/origin.h"
#include "image/place.h"
#include "lib/fault-point.h"
#include "lib/io.h"

static int open_new(int dir_fd, const char *name) {
        int fd;

        if (mkdirat(dir_fd, name, 0700) < 0)
                return -errno;
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int write_top(int fd, const Plan *plan) {
        return plan->top ? io_create_file(fd, "top", plan->top, plan->top_size, 0600) : 0;
}

static int write_origin(Importer *importer, size_t i, Fault *fault) {
        const Platform *platform = &importer->request->platform;
        PlatformText text = platform_text(platform->os, platform->architecture, platform->variant);
        const Plan *plan = &importer->plan;
        Origin origin = {
                .name = importer->names[i],
                .transport = (char *) importer->transport,
                .image = plan->id,
                .platform = text.text,
                .time = time(NULL),
        };
        autofd int fd = -1;
        char name[32];
        int r;

        if (plan->top)
                origin.top = plan->digests[0];
        (void) snprintf(name, sizeof(name), "origin-%zu", i);
        r = fd = open_new(importer->draft.fd, name);
        if (r < 0 || (r = origin_write(fd, &origin)) < 0 || (r = write_top(fd, plan)) < 0)
                return store_failed(importer->store, r, "write where the image came from", fault);
        return importer->record ? importer->record(importer->record_data, i, fd, fault) : 0;
}

int import_write_origins(Importer *importer, Fault *fault) {
        int r = 0;

        if (importer->has_origins)
                return 0;
        for (size_t i = 0; importer->names && importer->names[i] && r >= 0; i++)
                r = write_origin(importer, i, fault);
        importer->has_origins = r >= 0;
        return r;
}

int import_place_origins(Importer *importer) {
        int r = 0;

        if (!importer->names)
                return 0;
        for (size_t i = 0; importer->names[i] && r >= 0; i++) {
                char from[32];

                (void) snprintf(from, sizeof(from), "origin-%zu", i);
                r = place_origin(&importer->draft, from, importer->names[i], &importer->plan.id);
                (void) FAULT_POINT("import:have placed an origin");
        }
        return r < 0 ? r : place_sync(importer->store, "origins");
}
