/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>

#include "image/registries/plan.h"
#include "image/registries/short-name.h"
#include "lib/io.h"
#include "lib/remove-tree.h"
#include "lib/strv.h"
#include "tests/suite.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char directory[] = "/tmp/test-registries.XXXXXX";

static void begin(void) {
        static const char *const unset[] = { "CREDENTIALS_DIRECTORY", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME",
                "DOCKER_CONFIG", "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy",
                "NO_PROXY", "all_proxy", "ALL_PROXY" };

        (void) strcpy(directory + strlen(directory) - 6, "XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(directory));
        ck_assert_int_eq(chdir(directory), 0);
        for (size_t i = 0; i < ELEMENTS(unset); i++)
                (void) unsetenv(unset[i]);
        (void) setenv("HOME", directory, 1);
}

static void end(void) {
        ck_assert_int_eq(chdir("/"), 0);
        (void) remove_tree(-1, directory);
}

static void write_file(const char *path, const char *text) {
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
        (void) chmod(path, 0600);
}

static char noted[2048];

static void take_note(void *data, const Fault *fault) {
        size_t n = strlen(noted);

        (void) data;
        (void) snprintf(noted + n, sizeof(noted) - n, "%s:%u: %s=: %s\n", fault->path, fault->line,
                        fault->key, fault->text);
}

/* What one file says, on top of what there is. */
static int read_text(Registries *registries, const char *name, const char *text, Fault *fault) {
        noted[0] = '\0';
        write_file(name, text);
        return registries_read_file(registries, name, take_note, NULL, fault);
}

static void must_read(Registries *registries, const char *name, const char *text) {
        Fault fault = {};

        ck_assert_msg(read_text(registries, name, text, &fault) == 0, "%s", fault.text);
}

/* clang-format off */
static const struct {
        const char *text;
        unsigned line;
        const char *key, *why;
} bad[] = {
        { "[registries.search]\nregistries = ['docker.io']", 1, "registries", "this is version 1 of the format, which is not read any more: write unqualified-search-registries = […], and a [[registry]] with location and insecure or blocked for each other one" },
        { "\nshort-name-mode = 'on'", 2, "short-name-mode", "'on' is none of 'enforcing', 'permissive' and 'disabled'" },
        { "short-name-mode = true", 1, "short-name-mode", "it is a string, and here is true or false" },
        { "unqualified-search-registries = 'a'", 1, "unqualified-search-registries", "it is an array, and here is a string" },
        { "unqualified-search-registries = [1]", 1, "unqualified-search-registries", "it is an array of strings, and here is a number" },
        { "unqualified-search-registries = ['a.b', 'harbor']", 1, "unqualified-search-registries", "'harbor' would be a name at Docker Hub: a registry's name has a dot or a port, or is localhost" },
        { "unqualified-search-registries = ['team/a.b']", 1, "unqualified-search-registries", "'team/a.b' would be a name at Docker Hub: a registry's name has a dot or a port, or is localhost" },
        { "unqualified-search-registries = ['docker://a.b']", 1, "unqualified-search-registries", "'docker://a.b' is no registry, which is HOST[:PORT][/PATH]" },
        { "unqualified-search-registries = ['https://a.b']", 1, "unqualified-search-registries", "'https://a.b' is no registry, which is HOST[:PORT][/PATH]" },
        { "registry = 1", 1, "registry", "it is an array, and here is a number" },
        { "registry = [1]", 1, "", "a registry is a table: [[registry]]" },
        { "[registry]\nlocation='a.b'", 1, "registry", "it is an array, and here is a table" },
        { "[[registry]]\ninsecure = 'true'", 2, "insecure", "it is true or false, and here is a string" },
        { "\n[[registry]]\nblocked = true", 2, "", "a registry has neither prefix nor location" },
        { "[[registry]]\nprefix = 'a.b/c'", 1, "", "a registry has no location, and prefix 'a.b/c' is no pattern" },
        { "[[registry]]\nlocation = 'https://a.b'", 2, "location", "'https://a.b' has a scheme: write HOST[:PORT][/PATH], and insecure = true where it is HTTP" },
        { "[[registry]]\nlocation = 'a b'", 2, "location", "'a b' is no place of a registry" },
        { "[[registry]]\nlocation = '/'", 2, "location", "it is empty" },
        { "[[registry]]\nprefix='*.a.b/c'\nlocation = 'x.y'", 2, "prefix", "'*.a.b/c' is no pattern, which is '*.' and a domain" },
        { "[[registry]]\nprefix='*.'\nlocation = 'x.y'", 2, "prefix", "'*.' is no pattern, which is '*.' and a domain" },
        { "[[registry]]\nprefix='a.*.b'\nlocation = 'x.y'", 2, "prefix", "'a.*.b' has a '*' that is not at its beginning" },
        { "[[registry]]\nlocation='a.b'\n[[registry.mirror]]\ninsecure = true", 3, "", "a mirror has no location" },
        { "[[registry]]\nlocation='a.b'\n[[registry.mirror]]\nlocation='http://x'", 4, "location", "'http://x' has a scheme: write HOST[:PORT][/PATH], and insecure = true where it is HTTP" },
        { "[[registry]]\nlocation='a.b'\n[[registry.mirror]]\nlocation='c.d'\npull-from-mirror='no'", 5, "pull-from-mirror", "'no' is none of 'all', 'digest-only' and 'tag-only'" },
        { "[[registry]]\nlocation='a.b'\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation='c.d'\npull-from-mirror='tag-only'", 3, "mirror-by-digest-only", "it cannot be combined with pull-from-mirror of a mirror" },
        { "[[registry]]\nlocation='a.b'\n[[registry]]\nlocation='a.b'\nblocked=true", 5, "blocked", "prefix 'a.b' was in line 1 already, and there it is not blocked: say it in one place" },
        { "[[registry]]\nlocation='a.b'\nblocked=true\n[[registry]]\nlocation='a.b'", 4, "", "prefix 'a.b' was in line 1 already, and there it is blocked: say it in one place" },
        { "[[registry]]\nlocation='a.b'\ninsecure=true\n[[registry]]\nprefix='a.b'\nlocation='c.d'\ninsecure=false", 7, "insecure", "prefix 'a.b' was in line 1 already, and there it is insecure: say it in one place" },
        { "[[registry]]\nlocation='a.b'\n[[registry]]\nlocation='a.b'\ninsecure=true", 5, "insecure", "prefix 'a.b' was in line 1 already, and there it is not insecure: say it in one place" },
        { "[aliases]\na = 1", 2, "a", "it is a string, and here is a number" },
        { "[aliases]\n'a:1' = 'b.c/d'", 2, "a:1", "'a:1' is no short name: it has no host, tag or digest" },
        { "[aliases]\n'a.b/c' = 'b.c/d'", 2, "a.b/c", "'a.b/c' is no short name: it has no host, tag or digest" },
        { "[aliases]\n'a@1' = 'b.c/d'", 2, "a@1", "'a@1' is no short name: it has no host, tag or digest" },
        { "[aliases]\n'localhost/c' = 'b.c/d'", 2, "localhost/c", "'localhost/c' is no short name: it has no host, tag or digest" },
        { "[aliases]\na = 'b'", 2, "a", "'b' is no HOST[:PORT]/PATH without tag and digest" },
        { "[aliases]\na = 'b.c/d:1'", 2, "a", "'b.c/d:1' is no HOST[:PORT]/PATH without tag and digest" },
        { "[aliases]\na = 'b/c'", 2, "a", "'b/c' is no HOST[:PORT]/PATH without tag and digest" },
        { "a = ", 1, "", "here should be a value" },
};
/* clang-format on */

START_TEST(a_mistake_is_told_with_its_line_and_key)
{
        autoregistries Registries registries = {};
        Fault fault = {};
        int r = read_text(&registries, "f.conf", bad[_i].text, &fault);

        ck_assert_int_eq(r, -EINVAL);
        ck_assert_str_eq(fault.text, bad[_i].why);
        ck_assert_str_eq(fault.path, "f.conf");
        ck_assert_str_eq(fault.key, bad[_i].key);
        ck_assert_uint_eq(fault.line, bad[_i].line);
}
END_TEST

START_TEST(a_key_that_nobody_knows_is_told_and_ignored)
{
        autoregistries Registries registries = {};

        must_read(&registries, "f.conf",
                        "x = 1\nshort-name-modes = 2\n[[registry]]\nlocation = 'a.b'\ninsecur = true\n"
                        "[[registry.mirror]]\nlocation = 'c.d'\nweight = 2\n[[registry]]\nlocation = "
                        "'a.b'\n");
        ck_assert_str_eq(noted,
                        "f.conf:1: x=: there is no such key, and it is ignored\n"
                        "f.conf:2: short-name-modes=: there is no such key, and it is ignored; did you mean "
                        "'short-name-mode'?\n"
                        "f.conf:5: insecur=: there is no such key, and it is ignored; did you mean "
                        "'insecure'?\n"
                        "f.conf:8: weight=: there is no such key, and it is ignored\n"
                        "f.conf:9: =: prefix 'a.b' was in line 3 already, and this is ignored\n");
        ck_assert_uint_eq(registries.n, 1);
}
END_TEST

START_TEST(a_later_file_replaces_what_it_speaks_of)
{
        autoregistries Registries registries = {};
        size_t length;

        must_read(&registries, "a.conf",
                        "unqualified-search-registries = ['a.b', 'c.d']\nshort-name-mode = 'disabled'\n"
                        "credential-helpers = ['x']\n"
                        "[aliases]\none = 'a.b/one'\ntwo = 'a.b/two'\n"
                        "[[registry]]\nlocation = 'a.b'\ninsecure = true\n[[registry]]\nlocation = 'c.d'\n");
        must_read(&registries, "b.conf",
                        "unqualified-search-registries = []\n"
                        "[aliases]\ntwo = ''\nthree = 'a.b/three'\n[[registry]]\nlocation = 'a.b'\n");
        ck_assert_uint_eq(strv_length(registries.search), 0);
        ck_assert_int_eq(registries.mode, SHORT_NAME_DISABLED);
        ck_assert_uint_eq(strv_length(registries.helpers), 1);
        ck_assert_ptr_nonnull(registries_find_alias(&registries, "one"));
        ck_assert_ptr_null(registries_find_alias(&registries, "two"));
        ck_assert_ptr_nonnull(registries_find_alias(&registries, "three"));
        ck_assert_uint_eq(registries.n, 2);
        ck_assert(!registries_find(&registries, "a.b/x", &length)->insecure);
        ck_assert_str_eq(registries_find(&registries, "a.b/x", &length)->place.file, "b.conf");
}
END_TEST

static const char *const prefixes = "[[registry]]\nprefix = 'a.b'\nlocation = '1'\n"
                                    "[[registry]]\nprefix = 'a.b/c'\nlocation = '2'\n"
                                    "[[registry]]\nprefix = 'a.b/c/d:v1'\nlocation = '3'\n"
                                    "[[registry]]\nprefix = 'a.b:5000'\nlocation = '4'\n"
                                    "[[registry]]\nprefix = '*.b'\nlocation = '5'\n"
                                    "[[registry]]\nprefix = '*.x.b'\nlocation = '6'\n"
                                    "[[registry]]\nprefix = 'y.x.b'\nlocation = '7'\n"
                                    "[[registry]]\nprefix = 'docker.io/library/nginx'\nlocation = '8'\n";

/* clang-format off */
static const struct {
        const char *name, *location;
        size_t length;
} found[] = {
        { "a.b/x:latest", "1", 3 },
        { "a.b/c:latest", "2", 5 },
        { "a.b/c@sha256:" HEX, "2", 5 },
        { "a.b/c/d:v1", "3", 10 },
        { "a.b/c/d:v1@sha256:" HEX, "3", 10 },
        { "a.b/c/d:v10", "2", 5 },
        { "a.b/cc:latest", "1", 3 },
        { "a.b:5000/c:latest", "4", 8 },
        { "a.b:50001/c:latest", "5", 9 },
        { "z.b/c:latest", "5", 3 },
        { "b/c:latest", NULL, 0 },
        { ".b/c:latest", NULL, 0 },
        { "z.bb/c:latest", NULL, 0 },
        { "z.x.b/c:latest", "6", 5 },
        { "z.x.b:80/c:latest", "6", 8 },
        { "y.x.b/c:latest", "7", 5 },
        { "c.d/z.x.b:latest", NULL, 0 },
        { "docker.io/library/nginx:1", "8", 23 },
        { "docker.io/library/nginxx:1", NULL, 0 },
};
/* clang-format on */

START_TEST(the_longest_prefix_counts)
{
        autoregistries Registries registries = {};
        const Registry *registry;
        size_t length = 0;

        must_read(&registries, "f.conf", prefixes);
        registry = registries_find(&registries, found[_i].name, &length);
        if (!found[_i].location) {
                ck_assert_ptr_null(registry);
                return;
        }
        ck_assert_ptr_nonnull(registry);
        ck_assert_str_eq(registry->location, found[_i].location);
        ck_assert_uint_eq(length, found[_i].length);
}
END_TEST

START_TEST(files_are_read_in_their_order)
{
        autoregistries Registries registries = {};
        RegistriesPaths paths = { .root = directory };
        Fault fault = {};

        write_file("etc/containers/registries.conf", "unqualified-search-registries=['a.b']\n");
        write_file("etc/containers/registries.conf.d/20.conf",
                        "short-name-mode='disabled'\n[aliases]\na='a.b/2'");
        write_file("etc/containers/registries.conf.d/10.conf",
                        "short-name-mode='enforcing'\n[aliases]\na='a.b/1'");
        write_file("etc/containers/registries.conf.d/30.conf~", "x");
        write_file("etc/containers/registries.conf.d/.conf", "x");
        ck_assert_int_eq(registries_load(&paths, NULL, NULL, &registries, &fault), 0);
        ck_assert_uint_eq(strv_length(registries.files), 3);
        ck_assert_int_eq(registries.mode, SHORT_NAME_DISABLED);
        ck_assert_str_eq(registries_find_alias(&registries, "a")->value, "a.b/2");
        registries_done(&registries);

        write_file("etc/slipway/registries.conf", "short-name-mode='permissive'\n");
        write_file("etc/slipway/registries.conf.d/00.conf", "[aliases]\na='a.b/3'\n");
        ck_assert_int_eq(registries_load(&paths, NULL, NULL, &registries, &fault), 0);
        ck_assert_uint_eq(strv_length(registries.search), 0);
        ck_assert_str_eq(registries_find_alias(&registries, "a")->value, "a.b/3");
        registries_done(&registries);

        write_file(".config/containers/registries.conf", "[aliases]\nb='a.b/4'\n");
        write_file(".config/containers/registries.conf.d/1.conf", "[aliases]\nc='a.b/5'\n");
        paths.home = directory;
        ck_assert_int_eq(registries_load(&paths, NULL, NULL, &registries, &fault), 0);
        ck_assert_ptr_null(registries_find_alias(&registries, "a"));
        ck_assert_ptr_nonnull(registries_find_alias(&registries, "b"));
        ck_assert_ptr_nonnull(registries_find_alias(&registries, "c"));
}
END_TEST

static void load_with_cache(Registries *registries, const char *cache) {
        RegistriesPaths paths = { .root = directory, .cache = "cache.conf" };
        Fault fault = {};

        noted[0] = '\0';
        write_file("etc/containers/registries.conf",
                        "unqualified-search-registries=['a.b']\n[aliases]\none='a.b/1'\ntwo='a.b/2'\n");
        write_file("cache.conf", cache);
        ck_assert_msg(registries_load(&paths, take_note, NULL, registries, &fault) == 0, "%s", fault.text);
}

START_TEST(the_cache_has_aliases_and_says_nothing_else)
{
        autoregistries Registries registries = {};

        load_with_cache(&registries,
                        "unqualified-search-registries=[]\nshort-name-mode='disabled'\n"
                        "credential-helpers=['x']\n[[registry]]\nlocation='a.b'\ninsecure=true\n"
                        "[aliases]\none='c.d/1'\n");
        ck_assert_uint_eq(strv_length(registries.search), 1);
        ck_assert_int_eq(registries.mode, SHORT_NAME_ENFORCING);
        ck_assert_ptr_null(registries.helpers);
        ck_assert_uint_eq(registries.n, 0);
        ck_assert_str_eq(registries_find_alias(&registries, "one")->value, "c.d/1");
        ck_assert_str_eq(registries_find_alias(&registries, "one")->place.file, "cache.conf");
        ck_assert_str_eq(noted, "");
}
END_TEST

/* clang-format off */
static const struct {
        const char *cache, *note;
} spoiled[] = {
        { "[aliases]\none=", "cache.conf:2: =: this file is ignored: here should be a value\n" },
        { "aliases=1", "cache.conf:1: aliases=: this is ignored: it is a table, and here is a number\n" },
        { "[aliases]\none='b'\nthree='c.d/3'", "cache.conf:2: one=: this alias is ignored: 'b' is no HOST[:PORT]/PATH without tag and digest\n" },
        { "[aliases]\none=1\nthree='c.d/3'", "cache.conf:2: one=: this alias is ignored: it is a string, and here is a number\n" },
        { "[registries.search]\nregistries=['a.b']\n[aliases]\nthree='c.d/3'", "" },
};
/* clang-format on */

START_TEST(a_mistake_in_the_cache_is_told_and_ignored)
{
        autoregistries Registries registries = {};
        const Alias *three;

        load_with_cache(&registries, spoiled[_i].cache);
        ck_assert_str_eq(noted, spoiled[_i].note);
        ck_assert_str_eq(registries_find_alias(&registries, "one")->value, "a.b/1");
        ck_assert_str_eq(registries_find_alias(&registries, "two")->value, "a.b/2");
        three = registries_find_alias(&registries, "three");
        ck_assert_int_eq(three != NULL, strstr(spoiled[_i].cache, "three") != NULL);
}
END_TEST

START_TEST(without_files_there_is_nothing_to_read)
{
        autoregistries Registries registries = {};
        RegistriesPaths paths = { .root = directory };
        Fault fault = {};

        ck_assert_int_eq(registries_load(&paths, NULL, NULL, &registries, &fault), 0);
        ck_assert_uint_eq(registries.n, 0);
        paths.file = "none.conf";
        ck_assert_int_eq(registries_load(&paths, NULL, NULL, &registries, &fault), -ENOENT);
        ck_assert_str_eq(fault.path, "none.conf");
}
END_TEST

/* clang-format off */
static const struct {
        const char *conf, *text, *name;
} names[] = {
        { "", "nginx", "docker.io/nginx" },
        { "", "a/b:1", "docker.io/a/b:1" },
        { "", "quay.io/a/b:1", "quay.io/a/b:1" },
        { "", "localhost/a", "localhost/a" },
        { "", "localhost:5000/a", "localhost:5000/a" },
        { "", "index.docker.io/a", "index.docker.io/a" },
        { "", "docker://nginx", "nginx" },
        { "unqualified-search-registries=['a.b']", "nginx:1", "a.b/nginx:1" },
        { "unqualified-search-registries=['localhost']", "nginx:1", "localhost/nginx:1" },
        { "unqualified-search-registries=['harbor:80']", "nginx:1", "harbor:80/nginx:1" },
        { "unqualified-search-registries=['docker.io/a']", "nginx:1", "docker.io/a/nginx:1" },
        { "unqualified-search-registries=['index.docker.io']", "nginx:1", "index.docker.io/nginx:1" },
        { "unqualified-search-registries=['a.b/c']", "nginx@sha256:" HEX, "a.b/c/nginx@sha256:" HEX },
        { "unqualified-search-registries=['a.b']", "docker://nginx", "nginx" },
        { "unqualified-search-registries=['a.b', 'c.d']", "nginx", NULL },
        { "unqualified-search-registries=['a.b', 'c.d']\nshort-name-mode='disabled'", "nginx", NULL },
        { "unqualified-search-registries=['a.b', 'c.d']\n[aliases]\nnginx='x.y/n'", "nginx:1", "x.y/n:1" },
        { "unqualified-search-registries=['a.b', 'c.d']\n[aliases]\n'a/b'='x.y/n'", "a/b@sha256:" HEX, "x.y/n@sha256:" HEX },
        { "[aliases]\n'my.app'='x.y/n'", "my.app:1", "x.y/n:1" },
        { "[aliases]\n'team/app.web'='x.y/n'", "team/app.web", "x.y/n" },
        { "unqualified-search-registries=['a.b', 'c.d']\n[aliases]\nnginx='x.y/n'", "z/nginx", NULL },
};
/* clang-format on */

START_TEST(a_name_without_a_registry_gets_one)
{
        autoregistries Registries registries = {};
        autofree char *name = NULL, *why = NULL;
        Fault fault = {};
        int r;

        must_read(&registries, "f.conf", names[_i].conf);
        r = short_name_resolve(&registries, names[_i].text, &name, &why, &fault);
        if (names[_i].name) {
                ck_assert_int_eq(r, 0);
                ck_assert_str_eq(name, names[_i].name);
                return;
        }
        ck_assert_int_eq(r, -ENOTUNIQ);
        ck_assert_ptr_nonnull(strstr(fault.text, "could be of any of a.b, c.d; say which one, as in 'a.b/"));
        ck_assert_str_eq(fault.path, "f.conf");
        ck_assert_uint_eq(fault.line, 1);
}
END_TEST

static char *plan_text(const char *conf, const RegistryRequest *request, Fault *fault) {
        autoregistries Registries registries = {};
        AUTO(registry_plan_done) RegistryPlan plan = {};
        autostrv char **lines = NULL;

        must_read(&registries, "f.conf", conf);
        if (registry_plan(&registries, request, &plan, fault) < 0)
                return NULL;
        (void) strv_appendf(&lines, "%s %s", plan.both, plan.endpoints.tag);
        for (size_t i = 0; i < plan.endpoints.n; i++) {
                const Endpoint *e = &plan.endpoints.items[i];

                (void) strv_appendf(&lines, "%s %s%s%s%s%s%s", e->host, e->repository,
                                e->is_mirror ? " mirror" : "", e->insecure ? " insecure" : "",
                                e->user ? " " : "", e->user ?: "", e->identity_token ? " token" : "");
        }
        return strv_join(lines, "\n");
}

#define MIRRORED                                                                           \
        "[[registry]]\nprefix='docker.io/library'\nlocation='r.example.com/hub'\n"         \
        "[[registry.mirror]]\nlocation='m1.example.com/x'\ninsecure=true\n"                \
        "[[registry.mirror]]\nlocation='m2.example.com'\npull-from-mirror='digest-only'\n" \
        "[[registry.mirror]]\nlocation='m3.example.com:5000/y/z'\npull-from-mirror='tag-only'\n"

/* clang-format off */
static const struct {
        const char *conf, *text;
        TlsVerify tls;
        const char *plan;
} plans[] = {
        { "", "nginx", TLS_AS_CONFIGURED, "docker.io/library/nginx:latest latest\nregistry-1.docker.io library/nginx" },
        { "", "quay.io/a/b:1@sha256:" HEX, TLS_AS_CONFIGURED, "quay.io/a/b:1@sha256:" HEX " sha256:" HEX "\nquay.io a/b" },
        { "", "localhost:5000/a", TLS_AS_CONFIGURED, "localhost:5000/a:latest latest\nlocalhost:5000 a insecure" },
        { "", "127.0.0.1/a", TLS_AS_CONFIGURED, "127.0.0.1/a:latest latest\n127.0.0.1 a insecure" },
        { "", "[::1]:5000/a", TLS_AS_CONFIGURED, "[::1]:5000/a:latest latest\n[::1]:5000 a insecure" },
        { "", "127.0.0.1.example.com/a", TLS_AS_CONFIGURED, "127.0.0.1.example.com/a:latest latest\n127.0.0.1.example.com a" },
        { "", "localhost.example.com/a", TLS_AS_CONFIGURED, "localhost.example.com/a:latest latest\nlocalhost.example.com a" },
        { "", "localhost:5000/a", TLS_ALWAYS, "localhost:5000/a:latest latest\nlocalhost:5000 a" },
        { "[[registry]]\nlocation='localhost:5000'\n[[registry]]\nlocation='localhost:5000'\ninsecure=false", "localhost:5000/a", TLS_AS_CONFIGURED, "localhost:5000/a:latest latest\nlocalhost:5000 a" },
        { "[[registry]]\nlocation='localhost:5000'\ninsecure=false", "localhost:5000/a", TLS_AS_CONFIGURED, "localhost:5000/a:latest latest\nlocalhost:5000 a" },
        { "", "quay.io/a/b", TLS_NEVER, "quay.io/a/b:latest latest\nquay.io a/b insecure" },
        { "[[registry]]\nlocation='quay.io'\ninsecure=true", "quay.io/a/b", TLS_AS_CONFIGURED, "quay.io/a/b:latest latest\nquay.io a/b insecure" },
        { "[[registry]]\nlocation='quay.io'\ninsecure=true", "quay.io/a/b", TLS_ALWAYS, "quay.io/a/b:latest latest\nquay.io a/b" },
        { MIRRORED, "nginx:1", TLS_AS_CONFIGURED, "docker.io/library/nginx:1 1\nm1.example.com x/nginx mirror insecure\nm3.example.com:5000 y/z/nginx mirror\nr.example.com hub/nginx" },
        { MIRRORED, "nginx:1@sha256:" HEX, TLS_AS_CONFIGURED, "docker.io/library/nginx:1@sha256:" HEX " sha256:" HEX "\nm1.example.com x/nginx mirror insecure\nm2.example.com nginx mirror\nr.example.com hub/nginx" },
        { MIRRORED, "a/nginx:1", TLS_AS_CONFIGURED, "docker.io/a/nginx:1 1\nregistry-1.docker.io a/nginx" },
        { "[[registry]]\nlocation='quay.io'\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation='m.example.com'", "quay.io/a:1", TLS_AS_CONFIGURED, "quay.io/a:1 1\nquay.io a" },
        { "[[registry]]\nlocation='quay.io'\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation='m.example.com'", "quay.io/a@sha256:" HEX, TLS_AS_CONFIGURED, "quay.io/a@sha256:" HEX " sha256:" HEX "\nm.example.com a mirror\nquay.io a" },
        { "[[registry]]\nlocation='quay.io'\n[[registry.mirror]]\nlocation='localhost:5000'", "quay.io/a:1", TLS_AS_CONFIGURED, "quay.io/a:1 1\nlocalhost:5000 a mirror insecure\nquay.io a" },
        { "[[registry]]\nlocation='quay.io'\n[[registry.mirror]]\nlocation='localhost:5000'\ninsecure=false", "quay.io/a:1", TLS_AS_CONFIGURED, "quay.io/a:1 1\nlocalhost:5000 a mirror\nquay.io a" },
        { "[[registry]]\nprefix='*.example.com'\nlocation='one.example.org/all'", "x.example.com:80/a/b", TLS_AS_CONFIGURED, "x.example.com:80/a/b:latest latest\none.example.org all/a/b" },
        { "[[registry]]\nprefix='*.example.com'\n[[registry.mirror]]\nlocation='m.example.org'", "x.example.com/a/b", TLS_AS_CONFIGURED, "x.example.com/a/b:latest latest\nm.example.org a/b mirror\nx.example.com a/b" },
        { "[[registry]]\nprefix='quay.io/a:1'\nlocation='quay.io/b:1'", "quay.io/a:1", TLS_AS_CONFIGURED, "quay.io/a:1 1\nquay.io b" },
        { "[[registry]]\nprefix='x.y'\nlocation='docker.io'", "x.y/nginx", TLS_AS_CONFIGURED, "x.y/nginx:latest latest\nregistry-1.docker.io library/nginx" },
        { "[[registry]]\nprefix='x.y'\nlocation='docker.io/library'", "x.y/nginx", TLS_AS_CONFIGURED, "x.y/nginx:latest latest\nregistry-1.docker.io library/nginx" },
};

static const struct {
        const char *conf, *text;
        int error;
        unsigned line;
        const char *why;
} refused[] = {
        { "[[registry]]\nlocation='quay.io'\nblocked=true", "quay.io/a/b:1", EPERM, 1, "'quay.io/a/b:1' is not to be pulled: prefix 'quay.io' is blocked" },
        { "[[registry]]\nprefix='quay.io'\nlocation='mirror'", "quay.io/a", EINVAL, 1, "'mirror/a:latest' does not begin with a host, which has a dot or a port" },
        { "[[registry]]\nlocation='quay.io'\n[[registry.mirror]]\nlocation='m.example.com/UPPER'", "quay.io/a", EINVAL, 3, "'m.example.com/UPPER/a:latest' is not an image name: it must be in lower case" },
        { "[[registry]]\nprefix='quay.io/a:1'\nlocation='quay.io/a:2'", "quay.io/a:1", EOPNOTSUPP, 1, "'quay.io/a:2' is to take the place of another tag or digest" },
        { "", "Nginx", EINVAL, 0, "'Nginx' is not an image name: it must be in lower case" },
};
/* clang-format on */

START_TEST(a_name_becomes_a_list_of_hosts)
{
        RegistryRequest request = { .text = plans[_i].text, .tls = plans[_i].tls };
        Fault fault = {};
        autofree char *text = plan_text(plans[_i].conf, &request, &fault);

        ck_assert_msg(text != NULL, "%s", fault.text);
        ck_assert_str_eq(text, plans[_i].plan);
}
END_TEST

START_TEST(what_cannot_be_asked_for_says_why)
{
        RegistryRequest request = { .text = refused[_i].text };
        Fault fault = {};
        autofree char *text = plan_text(refused[_i].conf, &request, &fault);

        ck_assert_ptr_null(text);
        ck_assert_str_eq(fault.text, refused[_i].why);
        ck_assert_int_eq(fault.error, refused[_i].error);
        ck_assert_uint_eq(fault.line, refused[_i].line);
        ck_assert_str_eq(fault.path, refused[_i].line ? "f.conf" : "");
}
END_TEST

START_TEST(each_host_sees_its_own_credentials)
{
        RegistryRequest request = { .text = "nginx:1", .authfile = "auth.json" };
        Fault fault = {};
        autofree char *text = NULL, *given = NULL;

        write_file("auth.json",
                        "{\"auths\": {\"m1.example.com\": {\"username\": \"m\", \"password\": \"p\"},"
                        "\"r.example.com\": {\"identitytoken\": \"t\"}}}");
        text = plan_text(MIRRORED, &request, &fault);
        ck_assert_str_eq(text, "docker.io/library/nginx:1 1\nm1.example.com x/nginx mirror insecure m\n"
                               "m3.example.com:5000 y/z/nginx mirror\nr.example.com hub/nginx token");

        /* What a person gives is for the registry, and its mirrors may belong to somebody else. */
        request.user = "u";
        request.password = "p";
        request.authfile = NULL;
        given = plan_text(MIRRORED, &request, &fault);
        ck_assert_str_eq(given, "docker.io/library/nginx:1 1\nm1.example.com x/nginx mirror insecure\n"
                                "m3.example.com:5000 y/z/nginx mirror\nr.example.com hub/nginx u");
}
END_TEST

START_TEST(proxies_are_those_of_the_environment)
{
        autoregistries Registries registries = {};
        AUTO(registry_plan_done) RegistryPlan plan = {};
        RegistryRequest request = { .text = "nginx" };
        autofree char *text = NULL;

        (void) setenv("HTTPS_PROXY", "http://upper:1", 1);
        (void) setenv("http_proxy", "http://lower:2", 1);
        (void) setenv("HTTP_PROXY", "http://upper:3", 1);
        (void) setenv("no_proxy", "", 1);
        (void) setenv("NO_PROXY", "localhost", 1);
        ck_assert_int_eq(registry_plan(&registries, &request, &plan, NULL), 0);
        text = strv_join(plan.endpoints.proxies, " ");
        ck_assert_str_eq(text, "http_proxy=http://lower:2 https_proxy=http://upper:1 no_proxy=localhost");
}
END_TEST

START_TEST(a_plan_says_where_it_is_from)
{
        autoregistries Registries registries = {};
        AUTO(registry_plan_done) RegistryPlan plan = {};
        RegistryRequest request = { .text = "web" };
        autofree char *text = NULL;

        must_read(&registries, "f.conf",
                        "[aliases]\nweb='a.b/c'\n[[registry]]\nlocation='a.b'\n[[registry.mirror]]\n"
                        "location='m.example.com'\n");
        ck_assert_int_eq(registry_plan(&registries, &request, &plan, NULL), 0);
        text = strv_join(plan.why, "\n");
        ck_assert_str_eq(text, "a.b/c:latest\n   'web' is this: an alias, f.conf:2\n"
                               "1. m.example.com/c, a mirror\n   from f.conf:5\n   credentials: none\n"
                               "2. a.b/c\n   from f.conf:3\n   credentials: none");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("registries");
        TCase *tcase = tcase_create("all");

        tcase_add_checked_fixture(tcase, begin, end);
        tcase_add_loop_test(tcase, a_mistake_is_told_with_its_line_and_key, 0, (int) ELEMENTS(bad));
        tcase_add_test(tcase, a_key_that_nobody_knows_is_told_and_ignored);
        tcase_add_test(tcase, a_later_file_replaces_what_it_speaks_of);
        tcase_add_loop_test(tcase, the_longest_prefix_counts, 0, (int) ELEMENTS(found));
        tcase_add_test(tcase, files_are_read_in_their_order);
        tcase_add_test(tcase, the_cache_has_aliases_and_says_nothing_else);
        tcase_add_loop_test(tcase, a_mistake_in_the_cache_is_told_and_ignored, 0, (int) ELEMENTS(spoiled));
        tcase_add_test(tcase, without_files_there_is_nothing_to_read);
        tcase_add_loop_test(tcase, a_name_without_a_registry_gets_one, 0, (int) ELEMENTS(names));
        tcase_add_loop_test(tcase, a_name_becomes_a_list_of_hosts, 0, (int) ELEMENTS(plans));
        tcase_add_loop_test(tcase, what_cannot_be_asked_for_says_why, 0, (int) ELEMENTS(refused));
        tcase_add_test(tcase, each_host_sees_its_own_credentials);
        tcase_add_test(tcase, proxies_are_those_of_the_environment);
        tcase_add_test(tcase, a_plan_says_where_it_is_from);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
