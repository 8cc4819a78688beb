/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* registries.conf: whatever is in it, it is read or refused with its place. The first byte chooses a name to
 * look up. */

#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/registries/plan.h"
#include "image/registries/toml.h"
#include "lib/io.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

#define A_DIGEST "a.example.com:5000/b/c@sha256:" HEX

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_document(const char *text, size_t size) {
        autotoml Toml *document = NULL;
        Fault fault = {};
        int r = toml_parse(text, size, "f", &document, &fault);

        assert((r < 0) == fault_is_raised(&fault));
        assert((r < 0) == !document);
        if (r < 0)
                assert(*fault.path);
}

/* Through a file, as it is read from. */
static void try_registries(const char *name, const char *text, size_t size) {
        autoregistries Registries registries = {};
        autofd int fd = memfd_create("registries", MFD_CLOEXEC);
        Fault fault = {};
        size_t length = 0;
        char file[64];

        assert(fd >= 0 && io_write_all(fd, text, size) >= 0);
        (void) snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
        if (registries_read_file(&registries, file, NULL, NULL, &fault) < 0) {
                assert(fault_is_raised(&fault));
                return;
        }
        if (registries_find(&registries, name, &length))
                assert(length > 0 && length <= strlen(name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char *const names[] = {
                "docker.io/library/nginx:1.27",
                A_DIGEST,
                "quay.io/a/b/c:v1",
        };
        autofree char *text = NULL;

        if (size == 0)
                return 0;
        text = malloc(size);
        assert(text);
        memcpy(text, data + 1, size - 1);
        text[size - 1] = '\0';
        try_document(text, size - 1);
        try_registries(names[*data % ELEMENTS(names)], text, size - 1);
        return 0;
}
