/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "image/hash.h"
#include "tests/suite.h"

START_TEST(digests_are_those_of_the_standard)
{
        Digest digest;

        ck_assert_int_eq(hash_bytes("", 0, &digest), 0);
        ck_assert_str_eq(digest.hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        ck_assert_int_eq(hash_bytes("abc", 3, &digest), 0);
        ck_assert_str_eq(digest.hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

START_TEST(pieces_have_the_digest_of_the_whole)
{
        autohash Hash *hash = hash_new();
        Digest whole, pieces;

        hash_update(hash, "a", 1);
        hash_update(hash, "", 0);
        hash_update(hash, "bc", 2);
        ck_assert_int_eq(hash_finish(hash, &pieces), 0);
        ck_assert_int_eq(hash_bytes("abc", 3, &whole), 0);
        ck_assert(digest_equal(&whole, &pieces));
}
END_TEST

START_TEST(a_chain_id_covers_the_layers_below)
{
        Digest a, b, base, chain, wanted;
        char text[160];

        ck_assert_int_eq(hash_bytes("a", 1, &a), 0);
        ck_assert_int_eq(hash_bytes("b", 1, &b), 0);
        ck_assert_int_eq(hash_chain_id(NULL, &a, &base), 0);
        ck_assert(digest_equal(&a, &base));

        (void) snprintf(text, sizeof(text), "sha256:%s sha256:%s", a.hex, b.hex);
        ck_assert_int_eq(hash_bytes(text, strlen(text), &wanted), 0);
        ck_assert_int_eq(hash_chain_id(&base, &b, &chain), 0);
        ck_assert(digest_equal(&wanted, &chain));
}
END_TEST

START_TEST(no_digest_equals_none)
{
        Digest none = {}, other = {};

        ck_assert(!digest_is_set(&none));
        ck_assert(!digest_equal(&none, &other));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("hash");
        TCase *tc = tcase_create("hash");

        tcase_add_test(tc, digests_are_those_of_the_standard);
        tcase_add_test(tc, pieces_have_the_digest_of_the_whole);
        tcase_add_test(tc, a_chain_id_covers_the_layers_below);
        tcase_add_test(tc, no_digest_equals_none);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
