/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An image that has to be fetched first, or verified anew
 *
 * The launcher has neither the network nor the libraries for it, and an image that is there takes neither.
 * So `slipway pull` does it, in the unit's control group: whatever stops the unit stops that, too. Nothing
 * is locked meanwhile. What it has fetched is looked up again as if it had always been there.
 */

#include <signal.h>
#include <string.h>

#include "lib/notify.h"
#include "lib/strv.h"
#include "nspawn-glue/helper.h"
#include "nspawn-glue/launch.h"

#define PROGRAM SLIPWAY_LIBEXEC_DIR "/slipway"

/* The time that a start may take by default counts from the end of the pull on. */
#define TIME_AGAIN "EXTEND_TIMEOUT_USEC=90000000"

static int make_arguments(const Launch *launch, const char *policy, char ***ret) {
        const Options *options = launch->options;
        autostrv char **arguments = NULL;
        int r = strv_append(&arguments, PROGRAM);

        if (r >= 0)
                r = strv_append(&arguments, "pull");
        if (r >= 0)
                r = strv_append(&arguments, "--for-unit");
        if (r >= 0)
                r = strv_appendf(&arguments, "--policy=%s", policy);
        if (r >= 0 && options->retry)
                r = strv_appendf(&arguments, "--retry=%s", options->retry);
        if (r >= 0 && options->retry_delay)
                r = strv_appendf(&arguments, "--retry-delay=%s", options->retry_delay);
        if (r >= 0)
                r = strv_append(&arguments, "--");
        if (r >= 0)
                r = strv_append(&arguments, options->image);
        if (r >= 0)
                *ret = TAKE(arguments);
        return r;
}

/* Who has stopped the unit wants an end that is in order, which is that signal to the service manager. */
static void end_by(int number) {
        sigset_t none;

        (void) signal(number, SIG_DFL);
        (void) sigemptyset(&none);
        (void) raise(number);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
}

static int run(char *const *arguments, HelperEnd *ret, Fault *fault) {
        int r = helper_run(arguments, ret, fault);

        if (ret->signal != 0)
                end_by(ret->signal);
        if (r >= 0)
                (void) notify_send("STATUS=\n" TIME_AGAIN);
        return r;
}

/* What it prints: an id, and the name, a line each. */
static int take_name(const char *output, char **ret) {
        const char *name = strchr(output, '\n');

        if (!name || !strchr(++name, '\n'))
                return 0;
        *ret = strndup(name, strcspn(name, "\n"));
        return *ret ? 0 : -ENOMEM;
}

int launch_pull(const Launch *launch, const char *policy, char **ret_name, Fault *fault) {
        autostrv char **arguments = NULL;
        HelperEnd end = {};
        int r = make_arguments(launch, policy, &arguments);

        if (r < 0)
                return r;
        r = run(arguments, &end, fault);
        if (r == -EIO && *end.words)
                return fault_mark(fault, MESSAGE_PULL_FAILED,
                                fault_raise(fault, FAULT_MISSING, EIO, "%s", end.words));
        return r < 0 ? r : take_name(end.output, ret_name);
}

int launch_renew_trust(Launch *launch, const Digest *id, Fault *fault) {
        char image[sizeof("--image=sha256:") + DIGEST_HEX];
        const char *const arguments[] = { PROGRAM, "verify", "--renew", image,
                launch->image.name ? "--" : NULL, launch->image.name, NULL };
        HelperEnd end = {};
        int r;

        (void) snprintf(image, sizeof(image), "--image=sha256:%s", id->hex);
        store_unlock(&launch->store);
        (void) notify_status("deciding anew whether image '%.200s' may be used", launch->options->image);
        r = run((char *const *) arguments, &end, fault);
        return r == -EIO && *end.words ? fault_mark(fault, MESSAGE_IMAGE_UNTRUSTED,
                                                         fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED,
                                                                         "%s", end.words))
                                       : r;
}
