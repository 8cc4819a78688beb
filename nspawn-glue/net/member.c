/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/member.h"

#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/request.h"

void attachment_done(Attachment *attachment) {
        strv_free(attachment->names);
        strv_free(attachment->servers);
        strv_free(attachment->searches);
        strv_free(attachment->options);
        attachment->names = attachment->servers = attachment->searches = attachment->options = NULL;
}

void member_done(Member *member) {
        for (size_t i = 0; i < member->n_attachments; i++)
                attachment_done(&member->attachments[i]);
        free(member->attachments);
        free(member->ports);
        *member = (Member){};
}

int member_add_attachment(Member *member, Attachment *attachment) {
        Attachment *grown = reallocarray(
                        member->attachments, member->n_attachments + 1, sizeof(member->attachments[0]));

        if (!grown) {
                attachment_done(attachment);
                return -ENOMEM;
        }
        member->attachments = grown;
        grown[member->n_attachments++] = *attachment;
        *attachment = (Attachment){};
        return 0;
}

int member_add_port(Member *member, const MemberPort *port) {
        MemberPort *grown = reallocarray(member->ports, member->n_ports + 1, sizeof(member->ports[0]));

        if (!grown)
                return -ENOMEM;
        member->ports = grown;
        grown[member->n_ports++] = *port;
        return 0;
}

bool member_is_late(const Member *member) {
        for (size_t i = 0; i < member->n_attachments; i++)
                if (network_is_cni(member->attachments[i].network))
                        return true;
        return false;
}

const Address *member_address(const Member *member, int family) {
        for (size_t i = 0; i < member->n_attachments; i++) {
                const Attachment *attachment = &member->attachments[i];

                for (size_t k = 0; k < attachment->n_prefixes; k++)
                        if (family == AF_UNSPEC || attachment->prefixes[k].address.family == family)
                                return &attachment->prefixes[k].address;
        }
        return NULL;
}

/* What only one of CNI has. */
static void add_cni(json_t *object, const Attachment *attachment) {
        json_t *wanted = json_array();
        char text[ADDRESS_TEXT_MAX];

        for (size_t i = 0; i < ELEMENTS(attachment->wanted); i++)
                if (address_is_set(&attachment->wanted[i]))
                        (void) json_array_append_new(
                                        wanted, json_string(address_format(&attachment->wanted[i], text)));
        (void) json_object_set_new(object, "wanted", wanted);
        (void) json_object_set_new(object, "maps_ports", json_boolean(attachment->maps_ports));
        (void) json_object_set_new(object, "servers", net_strings_to_json(attachment->servers));
        (void) json_object_set_new(object, "searches", net_strings_to_json(attachment->searches));
        (void) json_object_set_new(object, "options", net_strings_to_json(attachment->options));
}

static json_t *attachment_to_json(const Attachment *attachment) {
        json_t *addresses = json_array(), *object;
        char text[ADDRESS_TEXT_MAX], mac[MAC_TEXT_MAX];

        for (size_t i = 0; i < attachment->n_prefixes; i++)
                (void) json_array_append_new(
                                addresses, json_string(prefix_format(&attachment->prefixes[i], text)));
        object = json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:b}", "network", attachment->network,
                        "interface", attachment->interface, "mac", mac_format(attachment->mac, mac),
                        "addresses", addresses, "names", net_strings_to_json(attachment->names), "metric",
                        (json_int_t) attachment->metric, "default_route", !attachment->no_default_route);
        if (object && network_is_cni(attachment->network))
                add_cni(object, attachment);
        return object;
}

static json_t *port_to_json(const MemberPort *port) {
        char text[ADDRESS_TEXT_MAX];

        return json_pack("{s:s, s:s, s:I, s:I, s:I}", "protocol", port->protocol, "address",
                        address_format(&port->address, text), "host", (json_int_t) port->host, "container",
                        (json_int_t) port->container, "count", (json_int_t) port->count);
}

json_t *member_to_json(const Member *member) {
        json_t *attachments = json_array(), *ports = json_array(), *object;

        for (size_t i = 0; i < member->n_attachments; i++)
                (void) json_array_append_new(attachments, attachment_to_json(&member->attachments[i]));
        for (size_t i = 0; i < member->n_ports; i++)
                (void) json_array_append_new(ports, port_to_json(&member->ports[i]));
        object = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "owner", member->owner, "kind",
                        member->is_pod ? "pod" : "container", "unit", member->unit, "hosts", member->view,
                        "networks", attachments, "ports", ports);
        if (object && member->is_proxied)
                (void) json_object_set_new(object, "proxied", json_true());
        return object;
}

int member_write(const Member *member) {
        json_t *document = member_to_json(member);
        int r = document ? net_write(NET_MEMBERS, member->owner, document) : -ENOMEM;

        json_decref(document);
        return r;
}

static void read_wanted(const json_t *list, Attachment *attachment) {
        json_t *item;
        Address address;
        size_t i;

        json_array_foreach(list, i, item) if (json_is_string(item) &&
                                              address_parse(json_string_value(item), &address) >= 0)
                        attachment->wanted[address.family == AF_INET6] = address;
}

