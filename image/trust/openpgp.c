/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/openpgp.h"

#include <ctype.h>
#include <fcntl.h>
#include <gpgme.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "image/trust/payload.h"
#include "lib/io.h"
#include "lib/remove-tree.h"

struct OpenPgp {
        char home[40];
        gpgme_ctx_t context;
};

/* Nothing is asked of anybody else: no agent is started, no key is fetched, no terminal is spoken to. All
 * keys are trusted, since only those are there that somebody has named. */
static const char configuration[] = "no-autostart\n"
                                    "no-auto-key-retrieve\n"
                                    "no-auto-key-locate\n"
                                    "disable-dirmngr\n"
                                    "trust-model always\n"
                                    "batch\n"
                                    "no-tty\n"
                                    "no-greeting\n";

static void begin_once(void) {
        (void) gpgme_check_version(NULL);
}

static int failed(gpgme_error_t error, const char *what, Fault *fault) {
        char text[128] = "";

        (void) gpgme_strerror_r(error, text, sizeof(text));
        if (gpgme_err_code(error) == GPG_ERR_INV_ENGINE)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "cannot %s: there is no gpg(1); install the package gpg", what);
        return fault_raise(fault, FAULT_SYSTEM, EIO, "cannot %s: %s", what, text);
}

static int make_home(OpenPgp *ring, Fault *fault) {
        autofd int fd = -1;
        int r;

        /* With a number, so that it can be told whose it is if one is left. */
        (void) snprintf(ring->home, sizeof(ring->home), "/tmp/slipway-gpg-%d-XXXXXX", (int) getpid());
        if (!mkdtemp(ring->home)) {
                r = -errno;
                ring->home[0] = '\0';
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot make a directory in /tmp for gpg: %s",
                                strerror(-r));
        }
        fd = open(ring->home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = fd < 0 ? -errno
                   : io_replace_file(fd, "gpg.conf", configuration, sizeof(configuration) - 1, 0600);
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot write '%s/gpg.conf': %s", ring->home,
                                       strerror(-r))
                     : 0;
}

int openpgp_new(OpenPgp **ret, Fault *fault) {
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        autoopenpgp OpenPgp *ring = calloc(1, sizeof(OpenPgp));
        gpgme_error_t error;
        int r;

        if (!ring)
                return -ENOMEM;
        (void) pthread_once(&once, begin_once);
        r = make_home(ring, fault);
        if (r < 0)
                return r;
        error = gpgme_new(&ring->context);
        if (!error)
                error = gpgme_set_protocol(ring->context, GPGME_PROTOCOL_OpenPGP);
        if (!error)
                error = gpgme_ctx_set_engine_info(ring->context, GPGME_PROTOCOL_OpenPGP, NULL, ring->home);
        if (error)
                return failed(error, "start gpg", fault);
        (void) gpgme_set_offline(ring->context, 1);
        *ret = TAKE(ring);
        return 0;
}

void openpgp_free(OpenPgp *ring) {
        autofd int tmp = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (ring->context)
                gpgme_release(ring->context);
        if (ring->home[0])
                (void) remove_tree(tmp, ring->home + strlen("/tmp/"));
        free(ring);
}

/* gpgme writes digits in upper case. */
static void copy_fingerprint(char to[OPENPGP_FINGERPRINT + 1], const char *from) {
        size_t i = 0;

        for (; i < OPENPGP_FINGERPRINT && from[i]; i++)
                to[i] = (char) tolower((unsigned char) from[i]);
        to[i] = '\0';
}

int openpgp_add(OpenPgp *ring, const char *data, size_t size, const char *what,
                char ret[OPENPGP_FINGERPRINT + 1], Fault *fault) {
        gpgme_import_result_t result;
        gpgme_data_t keys = NULL;
        gpgme_error_t error;

        if (memmem(data, size, "PRIVATE KEY", 11))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "%s has a private key in it; `gpg --export --armor` and `openssl pkey "
                                "-pubout` write "
                                "public ones",
                                what);
        error = gpgme_data_new_from_mem(&keys, data, size, 0);
        if (!error)
                error = gpgme_op_import(ring->context, keys);
        gpgme_data_release(keys);
        if (error && gpgme_err_code(error) != GPG_ERR_NO_DATA)
                return failed(error, "read keys", fault);
        result = error ? NULL : gpgme_op_import_result(ring->context);
        if (!result || result->considered < 1 || result->secret_read > 0 || !result->imports ||
                        result->imports->result)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "%s is no public key of OpenPGP", what);
        copy_fingerprint(ret, result->imports->fpr);
        return result->considered;
}

