/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/secret-input.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>

#include "lib/cleanup.h"
#include "lib/credentials.h"
#include "lib/io.h"

#define PROGRAM "systemd-creds"

/* What comes back is encrypted and in base64: half as much again, and a little. */
#define ENCRYPTED_MAX (2 * CREDENTIAL_MAX)

static int text_begin(SecretText *text, size_t room) {
        *text = (SecretText){ .data = malloc(room), .room = room };
        return text->data ? 0 : -ENOMEM;
}

void secret_text_done(SecretText *text) {
        if (text->data)
                explicit_bzero(text->data, text->room);
        free(text->data);
        *text = (SecretText){};
}

/* Up to the end, or until there is no room. */
static int text_fill(SecretText *text, int fd) {
        while (text->size < text->room) {
                ssize_t n = read(fd, text->data + text->size, text->room - text->size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                text->size += (size_t) n;
        }
        return 0;
}

/* Return: 1 when the line is at its end. */
static int take_key(SecretText *text, char key) {
        switch (key) {

        case '\r':
        case '\n':
        case 4: /* ^D */
                return 1;

        case 3: /* ^C */
                return -ECANCELED;

        case 8:
        case 127:
                text->size -= text->size > 0;
                return 0;

        case 21: /* ^U */
                text->size = 0;
                return 0;

        default:
                if (text->size == text->room)
                        return -EFBIG;
                text->data[text->size++] = key;
                return 0;
        }
}

/* Key by key, so that the terminal is given back as it was, whichever way it ends. */
static int read_line(const char *prompt, int fd, SecretText *text) {
        struct termios saved, silent;
        ssize_t n;
        char key;
        int r = 0;

        if (tcgetattr(fd, &saved) < 0)
                return -errno;
        silent = saved;
        silent.c_lflag &= ~(tcflag_t) (ECHO | ICANON | ISIG);
        (void) fprintf(stderr, "%s: ", prompt);
        if (tcsetattr(fd, TCSAFLUSH, &silent) < 0)
                return -errno;
        while (r == 0) {
                n = read(fd, &key, 1);
                if (n < 0 && errno == EINTR)
                        continue;
                r = n < 0 ? -errno : n == 0 ? 1 : take_key(text, key);
        }
        key = '\0';
        (void) tcsetattr(fd, TCSAFLUSH, &saved);
        (void) fputc('\n', stderr);
        return r < 0 ? r : 0;
}

int secret_ask(const char *prompt, int fd, SecretText *ret) {
        AUTO(secret_text_done) SecretText text = {};
        int r = text_begin(&text, SECRET_MAX + 1);

        if (r >= 0)
                r = read_line(prompt, fd, &text);
        if (r < 0)
                return r;
        *ret = text;
        text = (SecretText){};
        return 0;
}

static int ask_for(const char *name, int fd, SecretText *text) {
        autofree char *prompt = NULL;

        if (asprintf(&prompt, "Secret %s", name) < 0) {
                prompt = NULL;
                return -ENOMEM;
        }
        return read_line(prompt, fd, text);
}

int secret_read(const char *name, const char *path, SecretText *ret, Fault *fault) {
        AUTO(secret_text_done) SecretText text = {};
        bool is_stdin = strcmp(path, "-") == 0;
        autofd int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        int r = fd < 0 ? -errno : text_begin(&text, SECRET_MAX + 1);

        if (r >= 0)
                r = is_stdin && isatty(fd) ? ask_for(name, fd, &text) : text_fill(&text, fd);
        if (r == -ECANCELED)
                return fault_raise(fault, FAULT_SYSTEM, ECANCELED, "the secret '%s' was not made", name);
        if (r < 0 && r != -EFBIG)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot read the secret from '%s': %s", path,
                                strerror(-r));
        if (r == -EFBIG || text.size > SECRET_MAX)
                return fault_raise(fault, FAULT_VALUE, EFBIG,
                                "the secret '%s' is too large: it has at most 1016 KiB", name);
        if (text.size == 0)
                return fault_raise(fault, FAULT_VALUE, ENODATA, "the secret '%s' is empty", name);
        *ret = text;
        text = (SecretText){};
        return 0;
}

