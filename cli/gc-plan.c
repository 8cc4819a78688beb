/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/gc-plan.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/reference.h"
#include "image/use.h"
#include "lib/report.h"

static GcRow *find_row(const GcPlan *plan, const Digest *id) {
        for (size_t i = 0; i < plan->n; i++)
                if (digest_equal(&plan->rows[i].image.image.id, id))
                        return &plan->rows[i];
        return NULL;
}

/* --- images that had a name before --- */

/* The image that a name led to last before it led to what it does now. */
static int find_previous(DIR *origins, const Digest *now, Digest *ret) {
        struct dirent *entry;
        struct stat st, latest = {};

        while ((entry = readdir(origins))) {
                Digest id;

                if (digest_from_hex(entry->d_name, &id) < 0 || digest_equal(&id, now) ||
                                fstatat(dirfd(origins), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (latest.st_nlink > 0 &&
                                (st.st_mtim.tv_sec < latest.st_mtim.tv_sec ||
                                                (st.st_mtim.tv_sec == latest.st_mtim.tv_sec &&
                                                                st.st_mtim.tv_nsec <
                                                                                latest.st_mtim.tv_nsec)))
                        continue;
                latest = st;
                *ret = id;
        }
        return latest.st_nlink > 0 ? 0 : -ENOENT;
}

/* Who goes back to the image before this one does so soon: its age counts from when it lost its name. */
static int spare_previous(Store *store, const GcPlan *plan, const NameEntry *name) {
        autofree char *file = NULL;
        autoclosedir DIR *dir = NULL;
        char path[NAME_MAX + 16];
        Digest previous;
        int64_t since;
        GcRow *row;
        int fd, r = reference_escape(name->name, &file);

        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "origins/%s", file);
        fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir)
                return 0; /* brought by no transport that is remembered */
        if (find_previous(dir, &name->id, &previous) < 0 || image_name_since(store, name->name, &since) < 0)
                return 0;
        row = find_row(plan, &previous);
        if (row && since > row->since)
                row->since = since;
        return 0;
}

/* --- rows --- */

static int load_rows(Store *store, const NameList *names, GcPlan *plan, Fault *fault) {
        AUTO(id_list_done) IdList ids = {};
        int r = store_list_images(store, &ids, fault);

        if (r < 0)
                return r;
        plan->rows = calloc(ids.n + 1, sizeof(GcRow));
        if (!plan->rows)
                return -ENOMEM;
        for (size_t i = 0; i < ids.n; i++) {
                GcRow *row = &plan->rows[plan->n];

                r = image_row_load(store, &ids.items[i], names, &row->image, fault);
                if (r >= 0)
                        r = image_last_use(store, &ids.items[i], &row->last_use);
                if (r == -ENOMEM)
                        return r;
                plan->n += r >= 0;
                row->since = row->last_use;
                if (r >= 0)
                        continue;
                report_fault(REPORT_WARNING, fault);
                fault_clear(fault);
                image_row_done(&row->image);
                *row = (GcRow){};
        }
        return 0;
}

static int decide(GcRow *row, const char *who, const Fault *doubt, int64_t before) {
        row->is_needed = who || fault_is_raised(doubt);
        row->is_expired = !row->is_needed && row->since < before;
        if (row->is_expired)
                return 0;
        if (who)
                row->why = strdup(who);
        else if (row->is_needed)
                row->why = strdup("perhaps a manifest that cannot be read");
        else
                row->why = strdup(
                                row->since > row->last_use ? "had a name recently" : "was of use recently");
        return row->why ? 0 : -ENOMEM;
}

static int compare(const void *a, const void *b) {
        const GcRow *x = a, *y = b;

        if (x->is_needed != y->is_needed)
                return x->is_needed - y->is_needed;
        if (x->since != y->since)
                return x->since < y->since ? -1 : 1;
        return strcmp(x->image.image.id.hex, y->image.image.id.hex);
}

static int make(Store *store, const Wishes *wishes, int64_t before, GcPlan *plan, Fault *fault) {
        AUTO(name_list_done) NameList names = {};
        autoneeds Needs needs = {};
        int r;

        if ((r = store_list_names(store, &names, fault)) < 0 ||
                        (r = load_rows(store, &names, plan, fault)) < 0 ||
                        (r = needs_find(store, wishes, &names, &needs, fault)) < 0)
                return r;
        for (size_t i = 0; i < names.n && r >= 0; i++)
                r = spare_previous(store, plan, &names.items[i]);
        for (size_t i = 0; i < plan->n && r >= 0; i++) {
                GcRow *row = &plan->rows[i];

                r = decide(row, needs_who(&needs, &row->image.image.id), &wishes->doubt, before);
                plan->n_unneeded += !row->is_needed;
                plan->n_expired += row->is_expired;
        }
        if (plan->n > 0)
                qsort(plan->rows, plan->n, sizeof(GcRow), compare);
        return r;
}

int gc_plan_make(Store *store, const Wishes *wishes, int64_t before, GcPlan *ret, Fault *fault) {
        autogcplan GcPlan plan = {};
        int r = make(store, wishes, before, &plan, fault);

        if (r < 0)
                return fault_is_raised(fault) ? r : fault_wrap(fault, r, "cannot look at the images");
        *ret = plan;
        plan = (GcPlan){};
        return 0;
}

static bool has_layer(const Image *image, const Digest *layer) {
        for (size_t i = 0; i < image->n_layers; i++)
                if (digest_equal(&image->layers[i], layer))
                        return true;
        return false;
}

int64_t gc_plan_gain(const GcPlan *plan, size_t row) {
        const ImageRow *image = &plan->rows[row].image;
        int64_t gain = 0;

        for (size_t i = 0; i < image->image.n_layers; i++) {
                bool is_shared = false;

                for (size_t k = row + 1; k < plan->n && !is_shared; k++)
                        is_shared = has_layer(&plan->rows[k].image.image, &image->image.layers[i]);
                gain += is_shared ? 0 : image->layers[i].size;
        }
        return gain;
}

void gc_plan_done(GcPlan *plan) {
        for (size_t i = 0; i < plan->n; i++) {
                image_row_done(&plan->rows[i].image);
                free(plan->rows[i].why);
        }
        free(plan->rows);
        *plan = (GcPlan){};
}
