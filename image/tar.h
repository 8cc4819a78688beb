/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reading tar archives
 *
 * libarchive reads the format: ustar, pax, GNU, sparse, base-256. Here is
 * what all users of it need: bytes from our own streams, whose faults come
 * through, and names as the bytes that they are.
 */

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdbool.h>

#include "image/readahead.h"
#include "image/split.h"
#include "image/stream.h"

typedef struct Tar Tar;

/*
 * Names in pax headers are UTF-8, and libarchive turns them into the thread's encoding. While one reads,
 * that is UTF-8, too, whatever the user's locale is: AUTO(tar_names_end) locale_t before =
 * tar_names_begin();
 */
locale_t tar_names_begin(void);
void tar_names_end(locale_t *before);

/* Reads the stream directly, and skips in it where it can. @from stays the caller's. */
int tar_open_stream(Stream *from, Tar **ret, Fault *fault);

/* Reads what a thread has read ahead; each piece is shown to @passed first. Both stay the caller's. */
int tar_open_readahead(Readahead *from, Passed *passed, Tar **ret, Fault *fault);

/* Is told how many bytes of the archive were read, again and again. Return: whether to go on. */
typedef bool TarProgress(void *data, uint64_t bytes);

/* Only with what was read ahead. */
void tar_on_progress(Tar *tar, TarProgress *progress, void *data);

/* Lets the archive be kept without the contents of files; before the first tar_next(), and only with what
 * was read ahead. Stays the caller's. */
void tar_split(Tar *tar, Split *split);

/* The content of @entry, the current one, is going to be in @fd, which will be found at @path. */
void tar_split_file(Tar *tar, struct archive_entry *entry, const char *path, int fd);

/* As split_set_aside(). */
int tar_split_set_aside(Tar *tar, int dir_fd, const char *name);

/* Return: 1 with the next entry (good until the call after), 0 at the end, -errno with a fault. */
int tar_next(Tar *tar, struct archive_entry **ret, Fault *fault);

/**
 * tar_data() - the next piece of the entry's content
 * @ret:        its bytes, good until the next call
 * @ret_offset: where in the file they belong; there may be holes before them
 *
 * Return: how many, 0 at the end, -errno with a fault.
 */
ssize_t tar_data(Tar *tar, const void **ret, int64_t *ret_offset, Fault *fault);

/* Where in the archive the current entry began, counting from where the stream began. */
int64_t tar_position(Tar *tar);

/* Where in it the content of the current entry begins; before any of it is read. */
int64_t tar_content(Tar *tar);

/* Reads on to the end of the stream, behind the end of the archive: it belongs to the digest. */
int tar_drain(Tar *tar, Fault *fault);

void tar_free(Tar *tar);
DEFINE_AUTO(Tar *, tar_free)
#define autotar AUTO(tar_freep)