/* The three streams of the program, and what it is called with. */
static int spawn(char *const *argv, int input, int output, int errors, pid_t *ret) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t defaults;
        int r;

        r = posix_spawn_file_actions_init(&actions);
        if (r != 0)
                return -r;
        r = posix_spawnattr_init(&attributes);
        if (r != 0) {
                (void) posix_spawn_file_actions_destroy(&actions);
                return -r;
        }
        (void) sigemptyset(&defaults);
        (void) sigaddset(&defaults, SIGPIPE);
        (void) posix_spawnattr_setsigdefault(&attributes, &defaults);
        (void) posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

        r = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
        if (r == 0)
                r = posix_spawnp(ret, argv[0], &actions, &attributes, argv, environ);
        (void) posix_spawn_file_actions_destroy(&actions);
        (void) posix_spawnattr_destroy(&attributes);
        return -r;
}

/* The program has read all before it writes anything. */
static int converse(
                char *const *argv, const SecretText *text, SecretText *answer, int errors, int *ret_status) {
        int to[2], from[2], r;
        pid_t pid = 0;

        if (pipe2(to, O_CLOEXEC) < 0)
                return -errno;
        if (pipe2(from, O_CLOEXEC) < 0) {
                r = -errno;
                (void) close(to[0]);
                (void) close(to[1]);
                return r;
        }

        r = spawn(argv, to[0], from[1], errors, &pid);
        (void) close(to[0]);
        (void) close(from[1]);
        if (r >= 0) /* one that does not read to the end says why, and by its status */
                (void) io_write_all(to[1], text->data, text->size);
        (void) close(to[1]);
        if (r >= 0)
                r = text_fill(answer, from[0]);
        (void) close(from[0]);
        if (pid > 0)
                while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
                        ;
        return r;
}

/* The last line that it wrote to standard error. */
static void last_words(int fd, char *line, size_t size) {
        autofree char *text = NULL;
        char *end;

        (void) snprintf(line, size, "it has not said why");
        if (lseek(fd, 0, SEEK_SET) < 0 || io_read_fd(fd, 65536, &text, NULL) < 0)
                return;
        for (end = text + strlen(text); end > text && end[-1] == '\n';)
                *--end = '\0';
        if (*text)
                (void) snprintf(line, size, "%s", strrchr(text, '\n') ? strrchr(text, '\n') + 1 : text);
}

int secret_encrypt(const char *name, const char *with_key, const SecretText *text, SecretText *ret,
                Fault *fault) {
        AUTO(secret_text_done) SecretText answer = {};
        autofree char *name_option = NULL, *key_option = NULL;
        autofd int errors = memfd_create("errors", MFD_CLOEXEC);
        char words[256];
        int status = 0, r = errors < 0 ? -errno : text_begin(&answer, ENCRYPTED_MAX);

        if (r < 0)
                return r;
        if (asprintf(&name_option, "--name=%s", name) < 0) {
                name_option = NULL;
                return -ENOMEM;
        }
        if (asprintf(&key_option, "--with-key=%s", with_key) < 0) {
                key_option = NULL;
                return -ENOMEM;
        }

        (void) signal(SIGPIPE, SIG_IGN);
        r = converse((char *[]){ (char *) PROGRAM, (char *) "encrypt", name_option, key_option, (char *) "-",
                                     (char *) "-", NULL },
                        text, &answer, errors, &status);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot run " PROGRAM "(1): %s", strerror(-r));
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || answer.size == 0) {
                last_words(errors, words, sizeof(words));
                return fault_raise(
                                fault, FAULT_SYSTEM, EIO, "cannot encrypt the secret '%s': %s", name, words);
        }
        if (answer.size + text->size > SECRET_MAX)
                return fault_raise(fault, FAULT_VALUE, EFBIG,
                                "the secret '%s' is too large to be encrypted: it has at most 430 KiB, or "
                                "1016 KiB with --plain",
                                name);
        *ret = answer;
        answer = (SecretText){};
        return 0;
}
