/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/executable.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#elif defined(__riscv)
#define OWN_MACHINE EM_RISCV
#elif defined(__s390x__)
#define OWN_MACHINE EM_S390
#elif defined(__powerpc64__)
#define OWN_MACHINE EM_PPC64
#elif defined(__arm__)
#define OWN_MACHINE EM_ARM
#elif defined(__i386__)
#define OWN_MACHINE EM_386
#else
#define OWN_MACHINE EM_NONE
#endif

static const char *machine_name(unsigned machine) {
        static const struct {
                unsigned machine;
                const char *name;
        } machines[] = {
                { EM_X86_64, "amd64" },
                { EM_386, "386" },
                { EM_AARCH64, "arm64" },
                { EM_ARM, "arm" },
                { EM_PPC64, "ppc64" },
                { EM_S390, "s390x" },
                { EM_RISCV, "riscv" },
                { EM_MIPS, "mips" },
        };

        for (size_t i = 0; i < ELEMENTS(machines); i++)
                if (machines[i].machine == machine)
                        return machines[i].name;
        return "another machine";
}

/* "#!", blanks, a path, and whatever. */
static void read_script(const unsigned char *data, size_t size, Executable *ret) {
        size_t at = 2, n = 0;

        ret->kind = EXECUTABLE_SCRIPT;
        while (at < size && (data[at] == ' ' || data[at] == '\t'))
                at++;
        while (at < size && !strchr(" \t\n", data[at]) && n + 1 < sizeof(ret->interpreter))
                ret->interpreter[n++] = (char) data[at++];
        ret->interpreter[n] = '\0';
}

/* The PT_INTERP of a 64 bit program, if all of it is within what we have. */
static void read_loader(const unsigned char *data, size_t size, Executable *ret) {
        Elf64_Ehdr header;
        Elf64_Phdr segment;

        if (size < sizeof(header) || data[EI_CLASS] != ELFCLASS64)
                return;
        memcpy(&header, data, sizeof(header));
        for (unsigned i = 0; i < header.e_phnum; i++) {
                uint64_t at = header.e_phoff + (uint64_t) i * sizeof(segment);

                if (header.e_phoff > size || at > size || size - at < sizeof(segment))
                        return;
                memcpy(&segment, data + at, sizeof(segment));
                if (segment.p_type != PT_INTERP)
                        continue;
                if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset ||
                                segment.p_filesz >= sizeof(ret->interpreter))
                        return;
                memcpy(ret->interpreter, data + segment.p_offset, segment.p_filesz);
                ret->interpreter[segment.p_filesz] = '\0';
                return;
        }
}

static void read_elf(const unsigned char *data, size_t size, Executable *ret) {
        uint16_t machine;

        memcpy(&machine, data + offsetof(Elf64_Ehdr, e_machine), sizeof(machine));
        if (OWN_MACHINE != EM_NONE && machine != OWN_MACHINE && machine != EM_386) {
                ret->kind = EXECUTABLE_FOREIGN;
                ret->machine = machine_name(machine);
                return;
        }
        ret->kind = EXECUTABLE_ELF;
        read_loader(data, size, ret);
}

void executable_read(const unsigned char *data, size_t size, Executable *ret) {
        *ret = (Executable){};
        if (size > 2 && data[0] == '#' && data[1] == '!')
                read_script(data, size, ret);
        else if (size >= offsetof(Elf64_Ehdr, e_version) && memcmp(data, ELFMAG, SELFMAG) == 0)
                read_elf(data, size, ret);
}

static int read_start(const char *path, Executable *ret) {
        autofd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        unsigned char data[4096];
        ssize_t n;

        if (fd < 0)
                return -errno;
        n = read(fd, data, sizeof(data));
        if (n < 0)
                return -errno;
        executable_read(data, (size_t) n, ret);
        return 0;
}

static int explain_missing(const char *path, int error, const Executable *what, Fault *fault) {
        if (what->kind == EXECUTABLE_SCRIPT && access(what->interpreter, F_OK) < 0)
                return fault_raise(fault, FAULT_MISSING, error,
                                "cannot execute '%s': its interpreter '%s' is not in the image", path,
                                what->interpreter);
        if (what->kind == EXECUTABLE_ELF && *what->interpreter && access(what->interpreter, F_OK) < 0)
                return fault_raise(fault, FAULT_MISSING, error,
                                "cannot execute '%s': its loader '%s' is not in the image; "
                                "a program that needs none is linked statically",
                                path, what->interpreter);
        return fault_raise(fault, FAULT_MISSING, error, "cannot execute '%s': it is not in the image", path);
}

static int explain_format(const char *path, int error, const Executable *what, Fault *fault) {
        if (what->kind == EXECUTABLE_FOREIGN)
                return fault_raise(fault, FAULT_VALUE, error,
                                "cannot execute '%s': it is for %s, this is %s", path, what->machine,
                                machine_name(OWN_MACHINE));
        return fault_raise(fault, FAULT_VALUE, error,
                        "cannot execute '%s': it is neither a program nor a script that begins with \"#!\"",
                        path);
}

int executable_explain(const char *path, int error, Fault *fault) {
        Executable what = {};
        struct stat st;

        (void) read_start(path, &what);
        if (error == ENOENT)
                return explain_missing(path, error, &what, fault);
        if (error == ENOEXEC)
                return explain_format(path, error, &what, fault);
        if (error == EACCES && stat(path, &st) >= 0 && S_ISDIR(st.st_mode))
                return fault_raise(
                                fault, FAULT_VALUE, error, "cannot execute '%s': it is a directory", path);
        if (error == EACCES)
                return fault_raise(fault, FAULT_VALUE, error,
                                "cannot execute '%s': it is not executable for the container's user", path);
        return fault_raise(fault, FAULT_SYSTEM, error, "cannot execute '%s': %s", path, strerror(error));
}
