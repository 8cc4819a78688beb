/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "tests/probe/probe.h"

typedef struct Attempt {
        const char *name;
        long number;
        long args[6];
} Attempt;

#define TEXT(s) ((long) (s))

/* Arguments are wrong in a way that the kernel notices after it has looked at privileges, where that can be.
 */
/* clang-format off */
static const Attempt attempts[] = {
        { "acct",              SYS_acct,              { TEXT("/no/such/file") } },
        { "add_key",           SYS_add_key,           { TEXT("user"), TEXT("probe"), TEXT("x"), 1, KEY_SPEC_PROCESS_KEYRING } },
        { "bpf",               SYS_bpf,               { 0, 0, 0 } },
        { "chroot",            SYS_chroot,            { TEXT("/") } },
        { "clock_settime",     SYS_clock_settime,     { 0, 0 } },
        { "delete_module",     SYS_delete_module,     { TEXT("no_such_module"), 0 } },
        { "finit_module",      SYS_finit_module,      { -1, TEXT(""), 0 } },
        { "fsopen",            SYS_fsopen,            { TEXT("tmpfs"), 0 } },
        { "init_module",       SYS_init_module,       { 0, 0, TEXT("") } },
        { "io_uring_setup",    SYS_io_uring_setup,    { 0, 0 } },
        { "kcmp",              SYS_kcmp,              { 1, 1, 0, 0, 0 } },
        { "kexec_load",        SYS_kexec_load,        { 0, 0, 0, 0 } },
        { "keyctl",            SYS_keyctl,            { KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0 } },
        { "mknod-block",       SYS_mknodat,           { AT_FDCWD, TEXT("/tmp/probe-block"), S_IFBLK | 0600, 0x800 } },
        { "mount",             SYS_mount,             { TEXT("none"), TEXT("/tmp"), TEXT("tmpfs"), 0, 0 } },
        { "mount_setattr",     SYS_mount_setattr,     { -1, TEXT(""), 0, 0, 0 } },
        { "move_mount",        SYS_move_mount,        { -1, TEXT(""), -1, TEXT(""), 0 } },
        { "nosys",             1000,                  { 0 } },
        { "open_by_handle_at", SYS_open_by_handle_at, { -1, 0, 0 } },
        { "open_tree",         SYS_open_tree,         { -1, TEXT(""), 0 } },
        { "perf_event_open",   SYS_perf_event_open,   { 0, 0, -1, -1, 0 } },
        { "pivot_root",        SYS_pivot_root,        { TEXT("/"), TEXT("/") } },
        { "process_vm_readv",  SYS_process_vm_readv,  { 1, 0, 0, 0, 0, 0 } },
        { "quotactl",          SYS_quotactl,          { 0, 0, 0, 0 } },
        { "reboot",            SYS_reboot,            { 0, 0, 0, 0 } },
        { "request_key",       SYS_request_key,       { TEXT("user"), TEXT("probe"), 0, 0 } },
        { "sethostname",       SYS_sethostname,       { TEXT("probe"), 5 } },
        { "setns",             SYS_setns,             { -1, 0 } },
        { "settimeofday",      SYS_settimeofday,      { 0, 0 } },
        { "swapoff",           SYS_swapoff,           { TEXT("/no/such/file") } },
        { "swapon",            SYS_swapon,            { TEXT("/no/such/file"), 0 } },
        { "syslog",            SYS_syslog,            { 10, 0, 0 } },
        { "umount2",           SYS_umount2,           { TEXT("/proc"), MNT_DETACH } },
        { "unshare-mount",     SYS_unshare,           { CLONE_NEWNS } },
        { "unshare-user",      SYS_unshare,           { CLONE_NEWUSER } },
        { "userfaultfd",       SYS_userfaultfd,       { 0 } },
        { "vhangup",           SYS_vhangup,           { 0 } },
        /* And some that any app may make. */
        { "getpid",            SYS_getpid,            { 0 } },
        { "socket-inet",       SYS_socket,            { AF_INET, SOCK_STREAM, 0 } },
        { "socket-packet",     SYS_socket,            { AF_PACKET, SOCK_RAW, 0 } },
        { "socket-raw",        SYS_socket,            { AF_INET, SOCK_RAW, 1 } },
        { "socket-vsock",      SYS_socket,            { AF_VSOCK, SOCK_STREAM, 0 } },
};
/* clang-format on */

/* In a child, so that what succeeds is over with it. A filter may kill, too. */
static void try(const Attempt *attempt) {
        int status;
        pid_t pid;

        (void) fflush(stdout);
        pid = fork();
        if (pid == 0) {
                const long *a = attempt->args;
                long r = syscall(attempt->number, a[0], a[1], a[2], a[3], a[4], a[5]);

                _exit(r < 0 ? errno : 0);
        }
        if (pid < 0 || waitpid(pid, &status, 0) < 0)
                return;

        if (WIFSIGNALED(status))
                printf("syscall.%s=SIG%s\n", attempt->name, sigabbrev_np(WTERMSIG(status)));
        else
                printf("syscall.%s=%s\n", attempt->name,
                                WEXITSTATUS(status) == 0 ? "ok" : strerrorname_np(WEXITSTATUS(status)));
}

void probe_syscalls(void) {
        for (size_t i = 0; i < ELEMENTS(attempts); i++)
                try(&attempts[i]);
}
