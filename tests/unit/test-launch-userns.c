/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "lib/cleanup.h"
#include "nspawn-glue/userns.h"
#include "tests/suite.h"

static const struct {
        const char *text;
        Userns userns;
} known[] = {
        { "host", { .mode = USERNS_HOST, .count = 65536 } },
        { "auto", { .mode = USERNS_AUTO, .count = 65536 } },
        { "auto:size=2000", { .mode = USERNS_AUTO, .count = 2000 } },
        { "keep-id", { .mode = USERNS_KEEP_ID, .count = 65536 } },
        { "keep-id:uid=70,gid=71", { .mode = USERNS_KEEP_ID, .count = 65536, .uid = 70, .gid = 71 } },
        { "keep-id:gid=71", { .mode = USERNS_KEEP_ID, .count = 65536, .gid = 71 } },
        { "100000:65536", { .mode = USERNS_RANGE, .base = 100000, .count = 65536 } },
};

START_TEST(a_mode_is_read)
{
        Userns userns;

        ck_assert_int_eq(userns_parse(&userns, known[_i].text, NULL), 0);
        ck_assert_int_eq(userns.mode, known[_i].userns.mode);
        ck_assert_uint_eq(userns.base, known[_i].userns.base);
        ck_assert_uint_eq(userns.count, known[_i].userns.count);
        ck_assert_uint_eq(userns.uid, known[_i].userns.uid);
        ck_assert_uint_eq(userns.gid, known[_i].userns.gid);
}
END_TEST

static const char *const refused[] = {
        "",
        "autos",
        "auto:",
        "auto:size=",
        "auto:size=0",
        "auto:size=65537",
        "keep-id:uid",
        "keep-id:uid=",
        "keep-id:uid=65536",
        "keep-id:uid=1;gid=2",
        "0:65536",
        "100000",
        "100000:0",
        "4294967000:65536",
        "nomap",
        "-1:65536",
        "100000:65536x",
};

START_TEST(what_is_no_mode_is_refused)
{
        Userns userns;

        ck_assert_int_eq(userns_parse(&userns, refused[_i], NULL), -EINVAL);
}
END_TEST

/* What an id of the container is to the host, through the lines of a map. */
static uint32_t map(const IdMap *maps, size_t n, uint32_t id) {
        for (size_t i = 0; i < n; i++)
                if (id >= maps[i].inside && id - maps[i].inside < maps[i].count)
                        return maps[i].outside + (id - maps[i].inside);
        return UINT32_MAX;
}

static const uint32_t ids[] = { 0, 1, 2, 999, 65535 };

START_TEST(root_and_one_other_change_places_in_what_is_bound)
{
        const Userns userns = { .mode = USERNS_KEEP_ID, .base = 1000000, .count = 65536 };
        uint32_t kept = ids[_i];
        IdMap maps[ID_MAPS_MAX];
        size_t n = userns_bind_map(&userns, kept, maps);

        ck_assert_uint_le(n, ID_MAPS_MAX);
        for (uint32_t id = 0; id < userns.count; id++) {
                uint32_t expected = id == 0 ? kept : id == kept ? 0 : id;

                ck_assert_uint_eq(map(maps, n, id), userns.base + expected);
        }
        ck_assert_uint_eq(map(maps, n, userns.count), UINT32_MAX);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("launch-userns");
        TCase *tc = tcase_create("launch-userns");

        tcase_add_loop_test(tc, a_mode_is_read, 0, ELEMENTS(known));
        tcase_add_loop_test(tc, what_is_no_mode_is_refused, 0, ELEMENTS(refused));
        tcase_add_loop_test(tc, root_and_one_other_change_places_in_what_is_bound, 0, ELEMENTS(ids));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
