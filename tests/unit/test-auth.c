/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/registries/certs.h"
#include "image/registries/helper.h"
#include "lib/io.h"
#include "lib/remove-tree.h"
#include "tests/suite.h"

static char directory[] = "/tmp/test-auth.XXXXXX";

static void begin(void) {
        static const char *const unset[] = { "CREDENTIALS_DIRECTORY", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME",
                "DOCKER_CONFIG", "REGISTRY_AUTH_FILE" };
        autofree char *path = NULL;

        (void) strcpy(directory + strlen(directory) - 6, "XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(directory));
        ck_assert_int_eq(chdir(directory), 0);
        for (size_t i = 0; i < ELEMENTS(unset); i++)
                (void) unsetenv(unset[i]);
        (void) setenv("HOME", directory, 1);
        ck_assert_int_gt(asprintf(&path, "%s/bin:/usr/bin:/bin", directory), 0);
        (void) setenv("PATH", path, 1);
}

static void end(void) {
        ck_assert_int_eq(chdir("/"), 0);
        (void) remove_tree(-1, directory);
}

static void write_file(const char *path, const char *text, mode_t mode) {
        autofree char *parent = strdup(path);
        FILE *stream;

        if (strrchr(parent, '/')) {
                *strrchr(parent, '/') = '\0';
                ck_assert_int_eq(io_mkdir_p(parent, 0755), 0);
        }
        stream = fopen(path, "we");
        ck_assert_ptr_nonnull(stream);
        fputs(text, stream);
        (void) fclose(stream);
        ck_assert_int_eq(chmod(path, mode), 0);
}

/* clang-format off */
static const struct {
        const char *text, *decoded;
} base64s[] = {
        { "", "" },
        { "YQ==", "a" },
        { "YWI=", "ab" },
        { "YWJj", "abc" },
        { "dXNlcjpwYXNz", "user:pass" },
        { "/+8=", "\377\357" },
        { "YQ=", NULL },
        { "YQ", NULL },
        { "YQ===", NULL },
        { "Y===", NULL },
        { "YR==", NULL },       /* a bit too many */
        { "YWJ=", NULL },
        { "YQ==YQ==", NULL },
        { "YW Jj", NULL },
        { "YWJj\n", NULL },
        { "_-8=", NULL },       /* the alphabet of URLs */
        { "====", NULL },
};

#define AUTH(user) "{\"username\":\"" user "\",\"password\":\"p\"}"

static const struct {
        const char *text, *host, *repository, *user;    /* user: NULL for none */
} entries[] = {
        { "{}", "quay.io", "a/b", NULL },
        { "{\"auths\":{}}", "quay.io", "a/b", NULL },
        { "{\"auths\":null}", "quay.io", "a/b", NULL },
        { "{\"auths\":{\"quay.io\":" AUTH("u") "}}", "quay.io", "a/b", "u" },
        { "{\"auths\":{\"quay.io\":{\"auth\":\"dXNlcjpwYXNz\"}}}", "quay.io", "a/b", "user" },
        { "{\"auths\":{\"quay.io\":{\"auth\":\"dXNlcjpwYXNzAAA=\"}}}", "quay.io", "a/b", "user" },
        { "{\"auths\":{\"quay.io\":{}}}", "quay.io", "a/b", NULL },
        { "{\"auths\":{\"quay.io\":{\"auth\":\"\"}}}", "quay.io", "a/b", NULL },
        { "{\"auths\":{\"quay.io\":{\"email\":\"x\"}}}", "quay.io", "a/b", NULL },
        { "{\"auths\":{\"quay.io\":" AUTH("host") ",\"quay.io/a\":" AUTH("ns") ",\"quay.io/a/b\":" AUTH("repo") "}}", "quay.io", "a/b", "repo" },
        { "{\"auths\":{\"quay.io\":" AUTH("host") ",\"quay.io/a\":" AUTH("ns") ",\"quay.io/a/b\":" AUTH("repo") "}}", "quay.io", "a/c", "ns" },
        { "{\"auths\":{\"quay.io\":" AUTH("host") ",\"quay.io/a\":" AUTH("ns") ",\"quay.io/a/b\":" AUTH("repo") "}}", "quay.io", "aa/b", "host" },
        { "{\"auths\":{\"quay.io\":" AUTH("host") ",\"quay.io/a\":{}}}", "quay.io", "a/b", "host" },
        { "{\"auths\":{\"quay.io/other\":" AUTH("u") "}}", "quay.io", "a/b", NULL },
        { "{\"auths\":{\"quay.io:443\":" AUTH("u") "}}", "quay.io", "a/b", NULL },
        { "{\"auths\":{\"https://quay.io/v1/\":" AUTH("u") "}}", "quay.io", "a/b", "u" },
        { "{\"auths\":{\"https://quay.io.example.com/v1/\":" AUTH("u") "}}", "quay.io", "a/b", NULL },
        { "{\"auths\":{\"https://index.docker.io/v1/\":" AUTH("u") "}}", "docker.io", "library/nginx", "u" },
        { "{\"auths\":{\"index.docker.io\":" AUTH("u") "}}", "docker.io", "library/nginx", "u" },
        { "{\"auths\":{\"registry-1.docker.io\":" AUTH("u") "}}", "docker.io", "library/nginx", "u" },
        { "{\"auths\":{\"https://index.docker.io/v1/\":" AUTH("old") ",\"docker.io/library\":" AUTH("new") "}}", "docker.io", "library/nginx", "new" },
        { "{\"auths\":{\"https://index.docker.io/v1/\":" AUTH("u") "}}", "index.example.com", "nginx", NULL },
};

static const struct {
        const char *text, *key, *why;
} bad[] = {
        { "", "", "it is not JSON, or has a key twice; an empty one has {}" },
        { "[]", "", "it is not JSON, or has a key twice; an empty one has {}" },
        { "{\"auths\":{},\"auths\":{}}", "", "it is not JSON, or has a key twice; an empty one has {}" },
        { "{\"auths\":{\"quay.io\":{\"auth\":\"secret!\"}}}", "auths.quay.io.auth", "it is not base64; log in again" },
        { "{\"auths\":{\"quay.io\":{\"auth\":\"YWJj\"}}}", "auths.quay.io.auth", "it is not USER:PASSWORD; log in again" },
        { "{\"auths\":{\"quay.io\":{\"auth\":\"OmFiYw==\"}}}", "auths.quay.io.auth", "it is not USER:PASSWORD; log in again" },
        { "{\"auths\":{\"quay.io\":{\"auth\":\"YQBiOmM=\"}}}", "auths.quay.io.auth", "it is not USER:PASSWORD; log in again" },
        { "{\"auths\":{\"quay.io\":{\"auth\":1}}}", "auths.quay.io.auth", "it is no string; log in again" },
        { "{\"credHelpers\":{\"quay.io\":\"../../bin/sh\"}}", "credHelpers", "it is not the suffix of a program docker-credential-SUFFIX" },
        { "{\"credHelpers\":{\"quay.io\":1}}", "credHelpers", "it is not the suffix of a program docker-credential-SUFFIX" },
        { "{\"credsStore\":\"a b\"}", "credsStore", "it is not the suffix of a program docker-credential-SUFFIX" },
};
/* clang-format on */

START_TEST(base64_has_one_spelling)
{
        autofree char *decoded = NULL;
        size_t size = 0;
        int r = auth_decode_base64(base64s[_i].text, &decoded, &size);

        if (!base64s[_i].decoded) {
                ck_assert_int_eq(r, -EINVAL);
                return;
        }
        ck_assert_int_eq(r, 0);
        ck_assert_uint_eq(size, strlen(base64s[_i].decoded));
        ck_assert_str_eq(decoded, base64s[_i].decoded);
}
END_TEST

START_TEST(the_most_specific_key_counts)
{
        autoauth Auth auth = {};
        Fault fault = {};
        int r = auth_find_in_text(entries[_i].text, strlen(entries[_i].text), "f", false, entries[_i].host,
                        entries[_i].repository, &auth, &fault);

        ck_assert_msg(r >= 0, "%s", fault.text);
        ck_assert_int_eq(r, entries[_i].user != NULL);
        if (entries[_i].user)
                ck_assert_str_eq(auth.user, entries[_i].user);
}
END_TEST

START_TEST(a_mistake_is_told_without_the_secret)
{
        autoauth Auth auth = {};
        Fault fault = {};

        ck_assert_int_eq(auth_find_in_text(bad[_i].text, strlen(bad[_i].text), "f", false, "quay.io", "a",
                                         &auth, &fault),
                        -EINVAL);
        ck_assert_str_eq(fault.text, bad[_i].why);
        ck_assert_str_eq(fault.path, "f");
        ck_assert_str_eq(fault.key, bad[_i].key);
}
END_TEST

START_TEST(tokens_are_read)
{
        static const char text[] = "{\"auths\":{\"a.b\":{\"auth\":\"dTpw\",\"identitytoken\":\"i\"},"
                                   "\"c.d\":{\"registrytoken\":\"r\"}}}";
        autoauth Auth auth = {}, other = {};

        ck_assert_int_eq(auth_find_in_text(text, strlen(text), "f", false, "a.b", "x", &auth, NULL), 1);
        ck_assert_str_eq(auth.identity_token, "i");
        ck_assert_str_eq(auth.user, "u");
        ck_assert_str_eq(auth.source, "'a.b' in f");
        ck_assert_int_eq(auth_find_in_text(text, strlen(text), "f", false, "c.d", "x", &other, NULL), 1);
        ck_assert_str_eq(other.registry_token, "r");
        ck_assert_ptr_null(other.user);
}
END_TEST

static char noted[1024];

static void take_note(void *data, const Fault *fault) {
        (void) data;
        (void) snprintf(noted, sizeof(noted), "%s", fault->text);
}

static char *find(const AuthLookup *lookup, const char *host) {
        autoauth Auth auth = {};
        Fault fault = {};
        int r = auth_find(lookup, host, "a/b", &auth, &fault);

        if (r < 0)
                return strdup(fault.text);
        return r == 0 ? NULL : strdup(auth.user ?: auth.identity_token);
}

#define FILE_OF(user) "{\"auths\":{\"quay.io\":" AUTH(user) "}}"

static void expect_user(const AuthLookup *lookup, const char *user) {
        autofree char *got = find(lookup, "quay.io");

        if (user)
                ck_assert_str_eq(got, user);
        else
                ck_assert_msg(!got, "%s", got);
}

START_TEST(places_are_looked_at_in_their_order)
{
        static const struct {
                const char *variable, *file, *user;
        } places[] = {
                { NULL, ".dockercfg", "dockercfg" },
                { NULL, ".docker/config.json", "docker" },
                { NULL, ".config/containers/auth.json", "config" },
                { "XDG_RUNTIME_DIR", "containers/auth.json", "runtime" },
                { "CREDENTIALS_DIRECTORY", "slipway.auth", "credential" },
                { "REGISTRY_AUTH_FILE", "named.json", "named" },
        };
        AuthLookup lookup = {};

        expect_user(&lookup, NULL);
        for (size_t i = 0; i < ELEMENTS(places); i++) {
                autofree char *text = NULL;

                ck_assert_int_gt(asprintf(&text, i == 0 ? "{\"quay.io\":" AUTH("%s") "}" : FILE_OF("%s"),
                                                 places[i].user),
                                0);
                write_file(places[i].file, text, 0600);
                if (places[i].variable)
                        (void) setenv(places[i].variable,
                                        strcmp(places[i].variable, "REGISTRY_AUTH_FILE") == 0
                                                        ? places[i].file
                                                        : directory,
                                        1);
                expect_user(&lookup, places[i].user);
        }
        lookup.file = ".config/containers/auth.json";
        expect_user(&lookup, "config");
        lookup.file = "none.json";
        expect_user(&lookup, "cannot read the credentials: No such file or directory");
}
END_TEST

START_TEST(a_file_that_others_can_read_is_told)
{
        AuthLookup lookup = { .file = "f.json", .note = take_note };

        write_file("f.json", FILE_OF("u"), 0600);
        noted[0] = '\0';
        expect_user(&lookup, "u");
        ck_assert_str_eq(noted, "");
        write_file("f.json", FILE_OF("u"), 0644);
        expect_user(&lookup, "u");
        ck_assert_str_eq(noted, "others can read the passwords in it; 'chmod 600 f.json' prevents that");
}
END_TEST

#define HELPER(body) "#!/bin/sh\n[ \"$1\" = get ] || exit 9\nread server\n" body "\n"

START_TEST(a_helper_is_asked)
{
        AuthLookup lookup = { .file = "f.json" };
        autofree char *other = NULL;

        write_file("bin/docker-credential-one",
                        HELPER("printf '{\"ServerURL\":\"x\",\"Username\":\"%s\",\"Secret\":\"s\"}' "
                               "\"$server\""),
                        0755);
        write_file("bin/docker-credential-token",
                        HELPER("echo '{\"Username\":\"<token>\",\"Secret\":\"identity\"}'"), 0755);
        write_file("f.json",
                        "{\"credHelpers\":{\"quay.io\":\"one\",\"docker.io\":\"one\",\"t.example.com\":"
                        "\"token\"}}",
                        0600);
        expect_user(&lookup, "quay.io");
        other = find(&lookup, "docker.io");
        ck_assert_str_eq(other, "https://index.docker.io/v1/");
        free(other);
        other = find(&lookup, "t.example.com");
        ck_assert_str_eq(other, "identity");
        write_file("f.json", "{\"auths\":{\"quay.io\":{}},\"credsStore\":\"one\"}", 0600);
        expect_user(&lookup, "quay.io");
        write_file("f.json", "{}", 0600);
        lookup.helpers = (char *[]){ (char *) "containers-auth.json", (char *) "one", NULL };
        expect_user(&lookup, "quay.io");
}
END_TEST

START_TEST(a_helper_that_knows_nothing_is_no_mistake)
{
        AuthLookup lookup = { .file = "f.json" };

        write_file("bin/docker-credential-empty",
                        HELPER("echo credentials not found in native keychain; exit 1"), 0755);
        write_file("f.json",
                        "{\"auths\":{\"quay.io\":" AUTH("file") "},\"credHelpers\":{\"quay.io\":\"empty\"}}",
                        0600);
        expect_user(&lookup, "file");
        write_file("f.json", "{\"credsStore\":\"empty\"}", 0600);
        expect_user(&lookup, NULL);
}
END_TEST

START_TEST(a_helper_that_fails_says_why)
{
        AuthLookup lookup = { .file = "f.json" };

        write_file("f.json", "{\"credsStore\":\"none\"}", 0600);
        expect_user(&lookup, "the credentials for quay.io are kept by docker-credential-none, which is not "
                             "installed");
        write_file("f.json", "{\"credsStore\":\"x\"}", 0600);
        write_file("bin/docker-credential-x", HELPER("echo the ring is locked; exit 1"), 0755);
        expect_user(&lookup, "docker-credential-x has failed: the ring is locked");
        write_file("bin/docker-credential-x", HELPER("exit 3"), 0755);
        expect_user(&lookup, "docker-credential-x has failed: it has not said why");
        write_file("bin/docker-credential-x", HELPER("kill -9 $$"), 0755);
        expect_user(&lookup, "docker-credential-x was killed by signal 9");
        write_file("bin/docker-credential-x", HELPER("echo hello"), 0755);
        expect_user(&lookup, "cannot ask docker-credential-x: its answer is not JSON");
        write_file("bin/docker-credential-x", HELPER("echo '{\"Username\":\"u\"}'"), 0755);
        expect_user(&lookup, "cannot ask docker-credential-x: there is no 'Secret' in its answer");
        write_file("bin/docker-credential-x", "#!/bin/sh\nexec yes\n", 0755);
        expect_user(&lookup, "cannot ask docker-credential-x: File too large");
}
END_TEST

#define PEM "-----BEGIN CERTIFICATE-----\n"

START_TEST(certificates_are_found_by_their_endings)
{
        const char *const hosts[] = { "quay.io", NULL };
        AUTO(certs_done) Certs certs = {};
        Fault fault = {};

        write_file("c/a.crt", PEM "a", 0644);
        write_file("c/b.crt", PEM "b", 0644);
        write_file("c/client.cert", PEM "cert", 0644);
        write_file("c/client.key", PEM "key", 0600);
        write_file("c/README", "x", 0600);
        ck_assert_int_eq(certs_load(hosts, "c", &certs, &fault), 0);
        ck_assert_str_eq(certs.ca, PEM "a\n" PEM "b");
        ck_assert_str_eq(certs.certificate, PEM "cert");
        ck_assert_str_eq(certs.key, PEM "key");
}
END_TEST

START_TEST(half_a_pair_is_a_mistake)
{
        const char *const hosts[] = { "quay.io", NULL };
        AUTO(certs_done) Certs certs = {};
        Fault fault = {};

        write_file("c/client.cert", PEM "cert", 0644);
        ck_assert_int_eq(certs_load(hosts, "c", &certs, &fault), -ENOENT);
        ck_assert_str_eq(fault.text,
                        "'client.key' is missing beside it; a certificate of an authority ends in .crt");
        ck_assert_str_eq(fault.path, "c/client.cert");
        fault = (Fault){};
        ck_assert_int_eq(unlink("c/client.cert"), 0);
        write_file("c/client.key", PEM "key", 0644);
        ck_assert_int_eq(certs_load(hosts, "c", &certs, &fault), -ENOENT);
        ck_assert_str_eq(fault.path, "c/client.key");
        fault = (Fault){};
        ck_assert_int_eq(unlink("c/client.key"), 0);
        write_file("c/a.crt", "garbage", 0644);
        ck_assert_int_eq(certs_load(hosts, "c", &certs, &fault), -EINVAL);
        ck_assert_str_eq(fault.text, "there is nothing in PEM format in it");
        fault = (Fault){};
        ck_assert_int_eq(certs_load(hosts, "none", &certs, &fault), -ENOENT);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("auth");
        TCase *tcase = tcase_create("all");

        tcase_set_timeout(tcase, 60);
        tcase_add_checked_fixture(tcase, begin, end);
        tcase_add_loop_test(tcase, base64_has_one_spelling, 0, (int) ELEMENTS(base64s));
        tcase_add_loop_test(tcase, the_most_specific_key_counts, 0, (int) ELEMENTS(entries));
        tcase_add_loop_test(tcase, a_mistake_is_told_without_the_secret, 0, (int) ELEMENTS(bad));
        tcase_add_test(tcase, tokens_are_read);
        tcase_add_test(tcase, places_are_looked_at_in_their_order);
        tcase_add_test(tcase, a_file_that_others_can_read_is_told);
        tcase_add_test(tcase, a_helper_is_asked);
        tcase_add_test(tcase, a_helper_that_knows_nothing_is_no_mistake);
        tcase_add_test(tcase, a_helper_that_fails_says_why);
        tcase_add_test(tcase, certificates_are_found_by_their_endings);
        tcase_add_test(tcase, half_a_pair_is_a_mistake);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
