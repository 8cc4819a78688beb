/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registries/plan.h"

#include <ctype.h>
#include <string.h>

#include "image/registries/auth.h"
#include "image/registries/certs.h"
#include "image/registries/short-name.h"
#include "lib/strv.h"

#define DOCKER "docker.io"
#define DOCKER_API "registry-1.docker.io"

void registry_plan_done(RegistryPlan *plan) {
        reference_done(&plan->reference);
        free(plan->name);
        free(plan->both);
        endpoint_list_done(&plan->endpoints);
        strv_free(plan->why);
        *plan = (RegistryPlan){};
}

/* What is being done. */
typedef struct Planning {
        const Registries *registries;
        const RegistryRequest *request;
        RegistryPlan *plan;
        Fault *fault;
} Planning;

/* A host that is to be asked, and why. */
typedef struct Candidate {
        const char *name; /* of the image, there */
        bool insecure, insecure_is_given;
        bool is_mirror;
        const ConfPlace *place; /* NULL when no file speaks of it */
} Candidate;

/* What never leaves the machine needs no proof of who it is. */
static bool is_loopback(const char *host) {
        size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

        return (n == 9 && strncmp(host, "localhost", n) == 0) ||
               (n == 5 && strncmp(host, "[::1]", n) == 0) ||
               (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == n);
}

/* Who has put certificates for a host wants them to be looked at. */
static bool choose_insecure(const Planning *planning, const Candidate *candidate, const Endpoint *endpoint) {
        if (planning->request->tls != TLS_AS_CONFIGURED)
                return planning->request->tls == TLS_NEVER;
        if (candidate->insecure || candidate->insecure_is_given)
                return candidate->insecure;
        return is_loopback(endpoint->host) && !endpoint->ca;
}

static int add_credentials(const Planning *planning, const Candidate *candidate, const Reference *reference,
                Endpoint *endpoint, char **ret_source) {
        const RegistryRequest *request = planning->request;
        AuthLookup lookup = { request->authfile, planning->registries->helpers, request->note,
                request->data };
        autoauth Auth auth = {};
        int r;

        if (request->user && !candidate->is_mirror) {
                endpoint->user = strdup(request->user);
                endpoint->password = strdup(request->password ?: "");
                *ret_source = strdup("--creds");
                return endpoint->user && endpoint->password && *ret_source ? 0 : -ENOMEM;
        }
        r = auth_find(&lookup, reference->domain, reference->path, &auth, planning->fault);
        if (r <= 0)
                return r;
        endpoint->user = TAKE(auth.user);
        endpoint->password = TAKE(auth.password);
        endpoint->identity_token = TAKE(auth.identity_token);
        endpoint->registry_token = TAKE(auth.registry_token);
        *ret_source = TAKE(auth.source);
        return 0;
}

static int add_certificates(const Planning *planning, const Reference *reference, Endpoint *endpoint,
                char **ret_source) {
        const char *hosts[] = { reference->domain, endpoint->host, NULL };
        AUTO(certs_done) Certs certs = {};
        int r = certs_load(hosts, planning->request->cert_dir, &certs, planning->fault);

        if (r < 0)
                return r;
        endpoint->ca = TAKE(certs.ca);
        endpoint->certificate = TAKE(certs.certificate);
        endpoint->key = TAKE(certs.key);
        *ret_source = TAKE(certs.directory);
        return 0;
}

static int explain(const Planning *planning, const Candidate *candidate, const Endpoint *endpoint,
                const char *credentials, const char *certificates) {
        char ***why = &planning->plan->why;
        const ConfPlace *place = candidate->place;
        int r;

        r = strv_appendf(why, "%zu. %s/%s%s", planning->plan->endpoints.n, endpoint->host,
                        endpoint->repository, candidate->is_mirror ? ", a mirror" : "");
        if (r >= 0 && place)
                r = strv_appendf(why, "   from %s:%u", place->file, place->line);
        if (r >= 0)
                r = strv_appendf(why, "   credentials: %s", credentials ?: "none");
        if (r >= 0 && certificates)
                r = strv_appendf(why, "   certificates: %s%s", certificates,
                                endpoint->certificate ? ", and one to show" : "");
        if (r >= 0 && endpoint->insecure)
                r = strv_appendf(why, "   insecure: HTTP will do, and any certificate");
        return r;
}

