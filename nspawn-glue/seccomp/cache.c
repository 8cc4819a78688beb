/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/seccomp/cache.h"

#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "lib/blake2b.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/paths.h"

enum {
        LONGEST_PROFILE = 1 << 20,
        LONGEST_PROGRAM = 4096 * sizeof(struct sock_filter), /* BPF_MAXINSNS */
        OUTPUT_FD = 3,
        PROFILE_FD = 4,
};

int seccomp_program_name(const void *profile, size_t size, uint64_t capabilities,
                char ret[static SECCOMP_NAME_SIZE]) {
        struct utsname kernel;
        unsigned major, minor;
        char rest[256];
        Blake2b hash;
        int n;

        if (uname(&kernel) < 0)
                return -errno;
        if (sscanf(kernel.release, "%u.%u", &major, &minor) != 2)
                return -ENODATA;

        /* Ends in its NUL, so that no profile can be taken for the end of another key. */
        n = snprintf(rest, sizeof(rest), "slipway %s %s %u.%u %" PRIx64, SLIPWAY_VERSION, kernel.machine,
                        major, minor, capabilities);
        if (n < 0 || (size_t) n >= sizeof(rest))
                return -ENODATA;

        blake2b_begin(&hash);
        blake2b_add(&hash, rest, (size_t) n + 1);
        blake2b_add(&hash, profile, size);
        blake2b_end_hex(&hash, ret);
        (void) strcpy(ret + strlen(ret), ".bpf");
        return 0;
}

/* What is not a program of ours is made again, whatever it is. */
static int open_cached(const char *path) {
        autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022) ||
                        st.st_size % (off_t) sizeof(struct sock_filter) != 0 ||
                        st.st_size > (off_t) LONGEST_PROGRAM)
                return -ESTALE;
        return TAKE_FD(fd);
}

/* What the compiler said last is the reason, without its name in front. */
static int compiler_failed(int error_fd, int status, const char *profile, Fault *fault) {
        static const char prefix[] = "slipway-seccomp: ";
        autofree char *words = NULL;
        const char *reason;

        if (lseek(error_fd, 0, SEEK_SET) < 0 || io_read_fd(error_fd, 65536, &words, NULL) < 0 || !*words)
                return fault_raise(fault, FAULT_SYSTEM, EIO,
                                "cannot compile seccomp profile '%s': slipway-seccomp ended with status %d",
                                profile, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));

        reason = words;
        if (strncmp(reason, prefix, strlen(prefix)) == 0)
                reason += strlen(prefix);
        words[strlen(words) - 1] = '\0';
        return fault_raise(fault, FAULT_VALUE, EINVAL, "cannot compile seccomp profile: %s", reason);
}

/* The descriptors of the compiler, by the numbers that they get there, and by those they have here. */
typedef struct Plumbing {
        int profile_fd, output_fd, error_fd;
} Plumbing;

static int spawn_compiler(const char *compiler, const char *profile, uint64_t capabilities,
                const Plumbing *plumbing, pid_t *ret) {
        char profile_word[4200], capability_word[48], output_word[32], input_word[32];
        char *const argv[] = { (char *) "slipway-seccomp", profile_word, capability_word, output_word,
                input_word, NULL };
        posix_spawn_file_actions_t actions;
        int r;

        if (snprintf(profile_word, sizeof(profile_word), "--profile=%s", profile) >=
                        (int) sizeof(profile_word))
                return -ENAMETOOLONG;
        (void) snprintf(capability_word, sizeof(capability_word), "--capabilities=%" PRIx64, capabilities);
        (void) snprintf(output_word, sizeof(output_word), "--output-fd=%d", OUTPUT_FD);
        (void) snprintf(input_word, sizeof(input_word), "--profile-fd=%d", PROFILE_FD);

        r = posix_spawn_file_actions_init(&actions);
        if (r != 0)
                return -r;
        r = posix_spawn_file_actions_adddup2(&actions, plumbing->error_fd, STDERR_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, plumbing->output_fd, OUTPUT_FD);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, plumbing->profile_fd, PROFILE_FD);
        if (r == 0)
                r = posix_spawn(ret, compiler, &actions, NULL, argv, environ);
        (void) posix_spawn_file_actions_destroy(&actions);
        return -r;
}

