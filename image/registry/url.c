/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>

DEFINE_AUTO(CURLU *, curl_url_cleanup)
#define autourl AUTO(curl_url_cleanupp)

static void free_part(char **part) {
        curl_free(*part);
}
#define autopart AUTO(free_part)

static int wrong(const char *url, const char *why, Fault *fault) {
        return fault_raise(
                        fault, FAULT_HOSTILE, EINVAL, "'%.200s' is not an address to go to: %s", url, why);
}

/* A blank or a control character would end a line of the request. */
static bool is_printable(const char *url) {
        for (const unsigned char *c = (const unsigned char *) url; *c; c++)
                if (*c <= 0x20 || *c >= 0x7f)
                        return false;
        return true;
}

int url_parse(const char *url, char **ret_origin, char **ret_host, Fault *fault) {
        autourl CURLU *parsed = curl_url();
        autopart char *scheme = NULL, *host = NULL, *port = NULL;
        CURLUcode code;
        char *origin;

        if (!parsed)
                return -ENOMEM;
        if (!is_printable(url))
                return wrong(url, "it has characters that no address has", fault);
        code = curl_url_set(parsed, CURLUPART_URL, url, CURLU_DISALLOW_USER);
        if (code == CURLUE_USER_NOT_ALLOWED)
                return wrong(url, "there is a user name in it", fault);
        if (code != CURLUE_OK || curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
                        curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
                        curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
                return wrong(url, "it is no URL", fault);
        if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
                return wrong(url, "it is neither of https nor of http", fault);

        if (ret_origin && asprintf(&origin, "%s://%s:%s", scheme, host, port) < 0)
                return -ENOMEM;
        if (ret_host && !(*ret_host = strdup(host))) {
                if (ret_origin)
                        free(origin);
                return -ENOMEM;
        }
        if (ret_origin)
                *ret_origin = origin;
        return 0;
}

int url_resolve(const char *base, const char *location, char **ret, Fault *fault) {
        autourl CURLU *parsed = curl_url();
        autopart char *url = NULL;
        char *copy;

        if (!parsed)
                return -ENOMEM;
        if (!is_printable(location))
                return wrong(location, "it has characters that no address has", fault);
        if (curl_url_set(parsed, CURLUPART_URL, base, 0) != CURLUE_OK ||
                        curl_url_set(parsed, CURLUPART_URL, location, CURLU_DISALLOW_USER) != CURLUE_OK ||
                        curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK ||
                        curl_url_get(parsed, CURLUPART_URL, &url, 0) != CURLUE_OK)
                return wrong(location, "it is no URL", fault);
        copy = strdup(url);
        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}

bool url_is_same_origin(const char *a, const char *b) {
        autofree char *of_a = NULL, *of_b = NULL;

        return url_parse(a, &of_a, NULL, NULL) >= 0 && url_parse(b, &of_b, NULL, NULL) >= 0 &&
               strcasecmp(of_a, of_b) == 0;
}

bool host_is_same(const char *host, const char *endpoint) {
        size_t n = strlen(host);

        return strncasecmp(host, endpoint, n) == 0 && (endpoint[n] == ':' || endpoint[n] == '\0');
}

bool url_is_https(const char *url) {
        return strncasecmp(url, "https://", 8) == 0;
}

/* Reads "1.2.3.4", "[::1]", "::1", "[::1]:443"; a port is left out. Return: whether it is an address. */
static bool parse_address(const char *host, struct sockaddr_storage *ret) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *) ret;
        struct sockaddr_in *four = (struct sockaddr_in *) ret;
        char text[64];
        size_t n;

        *ret = (struct sockaddr_storage){};
        if (*host == '[')
                n = strcspn(++host, "]%");
        else
                n = strchr(host, ':') && strchr(host, ':') != strrchr(host, ':') ? strcspn(host, "%")
                                                                                 : strcspn(host, ":");
        if (n >= sizeof(text))
                return false;
        memcpy(text, host, n);
        text[n] = '\0';
        if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
                six->sin6_family = AF_INET6;
        else if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
                four->sin_family = AF_INET;
        else
                return false;
        return true;
}

/* Of host byte order; IPv4 in IPv6 counts as what it is. */
static bool is_ipv4(const struct sockaddr *address, uint32_t *ret) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *) address)->sin6_addr;
        uint32_t four;

        if (address->sa_family == AF_INET) {
                *ret = ntohl(((const struct sockaddr_in *) address)->sin_addr.s_addr);
                return true;
        }
        if (address->sa_family != AF_INET6 || !(IN6_IS_ADDR_V4MAPPED(six) || IN6_IS_ADDR_V4COMPAT(six)))
                return false;
        memcpy(&four, six->s6_addr + 12, sizeof(four));
        *ret = ntohl(four);
        return true;
}

bool address_is_loopback(const struct sockaddr *address) {
        uint32_t four;

        if (address->sa_family == AF_INET6 &&
                        IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *) address)->sin6_addr))
                return true;
        return is_ipv4(address, &four) && four >> 24 == 127;
}

bool address_is_metadata(const struct sockaddr *address) {
        /* fd00:ec2::254, where Amazon has it; 100.100.100.200 is Alibaba's, 168.63.129.16 Microsoft's. */
        static const unsigned char ec2[16] = { 0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54 };
        const struct in6_addr *six = &((const struct sockaddr_in6 *) address)->sin6_addr;
        uint32_t four;

        if (address_is_loopback(address))
                return false;
        if (is_ipv4(address, &four))
                return four >> 16 == 0xa9fe || four >> 24 == 0 || four == 0x646464c8 || four == 0xa83f8110;
        return address->sa_family == AF_INET6 &&
               (IN6_IS_ADDR_LINKLOCAL(six) || IN6_IS_ADDR_UNSPECIFIED(six) ||
                               memcmp(six, ec2, sizeof(ec2)) == 0);
}

static bool has_suffix(const char *host, size_t n, const char *suffix) {
        size_t m = strlen(suffix);

        return n >= m && strncasecmp(host + n - m, suffix, m) == 0 && (n == m || host[n - m - 1] == '.');
}

/* The length of a name without its port and the dot at its end. */
static size_t name_length(const char *host) {
        size_t n = strcspn(host, ":");

        return n > 0 && host[n - 1] == '.' ? n - 1 : n;
}

bool host_is_loopback(const char *host) {
        struct sockaddr_storage address;

        if (parse_address(host, &address))
                return address_is_loopback((struct sockaddr *) &address);
        return has_suffix(host, name_length(host), "localhost");
}

bool host_is_metadata(const char *host) {
        struct sockaddr_storage address;

        if (parse_address(host, &address))
                return address_is_metadata((struct sockaddr *) &address);
        return has_suffix(host, name_length(host), "metadata.google.internal") ||
               has_suffix(host, name_length(host), "metadata");
}

int url_escape(const char *text, char **ret) {
        static const char digits[] = "0123456789ABCDEF", plain[] = "-._~:/,";
        char *escaped = malloc(3 * strlen(text) + 1), *to = escaped;

        if (!escaped)
                return -ENOMEM;
        for (const unsigned char *c = (const unsigned char *) text; *c; c++)
                if ((*c >= '0' && *c <= '9') || ((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z') ||
                                strchr(plain, *c))
                        *to++ = (char) *c;
                else {
                        *to++ = '%';
                        *to++ = digits[*c >> 4];
                        *to++ = digits[*c & 15];
                }
        *to = '\0';
        *ret = escaped;
        return 0;
}
