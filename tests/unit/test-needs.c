/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/needs.h"
#include "image/collect.h"
#include "image/use.h"
#include "lib/io.h"
#include "lib/strv.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

/* Two images with a layer in common, one of them with two names, and a container that uses the other. */
#define ID1 "cafe000000000000000000000000000000000000000000000000000000000001"
#define ID2 "cafe100000000000000000000000000000000000000000000000000000000002"
#define BASE "1111111111111111111111111111111111111111111111111111111111111111"
#define UPPER "2222222222222222222222222222222222222222222222222222222222222222"
#define CONFIG "{\"config\":{\"Cmd\":[\"/app\"]},\"rootfs\":{\"diff_ids\":[]}}"

static char root[64];
static Store store = STORE_CLOSED;

static void put(const char *path, const char *text) {
        autofd int fd = openat(store.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(io_write_all(fd, text, strlen(text)), 0);
}

static void make(const char *path) {
        ck_assert_int_eq(mkdirat(store.fd, path, 0700), 0);
}

static bool exists(const char *path) {
        return faccessat(store.fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void put_image(const char *id, const char *layers) {
        char path[256], blob[256];

        (void) snprintf(path, sizeof(path), "images/%s", id);
        make(path);
        (void) snprintf(path, sizeof(path), "images/%s/config.json", id);
        (void) snprintf(blob, sizeof(blob), "blobs/sha256/%s", id);
        put(path, CONFIG);
        ck_assert_int_eq(linkat(store.fd, path, store.fd, blob, 0), 0);
        (void) snprintf(path, sizeof(path), "images/%s/layers", id);
        put(path, layers);
}

static void setup(void) {
        (void) strcpy(root, "/tmp/slipway-needs-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        ck_assert_int_eq(store_create(root, &store, NULL), 0);
        put_image(ID1, BASE "\n" UPPER "\n");
        put_image(ID2, BASE "\n");
        make("layers/" BASE);
        make("layers/" UPPER);
        make("containers");
        make("containers/web");
        put("containers/web/image", "sha256:" ID2 "\n");
        ck_assert_int_eq(symlinkat("../images/" ID1, store.fd, "names/docker.io%2Flibrary%2Fapp:1"), 0);
        ck_assert_int_eq(symlinkat("../images/" ID1, store.fd, "names/quay.io%2Fteam%2Fapp:latest"), 0);
}

static void teardown(void) {
        store_close(&store);
        remove_scratch(root);
}

static const struct {
        const char *text, *name;
        bool means;
} meanings[] = {
        { "app:%i", "docker.io/library/app:1", true },
        { "app", "quay.io/team/app:latest", true },
        { "app", "quay.io/team/app:1", false },
        { "%p", "quay.io/team/app:latest", true },
        { "quay.io/${TEAM}/app", "quay.io/team/app:latest", true },
        { "quay.io/$TEAM/app", "quay.io/team/app:latest", true },
        { "quay.io/$TEAM/app", "quay.io/team/web:latest", false },
        { "pp", "quay.io/team/app:latest", false },
        { "a?p", "quay.io/team/app:latest", false },
        { "*", "quay.io/team/app:latest", false },
        { "app:${TAG", "docker.io/library/app:1", true },
        { "app:%", "docker.io/library/app:1", true },
};

START_TEST(a_name_may_have_parts_that_are_not_known_yet)
{
        ck_assert_msg(wish_could_mean(meanings[_i].text, meanings[_i].name) == meanings[_i].means, "%s, %s",
                        meanings[_i].text, meanings[_i].name);
}
END_TEST

/* Who needs image @id if somebody has this wish; a literal. */
static const char *who_needs(const char *wish, const char *id) {
        static char who[256];
        AUTO(name_list_done) NameList names = {};
        autowishes Wishes wishes = {};
        autoneeds Needs needs = {};
        Digest digest;

        ck_assert_int_eq(digest_from_hex(id, &digest), 0);
        ck_assert_int_eq(store_lock(&store, STORE_EXCLUSIVE, NULL), 0);
        ck_assert_int_eq(store_list_names(&store, &names, NULL), 0);
        if (wish)
                ck_assert_int_eq(wishes_add(&wishes, wish, "a manifest"), 0);
        ck_assert_int_eq(needs_find(&store, &wishes, &names, &needs, NULL), 0);
        store_unlock(&store);
        (void) snprintf(who, sizeof(who), "%s", needs_who(&needs, &digest) ?: "nobody");
        return who;
}

START_TEST(what_is_needed_is_found_by_name_id_and_container)
{
        ck_assert_str_eq(who_needs(NULL, ID1), "nobody");
        ck_assert_str_eq(who_needs("app:2", ID1), "nobody");
        ck_assert_str_eq(who_needs("app:1", ID1), "a manifest");
        ck_assert_str_eq(who_needs("sha256:" ID1, ID1), "a manifest");
        ck_assert_str_eq(who_needs("app:%i", ID1), "a manifest");
        ck_assert_str_eq(who_needs("not a name", ID1), "nobody");
        ck_assert_str_eq(who_needs(NULL, ID2), "container web");
}
END_TEST

START_TEST(a_pin_keeps_what_its_name_leads_to)
{
        autostrv char **pins = NULL;
        autofree char *pin = NULL;
        Fault fault = {};

        ck_assert_int_eq(pin_add(&store, "app:1", &pin, NULL), 0);
        ck_assert_str_eq(pin, "docker.io/library/app:1");
        ck_assert_int_eq(pin_add(&store, "app:1", NULL, NULL), 0);
        ck_assert_int_eq(pin_add(&store, "cafe1", NULL, NULL), 0);
        ck_assert_int_eq(pin_add(&store, "later", NULL, NULL), 0);
        ck_assert_int_eq(pin_add(&store, "sha256:" BASE, NULL, &fault), -ENOENT);
        ck_assert_int_eq(pin_add(&store, "../etc", NULL, NULL), -EINVAL);
        ck_assert_str_eq(who_needs(NULL, ID1), "a pin");

        ck_assert_int_eq(pin_list(&store, &pins, NULL), 0);
        ck_assert_uint_eq(strv_length(pins), 3);
        ck_assert_str_eq(pins[0], "docker.io/library/app:1");
        ck_assert_str_eq(pins[1], "docker.io/library/later:latest");
        ck_assert_str_eq(pins[2], "sha256:" ID2);

        ck_assert_int_eq(pin_remove(&store, "app:1", NULL, NULL), 0);
        fault = (Fault){};
        ck_assert_int_eq(pin_remove(&store, "app:1", NULL, &fault), -ENOENT);
        ck_assert_str_eq(who_needs(NULL, ID1), "nobody");
}
END_TEST

static Candidate candidate(const char *id, char *const *names) {
        Candidate made = { .names = names };

        ck_assert_int_eq(digest_from_hex(id, &made.id), 0);
        ck_assert_int_eq(image_last_use(&store, &made.id, &made.last_use), 0);
        return made;
}

static char *both[] = { (char *) "docker.io/library/app:1", (char *) "quay.io/team/app:latest", NULL };

START_TEST(an_image_goes_with_its_names_and_layers)
{
        Candidate one = candidate(ID1, both);

        ck_assert_int_eq(store_collect(&store, &one, 1, NULL), 0);
        ck_assert(one.is_gone);
        ck_assert(!exists("images/" ID1) && !exists("names/docker.io%2Flibrary%2Fapp:1"));
        ck_assert(!exists("layers/" UPPER) && exists("layers/" BASE));
        ck_assert(!exists("blobs/sha256/" ID1) && exists("blobs/sha256/" ID2));
}
END_TEST

START_TEST(what_is_used_stays)
{
        Candidate two = candidate(ID2, NULL);

        ck_assert_int_eq(store_collect(&store, &two, 1, NULL), 0);
        ck_assert(!two.is_gone && exists("images/" ID2));
}
END_TEST

START_TEST(what_was_of_use_meanwhile_stays)
{
        Candidate one = candidate(ID1, both);
        const struct timespec pause = { .tv_nsec = 20000000 };

        (void) nanosleep(&pause, NULL);
        image_touch(&store, &one.id);
        ck_assert_int_eq(store_collect(&store, &one, 1, NULL), 0);
        ck_assert(!one.is_gone && exists("images/" ID1) && exists("layers/" UPPER));
}
END_TEST

START_TEST(what_has_got_another_name_or_lost_one_stays)
{
        Candidate one = candidate(ID1, both), fewer = candidate(ID1, both + 1), none = candidate(ID1, NULL);

        ck_assert_int_eq(store_collect(&store, &fewer, 1, NULL), 0);
        ck_assert_int_eq(store_collect(&store, &none, 1, NULL), 0);
        ck_assert(!fewer.is_gone && !none.is_gone);
        ck_assert_int_eq(unlinkat(store.fd, "names/quay.io%2Fteam%2Fapp:latest", 0), 0);
        ck_assert_int_eq(store_collect(&store, &one, 1, NULL), 0);
        ck_assert(!one.is_gone && exists("images/" ID1));
}
END_TEST

START_TEST(leftovers_go_without_an_image_to_remove)
{
        make("tmp/dead");
        make("layers/"
             "3333333333333333333333333333333333333333333333333333333333333333");
        ck_assert_int_eq(store_collect(&store, NULL, 0, NULL), 0);
        ck_assert(!exists("tmp/dead"));
        ck_assert(!exists("layers/3333333333333333333333333333333333333333333333333333333333333333"));
        ck_assert(exists("layers/" UPPER));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("needs");
        TCase *tcase = tcase_create("needs");

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_loop_test(tcase, a_name_may_have_parts_that_are_not_known_yet, 0, ELEMENTS(meanings));
        tcase_add_test(tcase, what_is_needed_is_found_by_name_id_and_container);
        tcase_add_test(tcase, a_pin_keeps_what_its_name_leads_to);
        tcase_add_test(tcase, an_image_goes_with_its_names_and_layers);
        tcase_add_test(tcase, what_is_used_stays);
        tcase_add_test(tcase, what_was_of_use_meanwhile_stays);
        tcase_add_test(tcase, what_has_got_another_name_or_lost_one_stays);
        tcase_add_test(tcase, leftovers_go_without_an_image_to_remove);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
