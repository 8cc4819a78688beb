/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whole files in, whole files out. Descriptors are close-on-exec; signals do not cut a transfer short. */

#include <stddef.h>
#include <sys/types.h>

/* Writes all of @size bytes. Return: 0 or -errno. */
int io_write_all(int fd, const void *data, size_t size);

/**
 * io_read_file() - read a file as one string
 * @dir_fd:     directory, or AT_FDCWD
 * @path:       file below it
 * @limit:      how long the file may be, in bytes
 * @ret:        a new string, always with a NUL after @ret_size bytes
 * @ret_size:   bytes read, may be NULL
 *
 * Return: 0, -EFBIG over the limit, -EISDIR and so on as open(2) and read(2) say.
 */
int io_read_file(int dir_fd, const char *path, size_t limit, char **ret, size_t *ret_size);

/* The same from an open file. */
int io_read_fd(int fd, size_t limit, char **ret, size_t *ret_size);

/* The last line of an open file that is not empty, without blanks after it, or ""; of a longer one, its end.
 */
void io_last_line(int fd, char *ret, size_t size);

/**
 * io_replace_file() - put a file in place, whole or not at all
 * @dir_fd:     directory that it goes to
 * @name:       plain file name
 *
 * Writes a draft beside it, syncs and renames. A crash leaves the old file or the new one.
 */
int io_replace_file(int dir_fd, const char *name, const void *data, size_t size, mode_t mode);

/* Writes a file that is not there yet (-EEXIST), and leaves the syncing to who does it for many. */
int io_create_file(int dir_fd, const char *name, const void *data, size_t size, mode_t mode);

/* Creates a directory and its parents; what is there already is fine. */
int io_mkdir_p(const char *path, mode_t mode);

/* A pipe above the standard descriptors, of which some may be closed in our place. Return: 0 or -errno; what
 * was opened is the caller's in any case. */
int io_open_pipe(int *ret_read, int *ret_write);
