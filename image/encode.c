/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/encode.h"

#include <isa-l/igzip_lib.h>
#include <string.h>
#include <zstd.h>

#define INPUT_SIZE (256 * 1024)
#define GZIP_LEVEL 1
#define ZSTD_LEVEL 3

typedef struct Encoder Encoder;

struct Encoder {
        Stream stream;
        Stream *from;

        /* Return: bytes made of what is pending, 0 when there is nothing to say; sets @at_end. */
        ssize_t (*encode)(Encoder *encoder, void *buffer, size_t size);
        unsigned char *input;
        size_t start, end;
        bool no_more; /* input */
        bool at_end;  /* all has been said */
        ZSTD_CCtx *zstd;
        struct isal_zstream *gzip;
        unsigned char *room; /* of gzip */
};

static const char *const words[_COMPRESSION_MAX] = {
        [COMPRESSION_NONE] = "none",
        [COMPRESSION_GZIP] = "gzip",
        [COMPRESSION_ZSTD] = "zstd",
};

int compression_from_word(const char *word) {
        for (int i = 0; i < _COMPRESSION_MAX; i++)
                if (words[i] && strcmp(words[i], word) == 0)
                        return i;
        return -1;
}

const char *compression_to_word(Compression compression) {
        return words[compression];
}

static ssize_t encode_zstd(Encoder *encoder, void *buffer, size_t size) {
        ZSTD_inBuffer in = { encoder->input, encoder->end, encoder->start };
        ZSTD_outBuffer out = { buffer, size, 0 };
        size_t left = ZSTD_compressStream2(
                        encoder->zstd, &out, &in, encoder->no_more ? ZSTD_e_end : ZSTD_e_continue);

        if (ZSTD_isError(left))
                return -EIO;
        encoder->start = in.pos;
        encoder->at_end = encoder->no_more && left == 0;
        return (ssize_t) out.pos;
}

static ssize_t encode_gzip(Encoder *encoder, void *buffer, size_t size) {
        struct isal_zstream *stream = encoder->gzip;
        size_t room = size < UINT32_MAX ? size : UINT32_MAX;

        stream->next_in = encoder->input + encoder->start;
        stream->avail_in = (uint32_t) (encoder->end - encoder->start);
        stream->next_out = buffer;
        stream->avail_out = (uint32_t) room;
        stream->end_of_stream = encoder->no_more;
        if (isal_deflate(stream) != COMP_OK)
                return -EIO;
        encoder->start = encoder->end - stream->avail_in;
        encoder->at_end = stream->internal_state.state == ZSTATE_END;
        return (ssize_t) (room - stream->avail_out);
}

static int refill(Encoder *encoder, Fault *fault) {
        ssize_t n = stream_read_full(encoder->from, encoder->input, INPUT_SIZE, fault);

        if (n < 0)
                return (int) n;
        encoder->start = 0;
        encoder->end = (size_t) n;
        encoder->no_more = n < INPUT_SIZE;
        return 0;
}

static ssize_t encoder_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        Encoder *encoder = (Encoder *) stream;

        while (!encoder->at_end) {
                ssize_t n;

                if (encoder->start == encoder->end && !encoder->no_more) {
                        int r = refill(encoder, fault);

                        if (r < 0)
                                return r;
                }
                n = encoder->encode(encoder, buffer, size);
                if (n < 0)
                        return fault_raise(fault, FAULT_SYSTEM, EIO, "cannot compress");
                if (n > 0)
                        return n;
        }
        return 0;
}

static void encoder_free(Stream *stream) {
        Encoder *encoder = (Encoder *) stream;

        stream_freep(&encoder->from);
        (void) ZSTD_freeCCtx(encoder->zstd);
        free(encoder->gzip);
        free(encoder->room);
        free(encoder->input);
        free(encoder);
}

static bool begin_gzip(Encoder *encoder) {
        struct isal_zstream *stream = calloc(1, sizeof(struct isal_zstream));

        encoder->gzip = stream;
        encoder->room = malloc(ISAL_DEF_LVL1_DEFAULT);
        if (!stream || !encoder->room)
                return false;
        isal_deflate_init(stream);
        stream->gzip_flag = IGZIP_GZIP;
        stream->level = GZIP_LEVEL;
        stream->level_buf = encoder->room;
        stream->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
        encoder->encode = encode_gzip;
        return true;
}

static bool begin_zstd(Encoder *encoder) {
        encoder->zstd = ZSTD_createCCtx();
        encoder->encode = encode_zstd;
        return encoder->zstd &&
               !ZSTD_isError(ZSTD_CCtx_setParameter(encoder->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL));
}

Stream *stream_new_encoder(Stream *from, Compression compression) {
        autostream Stream *owned = from, *stream = NULL;
        Encoder *encoder;

        if (compression == COMPRESSION_NONE)
                return TAKE(owned);
        encoder = calloc(1, sizeof(Encoder));
        if (!encoder)
                return NULL;
        stream = &encoder->stream;
        *stream = (Stream){ encoder_read, NULL, encoder_free };
        encoder->from = TAKE(owned);
        encoder->input = malloc(INPUT_SIZE);
        if (!encoder->input || !(compression == COMPRESSION_GZIP ? begin_gzip : begin_zstd)(encoder))
                return NULL;
        return TAKE(stream);
}
