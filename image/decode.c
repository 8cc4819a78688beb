/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/decode.h"

#include <isa-l/igzip_lib.h>
#include <string.h>
#include <zstd.h>

#define INPUT_SIZE (256 * 1024)
#define SNIFF_SIZE 16

typedef struct Decoder Decoder;

/* Decodes from what is pending in the input. Return: bytes made, 0 when more input is needed, -errno. */
typedef ssize_t Decode(Decoder *decoder, void *buffer, size_t size, Fault *fault);

struct Decoder {
        Stream stream;
        Stream *from;
        Decode *decode; /* NULL until the first bytes were seen */
        unsigned char *input;
        size_t start, end; /* what is pending in it */
        bool at_end;       /* nothing will follow that */
        bool between;      /* no member or frame has been begun, so the end may come here */
        uint64_t in, out;  /* bytes so far */
        ZSTD_DStream *zstd;
        struct inflate_state *gzip;
};

Compression compression_of(const unsigned char *start, size_t size) {
        static const struct {
                Compression compression;
                size_t size;
                unsigned char magic[6];
        } known[] = {
                { COMPRESSION_GZIP, 2, { 0x1f, 0x8b } },
                { COMPRESSION_ZSTD, 4, { 0x28, 0xb5, 0x2f, 0xfd } },
                { COMPRESSION_BZIP2, 3, { 'B', 'Z', 'h' } },
                { COMPRESSION_XZ, 6, { 0xfd, '7', 'z', 'X', 'Z', 0 } },
        };

        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (size >= known[i].size && memcmp(start, known[i].magic, known[i].size) == 0)
                        return known[i].compression;

        /* A skippable frame may come first, 0x184d2a50 to 5f. */
        if (size >= 4 && (start[0] & 0xf0) == 0x50 && memcmp(start + 1, "\x2a\x4d\x18", 3) == 0)
                return COMPRESSION_ZSTD;
        return COMPRESSION_NONE;
}

static ssize_t decode_plain(Decoder *decoder, void *buffer, size_t size, Fault *fault) {
        size_t pending = decoder->end - decoder->start, n = pending < size ? pending : size;

        memcpy(buffer, decoder->input + decoder->start, n);
        decoder->start += n;
        return (ssize_t) n;
}

static ssize_t decode_zstd(Decoder *decoder, void *buffer, size_t size, Fault *fault) {
        ZSTD_inBuffer in = { decoder->input, decoder->end, decoder->start };
        ZSTD_outBuffer out = { buffer, size, 0 };
        size_t left;

        while (out.pos == 0 && in.pos < in.size) {
                left = ZSTD_decompressStream(decoder->zstd, &out, &in);
                if (ZSTD_isError(left))
                        return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "cannot decompress zstd: %s",
                                        ZSTD_getErrorName(left));
                decoder->between = left == 0;
        }
        decoder->start = in.pos;
        return (ssize_t) out.pos;
}

static ssize_t decode_gzip(Decoder *decoder, void *buffer, size_t size, Fault *fault) {
        struct inflate_state *state = decoder->gzip;
        size_t pending = decoder->end - decoder->start;
        int r;

        if (state->block_state == ISAL_BLOCK_FINISH) {
                if (pending == 0)
                        return 0;
                isal_inflate_reset(state); /* another member */
                state->crc_flag = ISAL_GZIP;
        }

        state->next_in = decoder->input + decoder->start;
        state->avail_in = (uint32_t) pending;
        state->next_out = buffer;
        state->avail_out = (uint32_t) size;
        r = isal_inflate(state);
        if (r < 0 || r == ISAL_NEED_DICT)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "cannot decompress gzip: the data is damaged");

        decoder->start = decoder->end - state->avail_in;
        decoder->between = state->block_state == ISAL_BLOCK_FINISH;
        return (ssize_t) (size - state->avail_out);
}

static int begin_gzip(Decoder *decoder) {
        decoder->gzip = malloc(sizeof(struct inflate_state));
        if (!decoder->gzip)
                return -ENOMEM;
        isal_inflate_init(decoder->gzip);
        decoder->gzip->crc_flag = ISAL_GZIP;
        decoder->decode = decode_gzip;
        return 0;
}

static int begin_zstd(Decoder *decoder) {
        decoder->zstd = ZSTD_createDStream();
        if (!decoder->zstd)
                return -ENOMEM;
        decoder->decode = decode_zstd;
        return 0;
}

static int begin(Decoder *decoder, Fault *fault) {
        ssize_t n = stream_read_full(decoder->from, decoder->input, SNIFF_SIZE, fault);

        if (n < 0)
                return (int) n;
        decoder->end = decoder->in = (uint64_t) n;

        switch (compression_of(decoder->input, decoder->end)) {
        case COMPRESSION_GZIP:
                return begin_gzip(decoder);
        case COMPRESSION_ZSTD:
                return begin_zstd(decoder);
        case COMPRESSION_BZIP2:
        case COMPRESSION_XZ:
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "compression with bzip2 or xz is not supported, only gzip and zstd are; "
                                "decompress it first");
        default:
                decoder->decode = decode_plain;
                decoder->between = true;
                return 0;
        }
}

static int refill(Decoder *decoder, Fault *fault) {
        ssize_t n = stream_read(decoder->from, decoder->input, INPUT_SIZE, fault);

        if (n < 0)
                return (int) n;
        decoder->start = 0;
        decoder->end = (size_t) n;
        decoder->in += (uint64_t) n;
        decoder->at_end = n == 0;
        return 0;
}

static int check_ratio(const Decoder *decoder, Fault *fault) {
        if (decoder->out <= DECODE_FREE || decoder->out / DECODE_RATIO <= decoder->in)
                return 0;
        return fault_raise(fault, FAULT_HOSTILE, EFBIG,
                        "more than %d times its size comes out of it, this is a decompression bomb",
                        DECODE_RATIO);
}

static ssize_t decoder_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        Decoder *decoder = (Decoder *) stream;
        ssize_t n;
        int r;

        if (!decoder->decode && (r = begin(decoder, fault)) < 0)
                return r;

        for (;;) {
                size_t before = decoder->start;

                /* Also without input: what did not fit into the last buffer may be waiting inside. */
                n = decoder->decode(decoder, buffer, size, fault);
                if (n < 0)
                        return n;
                if (n > 0)
                        break;
                if (decoder->at_end)
                        return decoder->between ? 0
                                                : fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                                                  "the compressed data ends too early");
                if (decoder->start < decoder->end && decoder->start > before)
                        continue;
                if (decoder->start < decoder->end)
                        return fault_raise(
                                        fault, FAULT_INTEGRITY, EBADMSG, "the compressed data is damaged");
                r = refill(decoder, fault);
                if (r < 0)
                        return r;
        }

        decoder->out += (uint64_t) n;
        r = check_ratio(decoder, fault);
        return r < 0 ? r : n;
}

static void decoder_free(Stream *stream) {
        Decoder *decoder = (Decoder *) stream;

        stream_free(decoder->from);
        (void) ZSTD_freeDStream(decoder->zstd);
        free(decoder->gzip);
        free(decoder->input);
        free(decoder);
}

Stream *stream_new_decoder(Stream *from) {
        Decoder *decoder = calloc(1, sizeof(Decoder));

        if (!decoder) {
                stream_free(from);
                return NULL;
        }
        decoder->stream = (Stream){ decoder_read, NULL, decoder_free };
        decoder->from = from;
        decoder->input = malloc(INPUT_SIZE);
        if (!decoder->input) {
                decoder_free(&decoder->stream);
                return NULL;
        }
        return &decoder->stream;
}