static int add_key(gpgme_key_t key, OpenPgpKey **keys, size_t *n) {
        OpenPgpKey *grown = reallocarray(*keys, *n + 1, sizeof(OpenPgpKey));

        if (!grown)
                return -ENOMEM;
        *keys = grown;
        grown += (*n)++;
        *grown = (OpenPgpKey){ .expires = key->subkeys->expires, .is_revoked = key->revoked };
        copy_fingerprint(grown->fingerprint, key->fpr);
        if (key->uids && key->uids->uid) {
                grown->user = strdup(key->uids->uid);
                if (!grown->user)
                        return -ENOMEM;
        }
        return 0;
}

int openpgp_list(OpenPgp *ring, OpenPgpKey **ret, size_t *ret_n, Fault *fault) {
        gpgme_error_t error = gpgme_op_keylist_start(ring->context, NULL, 0);
        OpenPgpKey *keys = NULL;
        gpgme_key_t key;
        size_t n = 0;
        int r = 0;

        while (!error && r >= 0) {
                error = gpgme_op_keylist_next(ring->context, &key);
                if (error)
                        break;
                if (key->fpr && key->subkeys)
                        r = add_key(key, &keys, &n);
                gpgme_key_release(key);
        }
        (void) gpgme_op_keylist_end(ring->context);
        if (r >= 0 && gpgme_err_code(error) != GPG_ERR_EOF)
                r = failed(error, "list keys", fault);
        if (r < 0) {
                openpgp_keys_free(keys, n);
                return r;
        }
        *ret = keys;
        *ret_n = n;
        return 0;
}

void openpgp_keys_free(OpenPgpKey *keys, size_t n) {
        for (size_t i = 0; i < n; i++)
                free(keys[i].user);
        free(keys);
}

/* What gpg writes, up to a limit: a message may be compressed. */
typedef struct Output {
        char *data;
        size_t size, limit;
} Output;

static ssize_t output_write(void *handle, const void *data, size_t size) {
        Output *output = handle;

        if (size > output->limit - output->size) {
                errno = EFBIG;
                return -1;
        }
        memcpy(output->data + output->size, data, size);
        output->size += size;
        return (ssize_t) size;
}

static int open_output(Output *output, size_t limit, gpgme_data_t *ret, Fault *fault) {
        static struct gpgme_data_cbs callbacks = { .write = output_write };
        gpgme_error_t error;

        output->limit = limit;
        output->data = malloc(limit + 1);
        if (!output->data)
                return -ENOMEM;
        error = gpgme_data_new_from_cbs(ret, &callbacks, output);
        return error ? failed(error, "start gpg", fault) : 0;
}

int openpgp_export(OpenPgp *ring, const char *fingerprint, char **ret, size_t *ret_size, Fault *fault) {
        gpgme_data_t data = NULL;
        Output output = {};
        gpgme_error_t error;
        int r = open_output(&output, 1 << 20, &data, fault);

        if (r >= 0) {
                gpgme_set_armor(ring->context, 1);
                error = gpgme_op_export(ring->context, fingerprint, 0, data);
                if (error)
                        r = failed(error, "write the key", fault);
                else if (output.size == 0)
                        r = fault_raise(fault, FAULT_MISSING, ENOENT, "there is no key %s", fingerprint);
        }
        gpgme_data_release(data);
        if (r < 0) {
                free(output.data);
                return r;
        }
        output.data[output.size] = '\0';
        *ret = output.data;
        *ret_size = output.size;
        return 0;
}

/* --- signatures --- */

static int reject(Fault *fault, const char *why) {
        return fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED, "%s", why);
}

