/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/blake2b.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

/* Of the bytes i * 7 % 251, by Python's hashlib.blake2b(…, digest_size=32). */
static const struct {
        size_t size;
        const char *digest;
} known[] = {
        { 0, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8" },
        { 1, "03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314" },
        { 127, "1bb3d24376d0b5840955e640c6a8a4830cd69af0b7ad71a409d2a30c6a374abb" },
        { 128, "9101ed0a248b57efc0c6070cfbf9cf316c182d125ad6191c1f7783c3d32b6346" },
        { 129, "60f5e954d1a1775362ffd0762ed37bbe101ed5e88896dd793f1a889786fb3132" },
        { 255, "9399bcd4acec0cc0e9dec7267671a6f2e65568dc917afb54791da24523a71b32" },
        { 256, "45d503f4fc344944eeff959e1e2234c47884011023598cadbd934f08d4265016" },
        { 257, "4ad285edc2490602fd02d61df8008d95887039bade83dae8a1e207ae1cac33ac" },
        { 1000, "a494537cc57474059ebe7a7f7a76c03306551355abebb1967408ed04e7564fa9" },
        { 16384, "4bb191215bebe69d77cbe67a3764be8085460cd11adeebba5cfdcf1a5ec23b14" },
};

static void fill(uint8_t *data, size_t size) {
        for (size_t i = 0; i < size; i++)
                data[i] = (uint8_t) (i * 7 % 251);
}

START_TEST(digests_are_those_of_another_implementation)
{
        uint8_t data[16384];
        char digest[2 * BLAKE2B_SIZE + 1];
        Blake2b hash;

        fill(data, known[_i].size);
        blake2b_begin(&hash);
        blake2b_add(&hash, data, known[_i].size);
        blake2b_end_hex(&hash, digest);
        ck_assert_str_eq(digest, known[_i].digest);
}
END_TEST

START_TEST(it_does_not_matter_how_the_data_is_cut)
{
        uint8_t data[16384];
        char digest[2 * BLAKE2B_SIZE + 1];
        Blake2b hash;

        fill(data, known[_i].size);
        blake2b_begin(&hash);
        for (size_t at = 0, n = 1; at < known[_i].size; at += n, n = n * 3 % 131 + 1) {
                if (n > known[_i].size - at)
                        n = known[_i].size - at;
                blake2b_add(&hash, data + at, n);
        }
        blake2b_end_hex(&hash, digest);
        ck_assert_str_eq(digest, known[_i].digest);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("blake2b");
        TCase *tc = tcase_create("blake2b");

        tcase_add_loop_test(tc, digests_are_those_of_another_implementation, 0, ELEMENTS(known));
        tcase_add_loop_test(tc, it_does_not_matter_how_the_data_is_cut, 0, ELEMENTS(known));
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