/* The name over there: what a file has put in the place of a prefix need not be a host. */
static int parse_candidate(const Planning *planning, const Candidate *candidate, Reference *ret) {
        const Reference *wanted = &planning->plan->reference;
        AUTO(reference_done) Reference reference = {};
        int r = reference_parse(candidate->name, &reference, planning->fault);

        if (r < 0)
                return r;
        if (strncmp(candidate->name, reference.domain, strlen(reference.domain)) != 0 ||
                        candidate->name[strlen(reference.domain)] != '/')
                return fault_raise(planning->fault, FAULT_VALUE, EINVAL,
                                "'%.200s' does not begin with a host, which has a dot or a port",
                                candidate->name);
        if (digest_is_set(&wanted->digest) ? !digest_equal(&reference.digest, &wanted->digest)
                                           : digest_is_set(&reference.digest) ||
                                                             strcmp(reference.tag, wanted->tag) != 0)
                return fault_raise(planning->fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "'%.200s' is to take the place of another tag or digest", candidate->name);
        *ret = reference;
        reference = (Reference){};
        return 0;
}

static int add_candidate(const Planning *planning, const Candidate *candidate) {
        AUTO(reference_done) Reference reference = {};
        autofree char *credentials = NULL, *certificates = NULL;
        Endpoint *endpoint;
        int r;

        if (candidate->place)
                fault_locate(planning->fault, &(Place){ .path = candidate->place->file,
                                                              .line = candidate->place->line,
                                                              .key = "location" });
        r = parse_candidate(planning, candidate, &reference);
        if (r < 0)
                return r;
        fault_locate(planning->fault, &(Place){});

        endpoint = endpoints_add(&planning->plan->endpoints);
        if (!endpoint)
                return -ENOMEM;
        endpoint->is_mirror = candidate->is_mirror;
        endpoint->host = strdup(strcmp(reference.domain, DOCKER) == 0 ? DOCKER_API : reference.domain);
        endpoint->repository = TAKE(reference.path);
        if (!endpoint->host || !endpoint->repository)
                return -ENOMEM;
        reference.path = strdup(endpoint->repository);
        if (!reference.path)
                return -ENOMEM;

        r = add_certificates(planning, &reference, endpoint, &certificates);
        if (r >= 0)
                r = add_credentials(planning, candidate, &reference, endpoint, &credentials);
        if (r < 0)
                return r;
        endpoint->insecure = choose_insecure(planning, candidate, endpoint);
        return explain(planning, candidate, endpoint, credentials, certificates);
}

static int add_rewritten(
                const Planning *planning, const char *location, size_t length, Candidate candidate) {
        autofree char *name = NULL;

        if (asprintf(&name, "%s%s", location, planning->plan->both + length) < 0) {
                name = NULL;
                return -ENOMEM;
        }
        candidate.name = name;
        return add_candidate(planning, &candidate);
}

static bool is_usable(const Registry *registry, const Mirror *mirror, const Reference *reference) {
        bool has_digest = digest_is_set(&reference->digest);

        if (registry->mirror_by_digest_only || mirror->use == MIRROR_DIGEST_ONLY)
                return has_digest;
        return mirror->use == MIRROR_ALL || !has_digest;
}