/* clang-format off */
static const struct {
        gpgme_err_code_t code;
        const char *text;
} statuses[] = {
        { GPG_ERR_BAD_SIGNATURE, "what was signed has been changed" },
        { GPG_ERR_NO_PUBKEY,     "it is by another key" },
        { GPG_ERR_SIG_EXPIRED,   "the signature has expired" },
        { GPG_ERR_KEY_EXPIRED,   "the key has expired" },
        { GPG_ERR_CERT_REVOKED,  "the key was revoked" },
};
/* clang-format on */

static int check_signature(const struct _gpgme_signature *signature, Fault *fault) {
        gpgme_err_code_t code;

        if (!signature || signature->next)
                return reject(fault, signature ? "it has more than one signature"
                                               : "it is no signed message of OpenPGP");
        code = gpgme_err_code(signature->status);
        for (size_t i = 0; i < ELEMENTS(statuses); i++)
                if (statuses[i].code == code)
                        return reject(fault, statuses[i].text);
        if (code != GPG_ERR_NO_ERROR || signature->wrong_key_usage || signature->validity_reason ||
                        signature->validity == GPGME_VALIDITY_NEVER || !signature->fpr)
                return reject(fault, "the signature is not valid");
        if (signature->hash_algo == GPGME_MD_SHA1 || signature->hash_algo == GPGME_MD_MD5)
                return reject(fault, "it is signed with SHA-1 or MD5, which can be forged");
        return 0;
}

/* A signature is by a subkey; a policy names the primary one. */
static int find_primary(
                OpenPgp *ring, const char *fingerprint, char ret[OPENPGP_FINGERPRINT + 1], Fault *fault) {
        gpgme_key_t key = NULL;
        gpgme_error_t error = gpgme_get_key(ring->context, fingerprint, &key, 0);

        if (error || !key || !key->fpr) {
                gpgme_key_unref(key);
                return reject(fault, "it is by a key that is not among those that are wanted");
        }
        copy_fingerprint(ret, key->fpr);
        gpgme_key_unref(key);
        return 0;
}

static int verify(OpenPgp *ring, gpgme_data_t message, gpgme_data_t plain, const Output *output,
                char ret_key[OPENPGP_FINGERPRINT + 1], Fault *fault) {
        char fingerprint[OPENPGP_FINGERPRINT + 1];
        gpgme_verify_result_t result;
        gpgme_error_t error = gpgme_op_verify(ring->context, message, NULL, plain);
        int r;

        if (gpgme_err_code(error) == GPG_ERR_NO_DATA || gpgme_err_code(error) == GPG_ERR_BAD_DATA)
                return reject(fault, "it is no signed message of OpenPGP");
        if (gpgme_err_code(error) == GPG_ERR_INV_ENGINE)
                return failed(error, "verify a signature", fault);
        if (error)
                return reject(fault, output->size > PAYLOAD_LIMIT / 2 ? "what is signed is too large"
                                                                      : "it cannot be read");
        result = gpgme_op_verify_result(ring->context);
        r = check_signature(result ? result->signatures : NULL, fault);
        if (r < 0)
                return r;
        copy_fingerprint(fingerprint, result->signatures->fpr);
        return find_primary(ring, fingerprint, ret_key, fault);
}

int openpgp_verify(OpenPgp *ring, const char *data, size_t size, char **ret, size_t *ret_size,
                char ret_key[OPENPGP_FINGERPRINT + 1], Fault *fault) {
        gpgme_data_t message = NULL, plain = NULL;
        Output output = {};
        int r;

        /* Packets begin with the highest bit; armour, and with it the cleartext form, does not. */
        if (size == 0 || !((unsigned char) data[0] & 0x80))
                return reject(fault, "it is no signed message of OpenPGP");
        r = open_output(&output, PAYLOAD_LIMIT, &plain, fault);
        if (r >= 0 && gpgme_data_new_from_mem(&message, data, size, 0))
                r = -ENOMEM;
        if (r >= 0)
                r = verify(ring, message, plain, &output, ret_key, fault);
        gpgme_data_release(message);
        gpgme_data_release(plain);
        if (r >= 0 && output.size == 0)
                r = reject(fault, "it is a signature without what was signed");
        if (r < 0) {
                free(output.data);
                return r;
        }
        output.data[output.size] = '\0';
        *ret = output.data;
        *ret_size = output.size;
        return 0;
}
