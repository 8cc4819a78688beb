/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "image/lookup.h"
#include "lib/io.h"
#include "tests/suite.h"

/* Two images whose ids start alike, one of which has a name that looks like an id. */
#define ID1 "cafe000000000000000000000000000000000000000000000000000000000001"
#define ID2 "cafe100000000000000000000000000000000000000000000000000000000002"
#define LAYER "1111111111111111111111111111111111111111111111111111111111111111"
#define UPPER_LAYER "2222222222222222222222222222222222222222222222222222222222222222"
#define CONFIG "{\"config\":{\"Cmd\":[\"/app\"]},\"rootfs\":{\"diff_ids\":[]}}"

static char root[] = "/tmp/slipway-test-XXXXXX";
static Store store = STORE_CLOSED;

static void put(const char *path, const char *text) {
        autofd int fd = openat(store.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(io_write_all(fd, text, strlen(text)), 0);
}

static void put_image(const char *id, const char *layers) {
        char path[256];

        (void) snprintf(path, sizeof(path), "images/%s", id);
        ck_assert_int_eq(mkdirat(store.fd, path, 0700), 0);
        (void) snprintf(path, sizeof(path), "images/%s/config.json", id);
        put(path, CONFIG);
        (void) snprintf(path, sizeof(path), "images/%s/layers", id);
        put(path, layers);
}

static void setup(void) {
        (void) snprintf(root, sizeof(root), "/tmp/slipway-test-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        ck_assert_int_eq(store_open(root, &store, NULL), 0);
        ck_assert_int_eq(mkdirat(store.fd, "images", 0700), 0);
        ck_assert_int_eq(mkdirat(store.fd, "names", 0700), 0);
        put_image(ID1, LAYER "\n" UPPER_LAYER "\n");
        put_image(ID2, "");
        ck_assert_int_eq(symlinkat("../images/" ID1, store.fd, "names/docker.io%2Flibrary%2Fnginx:latest"),
                        0);
        ck_assert_int_eq(
                        symlinkat("../images/" ID2, store.fd, "names/docker.io%2Flibrary%2Fcafe:latest"), 0);
        ck_assert_int_eq(symlinkat("../../etc/" ID2, store.fd, "names/docker.io%2Flibrary%2Fbad:latest"), 0);
}

static void teardown(void) {
        char command[128];

        store_close(&store);
        (void) snprintf(command, sizeof(command), "rm -rf %s", root);
        ck_assert_int_eq(system(command), 0);
}

/* clang-format off */
static const struct {
        const char *text, *id;
} found[] = {
        { "nginx", ID1 },
        { "docker.io/library/nginx:latest", ID1 },
        { "sha256:" ID1, ID1 },
        { ID2, ID2 },
        { "cafe", ID2 },        /* the name goes before the digits */
        { "cafe0", ID1 },
        { "sha256:cafe1", ID2 },
};

static const struct {
        const char *text;
        int r;
        const char *why;
} refused[] = {
        { "redis", -ENOENT, "image 'docker.io/library/redis:latest' is not in the store, see slipway-import(1)" },
        { "localhost/nginx", -ENOENT, "image 'localhost/nginx:latest' is not in the store, but "
                "'docker.io/library/nginx:latest' is; write that if it is meant" },
        { "nginx:1", -ENOENT, "image 'docker.io/library/nginx:1' is not in the store, see slipway-import(1)" },
        { "sha256:cafe", -ENOTUNIQ, "several images have an id that starts with 'sha256:cafe'" },
        { "sha256:beef", -ENOENT, "image 'sha256:beef' is not in the store, see slipway-import(1)" },
        { "caf", -ENOENT, "image 'docker.io/library/caf:latest' is not in the store, see slipway-import(1)" },
        { LAYER, -ENOENT, "image '" LAYER "' is not in the store, see slipway-import(1)" },
        { "../x", -EINVAL, "'../x' is not an image name: '..' is not a host" },
        { "bad", -EUCLEAN, "cannot read the name 'docker.io/library/bad:latest' in the store: Structure needs cleaning" },
};
/* clang-format on */

START_TEST(an_image_is_found_by_name_id_and_first_digits)
{
        Digest id;

        ck_assert_int_eq(image_find(&store, found[_i].text, &id, NULL, NULL), 0);
        ck_assert_str_eq(id.hex, found[_i].id);
}
END_TEST

START_TEST(what_is_not_there_or_not_one_is_said_so)
{
        Fault fault = {};
        Digest id;

        ck_assert_int_eq(image_find(&store, refused[_i].text, &id, NULL, &fault), refused[_i].r);
        ck_assert_str_eq(fault.text, refused[_i].why);
}
END_TEST

START_TEST(layers_come_base_first_with_their_paths)
{
        autoimage Image image = {};
        char path[256];

        ck_assert_int_eq(image_lookup(&store, "nginx", &image, NULL), 0);
        ck_assert_str_eq(image.name, "docker.io/library/nginx:latest");
        ck_assert_uint_eq(image.n_layers, 2);
        (void) snprintf(path, sizeof(path), "%s/layers/%s/fs", root, LAYER);
        ck_assert_str_eq(image.paths[0], path);
        ck_assert_str_eq(image.layers[1].hex, UPPER_LAYER);
        ck_assert_ptr_null(image.paths[2]);
        ck_assert_str_eq(image.config.cmd[0], "/app");
}
END_TEST

START_TEST(an_image_without_layers_is_an_image)
{
        autoimage Image image = {};

        ck_assert_int_eq(image_lookup(&store, ID2, &image, NULL), 0);
        ck_assert_uint_eq(image.n_layers, 0);
        ck_assert_ptr_null(image.name);
}
END_TEST

START_TEST(a_list_of_layers_with_a_path_in_it_is_not_followed)
{
        autoimage Image image = {};
        Fault fault = {};

        put("images/" ID1 "/layers", "../../../etc\n");
        ck_assert_int_eq(image_lookup(&store, "nginx", &image, &fault), -EUCLEAN);
        ck_assert_ptr_null(image.paths);
}
END_TEST

START_TEST(a_store_that_is_not_there_is_an_empty_one)
{
        autostore Store none = STORE_CLOSED;
        Fault fault = {};

        ck_assert_int_eq(store_open("/nowhere/store", &none, &fault), -ENOENT);
        ck_assert_str_eq(fault.text, "there are no images in '/nowhere/store' yet, see slipway-import(1)");
}
END_TEST

START_TEST(readers_share_the_lock_and_a_writer_comes_after_them)
{
        autostore Store other = STORE_CLOSED;
        autofd int fd = -1;

        ck_assert_int_eq(store_lock(&store, STORE_SHARED, NULL), -ENOENT);
        ck_assert_int_eq(store_lock(&store, STORE_EXCLUSIVE, NULL), 0);
        store_unlock(&store);

        ck_assert_int_eq(store_open(root, &other, NULL), 0);
        ck_assert_int_eq(store_lock(&store, STORE_SHARED, NULL), 0);
        ck_assert_int_eq(store_lock(&other, STORE_SHARED, NULL), 0);

        fd = openat(store.fd, "lock", O_RDWR | O_CLOEXEC);
        ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), -1);
        store_close(&other);
        store_unlock(&store);
        ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("lookup");
        TCase *tc = tcase_create("lookup");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_loop_test(tc, an_image_is_found_by_name_id_and_first_digits, 0, ELEMENTS(found));
        tcase_add_loop_test(tc, what_is_not_there_or_not_one_is_said_so, 0, ELEMENTS(refused));
        tcase_add_test(tc, layers_come_base_first_with_their_paths);
        tcase_add_test(tc, an_image_without_layers_is_an_image);
        tcase_add_test(tc, a_list_of_layers_with_a_path_in_it_is_not_followed);
        tcase_add_test(tc, a_store_that_is_not_there_is_an_empty_one);
        tcase_add_test(tc, readers_share_the_lock_and_a_writer_comes_after_them);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
