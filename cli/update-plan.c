/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/update-plan.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "generator/values/image-name.h"
#include "image/reference.h"
#include "lib/cleanup.h"
#include "lib/report.h"

static void unit_done(UpdateUnit *unit) {
        free(unit->container);
}

static void group_done(UpdateGroup *group) {
        free(group->text);
        free(group->name);
        free(group->policy);
        free(group->authfile);
        free(group->units);
}

void update_plan_done(UpdatePlan *plan) {
        for (size_t i = 0; i < plan->n_units; i++)
                unit_done(&plan->units[i]);
        for (size_t i = 0; i < plan->n_groups; i++)
                group_done(&plan->groups[i]);
        free(plan->units);
        free(plan->groups);
        *plan = (UpdatePlan){};
}

const char *update_result_to_string(UpdateResult result) {
        static const char *const words[_UPDATE_RESULT_MAX] = { "false", "true", "pending", "rolled back",
                "failed" };

        return words[result];
}

int update_plan_add(UpdatePlan *plan, const char *container, const Record *record) {
        UpdateUnit *grown;

        if (!*record->update || !*record->unit || !*record->image_id)
                return 0;
        grown = reallocarray(plan->units, plan->n_units + 1, sizeof(UpdateUnit));
        if (!grown)
                return -ENOMEM;
        plan->units = grown;
        plan->units[plan->n_units] = (UpdateUnit){ .container = strdup(container), .record = *record };
        (void) digest_from_hex(record->image_id, &plan->units[plan->n_units].image);
        return plan->units[plan->n_units++].container ? 0 : -ENOMEM;
}

/* What can be updated is a name that can lead to something else. */
static int name_image(const Record *record, char **ret, Fault *fault) {
        AUTO(reference_done) Reference reference = {};
        int r;

        if (strcmp(record->update, "registry") == 0 && !image_name_is_qualified(record->image))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "image '%.200s' does not say which registry to ask; write its whole name, "
                                "as "
                                "docker.io/library/nginx:latest",
                                record->image);
        r = reference_parse(record->image, &reference, fault);
        return r < 0 ? r : reference_format(&reference, ret);
}

static int add_group(UpdatePlan *plan, const char *name, const Record *record, UpdateGroup **ret) {
        UpdateGroup *grown = reallocarray(plan->groups, plan->n_groups + 1, sizeof(UpdateGroup));

        if (!grown)
                return -ENOMEM;
        plan->groups = grown;
        *ret = &grown[plan->n_groups++];
        **ret = (UpdateGroup){
                .text = strdup(record->image),
                .name = strdup(name),
                .policy = strdup(record->update),
                .authfile = strdup(strcmp(record->update, "registry") == 0 ? record->authfile : ""),
        };
        return (*ret)->text && (*ret)->name && (*ret)->policy && (*ret)->authfile ? 0 : -ENOMEM;
}

static int replace(char **text, const char *by) {
        char *copy = strdup(by);

        if (!copy)
                return -ENOMEM;
        free(*text);
        *text = copy;
        return 0;
}

/* One name, one image: if one of them has the registry asked, what comes of it is for all. */
static int find_group(UpdatePlan *plan, const char *name, const Record *record, UpdateGroup **ret) {
        bool asks = strcmp(record->update, "registry") == 0;
        UpdateGroup *group = NULL;
        int r;

        for (size_t i = 0; i < plan->n_groups && !group; i++)
                if (strcmp(plan->groups[i].name, name) == 0)
                        group = &plan->groups[i];
        if (!group)
                return add_group(plan, name, record, ret);
        *ret = group;
        if (!asks)
                return 0;
        if (strcmp(group->policy, "registry") != 0 &&
                        ((r = replace(&group->policy, record->update)) < 0 ||
                                        (r = replace(&group->text, record->image)) < 0))
                return r;
        return *group->authfile ? 0 : replace(&group->authfile, record->authfile);
}

static int join(UpdateGroup *group, UpdateUnit *unit) {
        UpdateUnit **grown = reallocarray(group->units, group->n + 1, sizeof(UpdateUnit *));

        if (!grown)
                return -ENOMEM;
        group->units = grown;
        group->units[group->n++] = unit;
        return 0;
}

static int compare_unit(const void *a, const void *b) {
        return strcmp(((const UpdateUnit *) a)->container, ((const UpdateUnit *) b)->container);
}

static int compare_group(const void *a, const void *b) {
        return strcmp(((const UpdateGroup *) a)->name, ((const UpdateGroup *) b)->name);
}

int update_plan_group(UpdatePlan *plan) {
        if (plan->n_units > 0)
                qsort(plan->units, plan->n_units, sizeof(UpdateUnit), compare_unit);
        for (size_t i = 0; i < plan->n_units; i++) {
                UpdateUnit *unit = &plan->units[i];
                autofree char *name = NULL;
                UpdateGroup *group;
                Fault fault = {};
                int r = name_image(&unit->record, &name, &fault);

                if (r == -ENOMEM)
                        return r;
                if (r < 0) {
                        unit->result = UPDATE_FAILED;
                        (void) fault_wrap(&fault, r, "cannot update '%s'", unit->container);
                        report_fault(REPORT_ERROR, &fault);
                        continue;
                }
                if ((r = find_group(plan, name, &unit->record, &group)) < 0 || (r = join(group, unit)) < 0)
                        return r;
        }
        if (plan->n_groups > 0)
                qsort(plan->groups, plan->n_groups, sizeof(UpdateGroup), compare_group);
        return 0;
}

/* A record may outlive its container, if that was killed in an unlucky moment. */
static bool is_alive(const Record *record) {
        return record->pid > 0 && (kill(record->pid, 0) >= 0 || errno == EPERM);
}

int update_plan_read(UpdatePlan *plan, Fault *fault) {
        autoclosedir DIR *directory = opendir(RECORD_DIR);
        struct dirent *entry;
        int r = 0;

        if (!directory && errno != ENOENT)
                return fault_wrap(fault, -errno, "cannot find out what runs");
        while (r >= 0 && directory && (entry = readdir(directory))) {
                Record record;

                if (*entry->d_name != '.' && record_read(entry->d_name, &record) >= 0 && is_alive(&record))
                        r = update_plan_add(plan, entry->d_name, &record);
        }
        if (r >= 0)
                r = update_plan_group(plan);
        return r < 0 ? fault_wrap(fault, r, "cannot find out what to update") : 0;
}