/* Mirrors in their order, then the registry itself. */
static int add_all(const Planning *planning) {
        const RegistryPlan *plan = planning->plan;
        Candidate primary = { .name = plan->both };
        size_t length = 0;
        const Registry *registry = registries_find(planning->registries, plan->both, &length);
        int r = 0;

        if (!registry)
                return add_candidate(planning, &primary);
        if (registry->blocked) {
                fault_locate(planning->fault, &(Place){ .path = registry->place.file,
                                                              .line = registry->place.line,
                                                              .key = "blocked" });
                return fault_raise(planning->fault, FAULT_VALUE, EPERM,
                                "'%.200s' is not to be pulled: prefix '%.200s' is blocked", plan->both,
                                registry->prefix);
        }

        for (size_t i = 0; i < registry->n_mirrors && r >= 0; i++) {
                const Mirror *mirror = &registry->mirrors[i];

                if (is_usable(registry, mirror, &plan->reference))
                        r = add_rewritten(planning, mirror->location, length,
                                        (Candidate){ .insecure = mirror->insecure,
                                                        .insecure_is_given = mirror->insecure_is_given,
                                                        .is_mirror = true,
                                                        .place = &mirror->place });
        }
        if (r < 0)
                return r;
        primary.insecure = registry->insecure;
        primary.insecure_is_given = registry->insecure_is_given;
        primary.place = &registry->place;
        return registry->location ? add_rewritten(planning, registry->location, length, primary)
                                  : add_candidate(planning, &primary);
}

/* As curl(1) knows them: in lower case. */
static int add_proxies(RegistryPlan *plan) {
        static const char *const names[] = { "http_proxy", "https_proxy", "all_proxy", "no_proxy" };

        for (size_t i = 0; i < ELEMENTS(names); i++) {
                const char *value = getenv(names[i]);
                char upper[16] = "";
                int r;

                for (size_t j = 0; names[i][j]; j++)
                        upper[j] = (char) toupper((unsigned char) names[i][j]);
                if (!value || !*value)
                        value = getenv(upper);
                if (!value || !*value)
                        continue;
                r = strv_appendf(&plan->endpoints.proxies, "%s=%s", names[i], value);
                if (r >= 0)
                        r = strv_appendf(&plan->why, "%s is set in the environment", names[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int name_it(const Planning *planning) {
        RegistryPlan *plan = planning->plan;
        autofree char *text = NULL, *why = NULL;
        const Reference *reference = &plan->reference;
        bool has_digest;
        int r = short_name_resolve(
                        planning->registries, planning->request->text, &text, &why, planning->fault);

        if (r < 0)
                return r;
        if ((r = reference_parse(text, &plan->reference, planning->fault)) < 0 ||
                        (r = reference_normalise(text, &plan->name, planning->fault)) < 0)
                return r;
        has_digest = digest_is_set(&reference->digest);
        if (asprintf(&plan->both, "%s/%s%s%s%s%s", reference->domain, reference->path,
                            reference->tag ? ":" : "", reference->tag ?: "", has_digest ? "@sha256:" : "",
                            reference->digest.hex) < 0) {
                plan->both = NULL;
                return -ENOMEM;
        }
        plan->endpoints.reference = strdup(plan->name);
        if (has_digest && asprintf(&plan->endpoints.tag, "sha256:%s", reference->digest.hex) < 0)
                plan->endpoints.tag = NULL;
        else if (!has_digest)
                plan->endpoints.tag = strdup(reference->tag);
        if (!plan->endpoints.reference || !plan->endpoints.tag)
                return -ENOMEM;
        r = strv_appendf(&plan->why, "%s", plan->both);
        if (r >= 0 && why)
                r = strv_appendf(&plan->why, "   '%s' is this: %s", planning->request->text, why);
        return r;
}

int registry_plan(const Registries *registries, const RegistryRequest *request, RegistryPlan *ret,
                Fault *fault) {
        AUTO(registry_plan_done) RegistryPlan plan = {};
        Planning planning = { registries, request, &plan, fault };
        int r;

        if ((r = name_it(&planning)) < 0 || (r = add_all(&planning)) < 0 || (r = add_proxies(&plan)) < 0)
                return r;
        *ret = plan;
        plan = (RegistryPlan){};
        return 0;
}
