/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include "image/decode.h"
#include "image/readahead.h"
#include "tests/fuzz/memory-stream.h"
#include "tests/suite.h"

/* Long enough for several buffers, and not the same everywhere. */
#define SIZE (3 << 20)

static char *text;
static char *packed;
static size_t packed_size;

static void setup(void) {
        uint32_t state = 1;

        text = malloc(SIZE);
        packed = malloc(2 * SIZE);
        packed_size = 0;
        ck_assert(text && packed);
        for (size_t i = 0; i < SIZE; i++) {
                state = state * 1103515245 + 12345;
                text[i] = (char) ("abcdefgh"[(state >> 16) & 7]);
        }
}

static void teardown(void) {
        free(text);
        free(packed);
}

static void pack_gzip(const char *from, size_t size) {
        struct isal_zstream stream;

        isal_deflate_init(&stream);
        stream.gzip_flag = IGZIP_GZIP;
        stream.end_of_stream = 1;
        stream.next_in = (uint8_t *) from;
        stream.avail_in = (uint32_t) size;
        stream.next_out = (uint8_t *) packed + packed_size;
        stream.avail_out = (uint32_t) (2 * SIZE - packed_size);
        ck_assert_int_eq(isal_deflate(&stream), COMP_OK);
        packed_size += stream.total_out;
}

static void pack_zstd(const char *from, size_t size) {
        size_t n = ZSTD_compress(packed + packed_size, 2 * SIZE - packed_size, from, size, 1);

        ck_assert(!ZSTD_isError(n));
        packed_size += n;
}

/* In two parts, cut at a third. */
static void pack(int how) {
        if (how == 0) {
                memcpy(packed, text, SIZE);
                packed_size = SIZE;
                return;
        }
        (how == 1 ? pack_gzip : pack_zstd)(text, SIZE / 3);
        (how == 1 ? pack_gzip : pack_zstd)(text + SIZE / 3, SIZE - SIZE / 3);
}

static ssize_t unpack(size_t piece, size_t room, char *to, size_t limit, Fault *fault) {
        autostream Stream *stream = stream_new_decoder(memory_stream_new(packed, packed_size, piece));
        size_t done = 0;
        ssize_t n;

        do {
                n = stream_read(stream, to + done, room < limit - done ? room : limit - done, fault);
                if (n > 0)
                        done += (size_t) n;
        } while (n > 0 && done < limit);
        return n < 0 ? n : (ssize_t) done;
}

START_TEST(what_comes_out_is_what_went_in_however_it_is_cut)
{
        static const size_t pieces[] = { SIZE_MAX, 4096, 1001, 97 };
        autofree char *back = malloc(SIZE + 1);
        Fault fault = {};

        pack(_i / 4);
        ck_assert_msg(unpack(pieces[_i % 4], 1 << 16, back, SIZE + 1, &fault) == SIZE, "%s", fault.text);
        ck_assert_mem_eq(back, text, SIZE);
}
END_TEST

START_TEST(input_that_is_cut_off_is_refused_wherever_that_is)
{
        autofree char *back = malloc(SIZE + 1);
        Fault fault = {};
        size_t whole;

        pack(1 + _i % 2);
        whole = packed_size;
        packed_size = whole - 1 - (size_t) (_i / 2) * (whole / 7);
        ck_assert_int_eq(unpack(SIZE_MAX, 1 << 16, back, SIZE + 1, &fault), -EBADMSG);
        ck_assert_str_eq(fault.text, "the compressed data ends too early");
}
END_TEST

START_TEST(input_that_is_damaged_is_refused)
{
        autofree char *back = malloc(SIZE + 1);
        Fault fault = {};

        pack(1);
        packed[packed_size - 6] ^= 1; /* the checksum */
        ck_assert_int_eq(unpack(SIZE_MAX, 1 << 16, back, SIZE + 1, &fault), -EBADMSG);
        ck_assert_str_eq(fault.text, "cannot decompress gzip: the data is damaged");
}
END_TEST

START_TEST(a_thread_reads_ahead_the_same_bytes)
{
        Readahead *readahead = NULL;
        const void *data;
        size_t done = 0;
        ssize_t n;

        pack(2);
        ck_assert_int_eq(readahead_start(stream_new_decoder(memory_stream_new(packed, packed_size, 5000)),
                                         &readahead),
                        0);
        while ((n = readahead_next(readahead, &data, NULL)) > 0) {
                ck_assert_uint_le(done + (size_t) n, SIZE);
                ck_assert_mem_eq(data, text + done, (size_t) n);
                done += (size_t) n;
        }
        ck_assert_int_eq(n, 0);
        ck_assert_int_eq(readahead_next(readahead, &data, NULL), 0);
        ck_assert_uint_eq(done, SIZE);
        readahead_free(readahead);
}
END_TEST

START_TEST(a_thread_hands_on_the_fault_behind_all_that_was_good)
{
        Readahead *readahead = NULL;
        Fault fault = {};
        const void *data;
        size_t done = 0;
        ssize_t n;

        pack(1);
        packed_size--;
        ck_assert_int_eq(readahead_start(stream_new_decoder(memory_stream_new(packed, packed_size, 5000)),
                                         &readahead),
                        0);
        while ((n = readahead_next(readahead, &data, &fault)) > 0)
                done += (size_t) n;
        ck_assert_int_eq(n, -EBADMSG);
        ck_assert_str_eq(fault.text, "the compressed data ends too early");
        ck_assert_uint_gt(done, SIZE / 2);
        readahead_free(readahead);
}
END_TEST

START_TEST(a_thread_that_nobody_listens_to_any_more_ends)
{
        Readahead *readahead = NULL;
        const void *data;

        pack(0);
        ck_assert_int_eq(readahead_start(memory_stream_new(packed, packed_size, 5000), &readahead), 0);
        if (_i == 1)
                ck_assert_int_gt(readahead_next(readahead, &data, NULL), 0);
        readahead_free(readahead);
}
END_TEST

START_TEST(a_tap_counts_digests_and_stops_at_its_limit)
{
        autohash Hash *hash = hash_new();
        Passed passed = { .hash = hash };
        autostream Stream *stream =
                        stream_new_tap(memory_stream_new("abcdef", 6, 2), &passed, 5, "the thing");
        Fault fault = {};
        char buffer[16];

        ck_assert_int_eq(stream_read_full(stream, buffer, 4, &fault), 4);
        ck_assert_uint_eq(passed.bytes, 4);
        ck_assert_int_eq(stream_read_full(stream, buffer, 4, &fault), -EFBIG);
        ck_assert_str_eq(fault.text, "the thing is longer than 5 bytes");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("decode");
        TCase *tc = tcase_create("decode");

        tcase_add_checked_fixture(tc, setup, teardown);
        tcase_add_loop_test(tc, what_comes_out_is_what_went_in_however_it_is_cut, 0, 12);
        tcase_add_loop_test(tc, input_that_is_cut_off_is_refused_wherever_that_is, 0, 12);
        tcase_add_test(tc, input_that_is_damaged_is_refused);
        tcase_add_test(tc, a_thread_reads_ahead_the_same_bytes);
        tcase_add_test(tc, a_thread_hands_on_the_fault_behind_all_that_was_good);
        tcase_add_loop_test(tc, a_thread_that_nobody_listens_to_any_more_ends, 0, 2);
        tcase_add_test(tc, a_tap_counts_digests_and_stops_at_its_limit);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
