/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What slipway-verity shares
 *
 *      verity/HEX/image.erofs   the file system, and the tree of hashes behind it
 *      verity/HEX/verity.json   what is below
 *
 * The same layers give the same bytes on every machine: the only salt is the
 * image's id, and there is no time but that of its files.
 */

#include "image/change.h"
#include "image/lookup.h"

#define VERITY_BLOCK 4096

typedef struct Verity {
        Digest image;
        Digest root_hash;
        uint64_t data_blocks; /* of the file system; the hashes follow */
} Verity;

/* Who waits. */
typedef struct VerityTell {
        int fd; /* -1: nobody */
} VerityTell;

/* Return: 0, -EPIPE when nobody waits any more. */
int verity_tell(const VerityTell *tell, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * verity-process.c: says @note again and again, by a process of its own, as long as something goes on here
 * that cannot speak. Return: what verity_tell_end() takes.
 */
pid_t verity_tell_on(const VerityTell *tell, const char *note);
void verity_tell_end(const pid_t *pid);

/* verity-file.c. Return: 0, -ENOENT without a fault when there is none, -errno with one. */
int verity_load(const Store *store, const Digest *image, Verity *ret, Fault *fault);
int verity_save(int dir_fd, const Verity *verity);

/* verity-make.c: makes what is missing. The image is locked. */
int verity_make(Store *store, const Digest *image, const VerityTell *tell, Verity *ret, Fault *fault);

/* verity-hash.c: libcryptsetup. @path is that of image.erofs. */

/* Writes the hashes of a file that has @data_blocks. */
int verity_format(const char *path, Verity *verity, Fault *fault);

/* Reads all of it and compares. */
int verity_compare(const char *path, const Verity *verity, Fault *fault);

/* Makes the device, which is gone when nobody has it open any more, and mounts it. */
int verity_open(const char *path, const Verity *verity, int *ret_mount, Fault *fault);

/* verity-process.c: runs a program and waits; the last line that it says is in the fault. */
int verity_run(char *const argv[], const char *package, const VerityTell *tell, const char *note,
                Fault *fault);