/* Moved out of the way of the numbers that the compiler gets, so that no dup2() overwrites another. */
static int memory_file(const char *name) {
        autofd int fd = memfd_create(name, MFD_CLOEXEC);
        int moved;

        if (fd < 0)
                return -errno;
        moved = fcntl(fd, F_DUPFD_CLOEXEC, PROFILE_FD + 1);
        return moved < 0 ? -errno : moved;
}

/* The compiler gets the text that was hashed, not the file that it came from, which may be another by now.
 */
static int memory_file_of(const char *name, const void *data, size_t size) {
        autofd int fd = memory_file(name);
        int r;

        if (fd < 0)
                return fd;
        r = io_write_all(fd, data, size);
        if (r < 0)
                return r;
        return lseek(fd, 0, SEEK_SET) < 0 ? -errno : TAKE_FD(fd);
}

/* What is compiled, and for whom. */
typedef struct Job {
        const char *compiler, *profile;
        const char *text;
        size_t size;
        uint64_t capabilities;
} Job;

static int compile(const Job *job, int *ret_fd, Fault *fault) {
        autofd int profile_fd = memory_file_of("seccomp-profile", job->text, job->size);
        autofd int output_fd = memory_file("seccomp-program"), error_fd = memory_file("seccomp-errors");
        const Plumbing plumbing = { profile_fd, output_fd, error_fd };
        int r, status;
        pid_t pid;

        if (profile_fd < 0 || output_fd < 0 || error_fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, ENOMEM, "cannot make room for a seccomp program");

        r = spawn_compiler(job->compiler, job->profile, job->capabilities, &plumbing, &pid);
        if (r < 0)
                return fault_wrap(fault, r, "cannot run '%s'", job->compiler);

        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return fault_wrap(fault, -errno, "cannot wait for '%s'", job->compiler);
        if (status != 0)
                return compiler_failed(error_fd, status, job->profile, fault);

        if (lseek(output_fd, 0, SEEK_SET) < 0)
                return fault_wrap(fault, -errno, "cannot read the seccomp program");
        *ret_fd = TAKE_FD(output_fd);
        return 0;
}

/* A read-only or full /var: then the next start compiles again. */
static void keep(const char *directory, const char *name, int fd) {
        autofree char *program = NULL;
        autofd int dir_fd = -1;
        size_t size;

        if (io_mkdir_p(directory, 0700) < 0)
                return;
        dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0 || io_read_fd(fd, LONGEST_PROGRAM, &program, &size) < 0)
                return;
        (void) io_replace_file(dir_fd, name, program, size, 0600);
}

/* An empty program says that the profile turns filtering off. */
static int hand_over(int *fd, int *ret_fd, Fault *fault) {
        struct stat st;

        if (fstat(*fd, &st) < 0 || lseek(*fd, 0, SEEK_SET) < 0)
                return fault_wrap(fault, -errno, "cannot read the seccomp program");
        *ret_fd = st.st_size == 0 ? -1 : TAKE_FD(*fd);
        return 0;
}

int seccomp_program_open(const SeccompCache *cache, const char *profile, uint64_t capabilities, int *ret_fd,
                Fault *fault) {
        const char *directory = cache && cache->directory ? cache->directory : SLIPWAY_CACHE_DIR "/seccomp";
        char path[4096], name[SECCOMP_NAME_SIZE];
        autofree char *text = NULL;
        autofd int fd = -1;
        Job job = {
                .compiler = cache && cache->compiler ? cache->compiler
                                                     : SLIPWAY_LIBEXEC_DIR "/slipway-seccomp",
                .profile = profile ? profile : SECCOMP_DEFAULT_PROFILE,
                .capabilities = capabilities,
        };
        int r;

        r = io_read_file(AT_FDCWD, job.profile, LONGEST_PROFILE, &text, &job.size);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read seccomp profile '%s'", job.profile);
        r = seccomp_program_name(text, job.size, capabilities, name);
        if (r < 0)
                return fault_wrap(fault, r, "cannot tell which kernel this is");
        if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int) sizeof(path))
                return fault_wrap(fault, -ENAMETOOLONG, "cannot look into '%s'", directory);

        fd = open_cached(path);
        if (fd >= 0)
                return hand_over(&fd, ret_fd, fault);

        job.text = text;
        r = compile(&job, &fd, fault);
        if (r < 0)
                return r;
        keep(directory, name, fd);
        return hand_over(&fd, ret_fd, fault);
}
