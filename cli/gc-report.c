/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#include "cli/gc.h"
#include "lib/size.h"
#include "lib/strv.h"

/* clang-format off */
static const Field fields[] = {
        { "Name",    "names",    "NAME",     "Names" },
        { "Id",      "id",       "IMAGE ID", "ID ImageID" },
        { "Gain",    "gain",     ">GAIN",    "Size" },
        { "LastUse", "last_use", "LAST USE", NULL },
        { "Action",  "action",   "ACTION",   NULL },
        { "Why",     "why",      "WHY",      NULL },
};
/* clang-format on */

int gc_set_room(GcPolicy *policy, const char *text, Fault *fault) {
        size_t n = strlen(text);
        char *end;

        policy->keep_bytes = 0;
        policy->keep_percent = 0;
        if (n > 1 && text[n - 1] == '%' && text[0] >= '0' && text[0] <= '9') {
                policy->keep_percent = strtod(text, &end);
                if (end == text + n - 1 && policy->keep_percent <= 100)
                        return 0;
        } else if (size_from_text(text, &policy->keep_bytes) >= 0)
                return 0;
        return fault_raise(fault, FAULT_VALUE, EINVAL,
                        "--keep-free=%.100s: neither a size nor a percentage, such as 5G or 10%%", text);
}

uint64_t gc_room(const Store *store) {
        struct statvfs st;

        return fstatvfs(store->fd, &st) < 0 ? 0 : (uint64_t) st.f_bavail * st.f_frsize;
}

bool gc_has_room(const GcPolicy *policy, const Store *store, uint64_t more) {
        uint64_t wanted = policy->keep_bytes;
        struct statvfs st;

        if (fstatvfs(store->fd, &st) < 0)
                return true;
        if (policy->keep_percent > 0)
                wanted = (uint64_t) ((double) st.f_blocks * (double) st.f_frsize * policy->keep_percent /
                                     100);
        return (uint64_t) st.f_bavail * st.f_frsize + more >= wanted;
}

static json_t *names_json(char *const *names) {
        json_t *array = json_array();

        for (; names && *names; names++)
                (void) json_array_append_new(array, json_string(*names));
        return array;
}

static void put_row(Listing *listing, const GcRow *row, int64_t gain, bool goes) {
        autofree char *names = strv_join(row->image.names, ", ");
        char id[DIGEST_HEX + 8], age[32];
        int64_t seconds = time(NULL) - row->last_use / 1000000;

        (void) snprintf(id, sizeof(id), "%.12s", row->image.image.id.hex);
        if (seconds < 2 * 3600)
                (void) snprintf(age, sizeof(age), "%jd min ago",
                                (intmax_t) (seconds < 0 ? 0 : seconds / 60));
        else if (seconds < 2 * 86400)
                (void) snprintf(age, sizeof(age), "%jd h ago", (intmax_t) seconds / 3600);
        else
                (void) snprintf(age, sizeof(age), "%jd days ago", (intmax_t) seconds / 86400);

        listing_value(listing, names_json(row->image.names), names && *names ? names : NULL, TABLE_PLAIN);
        listing_value(listing, json_sprintf("sha256:%s", row->image.image.id.hex), id, TABLE_PLAIN);
        listing_value(listing, json_integer((json_int_t) gain), size_to_text((uint64_t) gain).text,
                        TABLE_PLAIN);
        listing_value(listing, json_integer((json_int_t) row->last_use), age, TABLE_PLAIN);
        listing_text(listing, goes ? "remove" : "keep", goes ? TABLE_BAD : TABLE_PLAIN);
        listing_text(listing, goes ? (row->why ? "for want of room" : "of no use for long") : row->why,
                        TABLE_PLAIN);
}

int gc_print(const GcPlan *plan, const GcPolicy *policy, const Store *store, const ListingStyle *style,
                bool is_dry, Fault *fault) {
        autolisting Listing *listing = listing_new(fields, ELEMENTS(fields));
        uint64_t gained = 0;

        for (size_t i = 0; i < plan->n; i++) {
                const GcRow *row = &plan->rows[i];
                int64_t gain = gc_plan_gain(plan, i);
                bool goes = is_dry ? row->is_expired || (!row->is_needed &&
                                                                        !gc_has_room(policy, store, gained))
                                   : row->is_gone;

                gained += goes ? (uint64_t) gain : 0;
                if (is_dry || goes)
                        put_row(listing, row, gain, goes);
        }
        return listing_print(listing, style, fault);
}
