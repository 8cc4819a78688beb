/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/remove.h"

#include <fcntl.h>
#include <string.h>

#include "image/list.h"
#include "image/lookup.h"
#include "image/reference.h"
#include "lib/fault-point.h"
#include "lib/strv.h"

/* What is going to be done. */
typedef struct RemovePlan {
        Digest id;
        char *name;   /* asked for by name, NULL by id */
        char **names; /* all that the image has */
        bool whole;   /* the image goes */
} RemovePlan;

static void remove_plan_done(RemovePlan *plan) {
        free(plan->name);
        strv_free(plan->names);
        *plan = (RemovePlan){};
}

static int collect_names(Store *store, RemovePlan *plan, Fault *fault) {
        AUTO(name_list_done) NameList list = {};
        int r = store_list_names(store, &list, fault);

        for (size_t i = 0; i < list.n && r >= 0; i++)
                if (digest_equal(&list.items[i].id, &plan->id))
                        r = strv_append(&plan->names, list.items[i].name);
        return r;
}

static int check_use(Store *store, const RemovePlan *plan, const char *text, Fault *fault) {
        autofree char *container = NULL;
        int r = store_find_user(store, &plan->id, &container, fault);

        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return r;
        return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                        "cannot remove image '%.200s': container '%s' uses it; stop that first", text,
                        container);
}

static int make_plan(Store *store, const char *text, bool force, RemovePlan *plan, Fault *fault) {
        size_t n;
        int r;

        if ((r = image_find(store, text, &plan->id, &plan->name, fault)) < 0 ||
                        (r = collect_names(store, plan, fault)) < 0)
                return r;

        n = strv_length(plan->names);
        plan->whole = !plan->name || n <= 1;
        if (!plan->name && n > 1 && !force) {
                autofree char *list = strv_join(plan->names, ", ");

                return fault_raise(fault, FAULT_CONFLICT, ENOTUNIQ,
                                "image %.12s has several names, which --force removes with it: %.300s",
                                plan->id.hex, list ? list : "");
        }
        return plan->whole ? check_use(store, plan, text, fault) : 0;
}

static int remove_name(Store *store, const char *name, Removal *removal) {
        autofree char *file = NULL;
        char path[300];
        int r = reference_escape(name, &file);

        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "names/%s", file);
        if (unlinkat(store->fd, path, 0) < 0 && errno != ENOENT)
                return -errno;
        return strv_append(&removal->names, name);
}

/* Names first, so that none is left that leads nowhere. */
static int carry_out(Store *store, const RemovePlan *plan, Draft *draft, Removal *removal) {
        char path[16 + DIGEST_HEX];
        int r;

        if (!plan->whole)
                return remove_name(store, plan->name, removal);

        for (size_t i = 0; plan->names && plan->names[i]; i++) {
                r = remove_name(store, plan->names[i], removal);
                if (r < 0)
                        return r;
        }
        r = FAULT_POINT("remove:take out the image");
        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "images/%s", plan->id.hex);
        if (renameat(store->fd, path, draft->fd, "image") < 0)
                return -errno;
        removal->is_gone = true;
        (void) FAULT_POINT("remove:have taken out the image");

        /* The image's documents have links in blobs/, which count as needed as long as these here exist. */
        (void) unlinkat(draft->fd, "image/config.json", 0);
        (void) unlinkat(draft->fd, "image/manifest.json", 0);
        return 0;
}

static int remove_locked(
                Store *store, const char *text, bool force, Draft *draft, Removal *removal, Fault *fault) {
        AUTO(remove_plan_done) RemovePlan plan = {};
        int r;

        r = make_plan(store, text, force, &plan, fault);
        if (r < 0)
                return r;
        removal->id = plan.id;
        r = carry_out(store, &plan, draft, removal);
        if (r < 0)
                return store_failed(store, r, "remove the image", fault);
        return removal->is_gone ? store_sweep(store, draft, fault) : 0;
}

int image_remove(Store *store, const char *text, bool force, Removal *ret, Fault *fault) {
        AUTO(removal_done) Removal removal = {};
        autodraft Draft draft = { .fd = -1 };
        int r;

        /* On a full disk there is room for this much: a directory that is removed again. */
        r = draft_begin(store, &draft, fault);
        if (r < 0)
                return r;
        r = store_lock(store, STORE_EXCLUSIVE, fault);
        if (r < 0)
                return r;
        r = remove_locked(store, text, force, &draft, &removal, fault);
        store_unlock(store);
        if (r < 0)
                return r;

        *ret = removal;
        removal = (Removal){};
        return 0;
}

void removal_done(Removal *removal) {
        strv_free(removal->names);
        *removal = (Removal){};
}
