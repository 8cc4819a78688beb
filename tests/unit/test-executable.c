/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "nspawn-glue/executable.h"
#include "tests/suite.h"

START_TEST(a_script_names_its_interpreter)
{
        Executable what;

        executable_read((const unsigned char *) "#! /bin/sh -e\nexit", 18, &what);
        ck_assert_int_eq(what.kind, EXECUTABLE_SCRIPT);
        ck_assert_str_eq(what.interpreter, "/bin/sh");
        executable_read((const unsigned char *) "#!/bin/bash", 11, &what);
        ck_assert_str_eq(what.interpreter, "/bin/bash");
}
END_TEST

/* The least of a program: a header, one segment, and what that refers to. */
static void make_elf(unsigned char *data, uint16_t machine, uint64_t offset, uint64_t size) {
        Elf64_Ehdr header = { .e_machine = machine, .e_phoff = sizeof(header), .e_phnum = 1 };
        Elf64_Phdr segment = { .p_type = PT_INTERP, .p_offset = offset, .p_filesz = size };

        memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        memcpy(data, &header, sizeof(header));
        memcpy(data + sizeof(header), &segment, sizeof(segment));
        memcpy(data + 200, "/lib/ld.so", 11);
}

START_TEST(a_program_names_its_loader)
{
        unsigned char data[256] = {};
        Executable what;

#if defined(__x86_64__)
        make_elf(data, EM_X86_64, 200, 11);
        executable_read(data, sizeof(data), &what);
        ck_assert_int_eq(what.kind, EXECUTABLE_ELF);
        ck_assert_str_eq(what.interpreter, "/lib/ld.so");
#endif
        make_elf(data, EM_S390, 200, 11);
        executable_read(data, sizeof(data), &what);
#if !defined(__s390x__)
        ck_assert_int_eq(what.kind, EXECUTABLE_FOREIGN);
        ck_assert_str_eq(what.machine, "s390x");
#endif
}
END_TEST

static const struct {
        uint64_t offset, size;
} outside[] = {
        { 250, 11 },
        { 300, 1 },
        { UINT64_MAX, 11 },
        { 200, UINT64_MAX },
        { 0, 10000 },
};

START_TEST(a_loader_outside_of_the_file_is_not_looked_for)
{
        unsigned char data[256] = {};
        Executable what;

        make_elf(data, EM_X86_64, outside[_i].offset, outside[_i].size);
        executable_read(data, sizeof(data), &what);
        ck_assert_str_eq(what.interpreter, "");
        for (size_t n = 0; n < sizeof(data); n++)
                executable_read(data, n, &what);
}
END_TEST

static char path[] = "/tmp/test-executable-XXXXXX";

static void put(const char *text, mode_t mode) {
        autofd int fd = mkstemp(path);

        ck_assert_int_eq(write(fd, text, strlen(text)), (int) strlen(text));
        ck_assert_int_eq(fchmod(fd, mode), 0);
}

static void remove_path(void) {
        (void) unlink(path);
        (void) strcpy(path, "/tmp/test-executable-XXXXXX");
}

START_TEST(what_is_missing_is_said)
{
        Fault fault = {};

        put("#!/no/such/interpreter\n", 0755);
        ck_assert_int_eq(executable_explain(path, ENOENT, &fault), -ENOENT);
        ck_assert_ptr_nonnull(
                        strstr(fault.text, "its interpreter '/no/such/interpreter' is not in the image"));
        fault_clear(&fault);

        ck_assert_int_eq(executable_explain("/no/such/file", ENOENT, &fault), -ENOENT);
        ck_assert_str_eq(fault.text, "cannot execute '/no/such/file': it is not in the image");
        fault_clear(&fault);

        ck_assert_int_eq(executable_explain("/tmp", EACCES, &fault), -EACCES);
        ck_assert_str_eq(fault.text, "cannot execute '/tmp': it is a directory");
        fault_clear(&fault);

        ck_assert_int_eq(executable_explain(path, ENOEXEC, &fault), -ENOEXEC);
        ck_assert_ptr_nonnull(strstr(fault.text, "neither a program nor a script"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("executable");
        TCase *tc = tcase_create("executable");

        tcase_add_checked_fixture(tc, NULL, remove_path);
        tcase_add_test(tc, a_script_names_its_interpreter);
        tcase_add_test(tc, a_program_names_its_loader);
        tcase_add_loop_test(tc, a_loader_outside_of_the_file_is_not_looked_for, 0, ELEMENTS(outside));
        tcase_add_test(tc, what_is_missing_is_said);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