static int read_lists(const json_t *entry, Attachment *attachment) {
        int r = net_strings(entry, "names", &attachment->names);

        if (r >= 0)
                r = net_strings(entry, "servers", &attachment->servers);
        if (r >= 0)
                r = net_strings(entry, "searches", &attachment->searches);
        return r < 0 ? r : net_strings(entry, "options", &attachment->options);
}

static int read_attachment(const json_t *entry, Member *member) {
        Attachment attachment = {
                .metric = (uint32_t) net_number(entry, "metric"),
                .no_default_route = !net_flag(entry, "default_route"),
                .maps_ports = net_flag(entry, "maps_ports"),
        };
        json_t *item;
        size_t i;

        (void) snprintf(attachment.network, sizeof(attachment.network), "%s", net_string(entry, "network"));
        (void) snprintf(attachment.interface, sizeof(attachment.interface), "%s",
                        net_string(entry, "interface"));
        (void) mac_parse(net_string(entry, "mac"), attachment.mac);
        json_array_foreach(json_object_get(entry, "addresses"), i,
                        item) if (attachment.n_prefixes < ATTACHMENT_PREFIXES_MAX && json_is_string(item) &&
                                  prefix_parse(json_string_value(item),
                                                  &attachment.prefixes[attachment.n_prefixes]) >= 0)
                        attachment.n_prefixes++;
        read_wanted(json_object_get(entry, "wanted"), &attachment);
        if (read_lists(entry, &attachment) < 0) {
                attachment_done(&attachment);
                return -ENOMEM;
        }
        return member_add_attachment(member, &attachment);
}

/* What is wrong in one of these would be a command in the text that the packet filter reads. */
static bool is_sane_port(const MemberPort *port, long long host, long long container, long long count) {
        static const char *const protocols[] = { "tcp", "udp", "sctp" };
        bool is_known = false;

        for (size_t i = 0; i < ELEMENTS(protocols); i++)
                is_known |= strcmp(port->protocol, protocols[i]) == 0;
        return is_known && host > 0 && container > 0 && count > 0 && host <= UINT16_MAX &&
               container <= UINT16_MAX && count <= UINT16_MAX && host + count <= UINT16_MAX + 1 &&
               container + count <= UINT16_MAX + 1;
}

static int read_port(const json_t *entry, Member *member) {
        long long host = net_number(entry, "host"), container = net_number(entry, "container"),
                  count = net_number(entry, "count");
        MemberPort port = {
                .host = (uint16_t) host,
                .container = (uint16_t) container,
                .count = (uint16_t) count,
        };
        const char *address = net_string(entry, "address");

        (void) snprintf(port.protocol, sizeof(port.protocol), "%s", net_string(entry, "protocol"));
        if (!is_sane_port(&port, host, container, count) ||
                        (*address && address_parse(address, &port.address) < 0))
                return -EBADMSG;
        return member_add_port(member, &port);
}

static int read_fields(const json_t *document, const char *owner, Member *member) {
        json_t *entry;
        size_t i;
        int r = 0;

        if (strlen(owner) >= sizeof(member->owner) || strcmp(net_string(document, "owner"), owner) != 0)
                return -EBADMSG;
        (void) strcpy(member->owner, owner);
        (void) snprintf(member->unit, sizeof(member->unit), "%s", net_string(document, "unit"));
        (void) snprintf(member->view, sizeof(member->view), "%s", net_string(document, "hosts"));
        member->is_pod = strcmp(net_string(document, "kind"), "pod") == 0;
        member->is_proxied = net_flag(document, "proxied");
        json_array_foreach(json_object_get(document, "networks"), i, entry) if (r >= 0) r =
                        read_attachment(entry, member);
        json_array_foreach(json_object_get(document, "ports"), i, entry) if (r >= 0) r =
                        read_port(entry, member);
        return r;
}

int member_from_json(const json_t *document, const char *owner, Member *ret) {
        AUTO(member_done) Member member = {};
        int r = read_fields(document, owner, &member);

        if (r < 0)
                return r;
        *ret = member;
        member = (Member){};
        return 0;
}

int member_read(const char *owner, Member *ret) {
        json_t *document = NULL;
        int r;

        if (!network_name_is_valid(owner))
                return -ENOENT;
        r = net_read(NET_MEMBERS, owner, &document);
        if (r >= 0)
                r = member_from_json(document, owner, ret);
        json_decref(document);
        return r;
}

int member_list(char ***ret) {
        return net_list(NET_MEMBERS, ret);
}

int member_visit(MemberVisit *visit, void *data) {
        autostrv char **owners = NULL;
        int r;

        r = member_list(&owners);
        for (char **owner = owners; owner && *owner && r >= 0; owner++) {
                AUTO(member_done) Member member = {};

                /* Gone meanwhile, or of a version that wrote something else. */
                if (member_read(*owner, &member) < 0)
                        continue;
                r = visit(&member, data);
                if (r != 0)
                        return r;
        }
        return r;
}
