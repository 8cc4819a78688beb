/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where policy and keys are
 *
 *      /etc/slipway/trust/policy.json          of the administrator; else
 * /usr/share/slipway/trust/policy.json /etc/slipway/trust/root.d/FINGERPRINT   keys for all images
 *      /etc/slipway/trust/prefix.d/PREFIX…/FINGERPRINT  keys for the images below a name
 *      /usr/lib/slipway/trust/…                the same, of packages
 *
 * A file of the administrator hides the one of a package that has the same name. If it is empty, or a link
 * to /dev/null, there is nothing in its place; so a link to /dev/null hides a whole directory, too.
 *
 * Only reading and comparing is done here, with nothing but libc: the launcher does it at each start.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

#define TRUST_FILE_LIMIT (1u << 20)

/* What holds if no file says anything; also what is shipped. */
#define TRUST_POLICY_DEFAULT "{\"default\": [{\"type\": \"insecureAcceptAnything\"}]}"

typedef struct KeyFile {
        char *prefix; /* "docker.io/acme"; empty for root.d */
        char *name;   /* lower-case fingerprint */
        char *path;   /* where it is, for messages */
        char *data;   /* NULL when it is masked */
        size_t size;
        bool is_vendor; /* below /usr */
} KeyFile;

typedef struct KeyFiles {
        KeyFile *items; /* sorted by prefix and name, those of root.d first */
        size_t n;
} KeyFiles;

/* The text of a policy, and where it stands; path is NULL for the built-in default. */
typedef struct PolicyText {
        char *path;
        char *text;
        size_t size;
} PolicyText;

/*
 * In all of these @dir is NULL for the system's places, or for $SLIPWAY_TRUST_DIR of a test: then packages'
 * files are those in "vendor" below it.
 */
int key_files_load(const char *dir, KeyFiles *ret, Fault *fault);
int policy_text_load(const char *dir, PolicyText *ret, Fault *fault);

/* Where keys of the administrator go: ".../prefix.d/PREFIX", or ".../root.d" for an empty one. */
int key_directory(const char *dir, const char *prefix, char **ret);

/* Forty digits of OpenPGP, or sixty-four. */
bool key_name_is_valid(const char *name);

/* Whether whole names of images can begin so: "docker.io/acme", but not "acme" nor "docker.io/acme/app:1".
 */
bool key_prefix_is_valid(const char *prefix);

/* Whether any key, masked or not, makes a rule of this prefix. */
bool key_files_have(const KeyFiles *files, const char *prefix);

/* Whether @prefix is @name, or leads to it component by component. */
bool key_prefix_covers(const char *prefix, const char *name);

void key_files_done(KeyFiles *files);
#define autokeys AUTO(key_files_done)
void policy_text_done(PolicyText *text);
#define autopolicytext AUTO(policy_text_done)
