/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <arpa/inet.h> /* before those of the kernel */
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/net/docker-rules.h"
#include "tests/suite.h"

/* --- messages --- */

static struct nl_msg *message_of(int family) {
        struct nfgenmsg header = { .nfgen_family = (uint8_t) family };
        struct nl_msg *message = nlmsg_alloc_simple(0, 0);

        ck_assert_ptr_nonnull(message);
        ck_assert_int_eq(nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO), 0);
        return message;
}

static void put_number(struct nl_msg *message, int type, uint32_t number) {
        ck_assert_int_eq(nla_put_u32(message, type, htonl(number)), 0);
}

static struct nl_msg *chain_of(const char *type, uint32_t policy) {
        struct nl_msg *message = message_of(NFPROTO_IPV4);
        struct nlattr *hook;

        nla_put_string(message, NFTA_CHAIN_TABLE, "filter");
        nla_put_string(message, NFTA_CHAIN_NAME, "FORWARD");
        nla_put_string(message, NFTA_CHAIN_TYPE, type);
        put_number(message, NFTA_CHAIN_USE, 7);
        put_number(message, NFTA_CHAIN_POLICY, policy);
        hook = nla_nest_start(message, NFTA_CHAIN_HOOK);
        put_number(message, NFTA_HOOK_HOOKNUM, NF_INET_FORWARD);
        nla_nest_end(message, hook);
        return message;
}

START_TEST(a_chain_is_read)
{
        struct nl_msg *message = chain_of("filter", NF_DROP);
        ChainMessage chain;

        ck_assert_int_eq(chain_message_read(nlmsg_hdr(message), &chain), 0);
        ck_assert_int_eq(chain.family, NFPROTO_IPV4);
        ck_assert_str_eq(chain.table, "filter");
        ck_assert_str_eq(chain.name, "FORWARD");
        ck_assert(chain.filters && chain.drops);
        ck_assert_uint_eq(chain.hook, NF_INET_FORWARD);
        ck_assert_uint_eq(chain.use, 7);
        nlmsg_free(message);

        message = chain_of("nat", NF_ACCEPT);
        ck_assert_int_eq(chain_message_read(nlmsg_hdr(message), &chain), 0);
        ck_assert(!chain.filters && !chain.drops);
        nlmsg_free(message);

        message = message_of(NFPROTO_INET);
        ck_assert_int_eq(chain_message_read(nlmsg_hdr(message), &chain), -EBADMSG);
        nlmsg_hdr(message)->nlmsg_len = NLMSG_HDRLEN;
        ck_assert_int_eq(chain_message_read(nlmsg_hdr(message), &chain), -EBADMSG);
        nlmsg_free(message);
}
END_TEST

typedef struct Expression {
        const char *name;
        int verdict; /* of an immediate */
        const char *text;
} Expression;

static void put_expression(struct nl_msg *message, const Expression *expression) {
        struct nlattr *element = nla_nest_start(message, NFTA_LIST_ELEM), *data, *value, *verdict;

        nla_put_string(message, NFTA_EXPR_NAME, expression->name);
        data = nla_nest_start(message, NFTA_EXPR_DATA);
        if (strcmp(expression->name, "immediate") == 0) {
                put_number(message, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
                value = nla_nest_start(message, NFTA_IMMEDIATE_DATA);
                verdict = nla_nest_start(message, NFTA_DATA_VERDICT);
                put_number(message, NFTA_VERDICT_CODE, (uint32_t) expression->verdict);
                if (expression->text)
                        nla_put_string(message, NFTA_VERDICT_CHAIN, expression->text);
                nla_nest_end(message, verdict);
                nla_nest_end(message, value);
        } else if (strcmp(expression->name, "target") == 0)
                nla_put_string(message, NFTA_TARGET_NAME, expression->text);
        else if (strcmp(expression->name, "lookup") == 0)
                put_number(message, NFTA_LOOKUP_DREG, NFT_REG_VERDICT);
        nla_nest_end(message, data);
        nla_nest_end(message, element);
}

static const struct {
        Expression expressions[3];
        RuleEnd end;
        const char *target;
} rules[] = {
        { { { "counter", 0, NULL }, { "immediate", NFT_RETURN, NULL } }, RULE_RETURNS, "" },
        { { { "counter", 0, NULL }, { "immediate", NFT_JUMP, "DOCKER-USER" } }, RULE_JUMPS, "DOCKER-USER" },
        { { { "meta", 0, NULL }, { "cmp", 0, NULL }, { "immediate", NFT_GOTO, "x" } }, RULE_JUMPS, "x" },
        { { { "meta", 0, NULL }, { "cmp", 0, NULL }, { "immediate", NF_DROP, NULL } }, RULE_REFUSES, "" },
        { { { "match", 0, NULL }, { "immediate", NF_ACCEPT, NULL } }, RULE_ACCEPTS, "" },
        { { { "target", 0, "REJECT" } }, RULE_REFUSES, "" },
        { { { "target", 0, "LOG" } }, RULE_GOES_ON, "" },
        { { { "reject", 0, NULL } }, RULE_REFUSES, "" },
        { { { "ct", 0, NULL }, { "lookup", 0, NULL } }, RULE_REFUSES, "" },
        { { { "counter", 0, NULL } }, RULE_GOES_ON, "" },
};

START_TEST(a_rule_is_read)
{
        struct nl_msg *message = message_of(NFPROTO_IPV6);
        uint64_t handle = htobe64(0x100000002);
        struct nlattr *list;
        RuleMessage rule;

        nla_put_string(message, NFTA_RULE_TABLE, "filter");
        nla_put_string(message, NFTA_RULE_CHAIN, "FORWARD");
        nla_put(message, NFTA_RULE_HANDLE, sizeof(handle), &handle);
        list = nla_nest_start(message, NFTA_RULE_EXPRESSIONS);
        for (size_t i = 0; i < 3 && rules[_i].expressions[i].name; i++)
                put_expression(message, &rules[_i].expressions[i]);
        nla_nest_end(message, list);
        ck_assert_int_eq(rule_message_read(nlmsg_hdr(message), &rule), 0);
        ck_assert_int_eq(rule.family, NFPROTO_IPV6);
        ck_assert_str_eq(rule.chain, "FORWARD");
        ck_assert_uint_eq(rule.handle, 0x100000002);
        ck_assert_int_eq(rule.end, rules[_i].end);
        ck_assert_str_eq(rule.target, rules[_i].target);
        nlmsg_free(message);
}
END_TEST

/* --- whose rules decide --- */

static ForeignChains chains;

static void setup(void) {
        chains = (ForeignChains){};
}

static void base(int family, const char *table, const char *name, bool drops, uint32_t use) {
        ChainMessage chain = { .family = family, .filters = true, .drops = drops, .use = use };

        (void) snprintf(chain.table, sizeof(chain.table), "%s", table);
        (void) snprintf(chain.name, sizeof(chain.name), "%s", name);
        chain.hook = strcasestr(name, "input") ? NF_INET_LOCAL_IN : NF_INET_FORWARD;
        foreign_chains_take_chain(&chains, &chain);
}

static void regular(const char *name, uint32_t use) {
        ChainMessage chain = { .family = NFPROTO_IPV4, .table = "filter", .use = use };

        (void) snprintf(chain.name, sizeof(chain.name), "%s", name);
        foreign_chains_take_chain(&chains, &chain);
}

static void rule(const char *chain, RuleEnd end, const char *target, uint64_t handle) {
        RuleMessage message = { .family = NFPROTO_IPV4, .table = "filter", .end = end, .handle = handle };

        (void) snprintf(message.chain, sizeof(message.chain), "%s", chain);
        (void) snprintf(message.target, sizeof(message.target), "%s", target);
        foreign_chains_take_rule(&chains, &message);
}

static const char *guards(void) {
        static char text[4];

        foreign_chains_conclude(&chains);
        (void) snprintf(text, sizeof(text), "%s%s", foreign_chains_guard(&chains, FOREIGN_IPV4) ? "4" : "",
                        foreign_chains_guard(&chains, FOREIGN_IPV6) ? "6" : "");
        return text;
}

START_TEST(input_chains_decide_where_there_are_no_forward_chains)
{
        base(NFPROTO_INET, "admin", "input", true, 0);
        ck_assert_str_eq(guards(), "46");
        base(NFPROTO_IPV6, "admin", "forward", false, 0);
        ck_assert_str_eq(guards(), "46");
        base(NFPROTO_IPV6, "admin", "forward", false, 1);
        ck_assert_str_eq(guards(), "4");
        base(NFPROTO_IPV4, "filter", "FORWARD", true, 0);
        ck_assert_str_eq(guards(), "");
}
END_TEST

START_TEST(chains_of_ours_and_of_engines_say_nothing)
{
        static const char *const targets[] = { "DOCKER-USER", "DOCKER-FORWARD", "NETAVARK_FORWARD",
                "CNI-FORWARD", "KUBE-FORWARD", "LIBVIRT_FWO", "SLIPWAY" };

        base(NFPROTO_INET, "slipway", "forward", false, 9);
        base(NFPROTO_INET, "netavark", "INPUT", true, 9);
        base(NFPROTO_IPV4, "docker-bridges", "filter-FORWARD", true, 9);
        ck_assert_str_eq(guards(), "");
        base(NFPROTO_INET, "admin", "input", true, 0);
        base(NFPROTO_IPV4, "filter", "FORWARD", false, 7);
        for (size_t i = 0; i < ELEMENTS(targets); i++)
                rule("FORWARD", RULE_JUMPS, targets[i], 1);
        rule("FORWARD", RULE_ACCEPTS, "", 2);
        ck_assert_str_eq(guards(), "46");
        rule("FORWARD", RULE_JUMPS, "mine", 3);
        ck_assert_str_eq(guards(), "6");
}
END_TEST

START_TEST(ports_of_firewalld_are_those_of_its_input_chains)
{
        base(NFPROTO_INET, "firewalld", "filter_INPUT", false, 9);
        base(NFPROTO_INET, "firewalld", "filter_FORWARD", false, 9);
        ck_assert_str_eq(guards(), "46");
        base(NFPROTO_INET, "admin", "forward", true, 9);
        ck_assert_str_eq(guards(), "46");
}
END_TEST

START_TEST(ports_of_ufw_are_those_of_its_input_chains_while_it_is_enabled)
{
        base(NFPROTO_IPV4, "filter", "INPUT", true, 1);
        base(NFPROTO_IPV4, "filter", "FORWARD", true, 1);
        regular("ufw-before-input", 8);
        rule("INPUT", RULE_JUMPS, "ufw-before-input", 1);
        rule("FORWARD", RULE_JUMPS, "ufw-before-forward", 1);
        ck_assert_str_eq(guards(), "4");

        setup();
        base(NFPROTO_IPV4, "filter", "INPUT", false, 1);
        base(NFPROTO_IPV4, "filter", "FORWARD", false, 1);
        regular("ufw-before-input", 1);
        rule("INPUT", RULE_JUMPS, "ufw-before-input", 1);
        rule("FORWARD", RULE_JUMPS, "ufw-before-forward", 1);
        ck_assert_str_eq(guards(), "");
}
END_TEST

/* --- Docker --- */

static const char *text_of(bool needed) {
        static char *text;
        Network network = { .driver = DRIVER_BRIDGE, .interface = "sw-test" };
        size_t size;
        FILE *file;

        free(text);
        file = open_memstream(&text, &size);
        ck_assert_ptr_nonnull(file);
        docker_rules_remove(file, &chains, needed);
        docker_rules_begin(file, &chains);
        docker_rules_add(file, &chains, &network);
        network.driver = DRIVER_MACVLAN;
        docker_rules_add(file, &chains, &network);
        (void) fclose(file);
        return text;
}

static void docker(bool drops) {
        base(NFPROTO_IPV4, "filter", "FORWARD", drops, 3);
        regular("DOCKER-USER", 2);
        regular("DOCKER", 1);
        regular("DOCKER-ISOLATION-STAGE-2", 1);
        rule("FORWARD", RULE_JUMPS, "DOCKER-USER", 1);
}

#define MADE                            \
        "add chain ip filter SLIPWAY\n" \
        "flush chain ip filter SLIPWAY\n"
#define LED                                                                                             \
        "add rule ip filter FORWARD counter jump SLIPWAY comment \"slipway\"\n"                         \
        "add rule ip filter SLIPWAY oifname \"sw-test\" counter accept comment \"slipway\"\n"           \
        "add rule ip filter SLIPWAY iifname \"sw-test\" counter jump DOCKER-ISOLATION-STAGE-2 comment " \
        "\"slipway\"\n"                                                                                 \
        "add rule ip filter SLIPWAY iifname \"sw-test\" counter accept comment \"slipway\"\n"

START_TEST(what_docker_drops_is_accepted_in_the_place_of_its_policy)
{
        docker(true);
        ck_assert_str_eq(guards(), "");
        ck_assert(docker_rules_are_missing(&chains));
        ck_assert_str_eq(text_of(true), MADE LED);
}
END_TEST

START_TEST(rules_that_are_there_are_put_behind_those_that_came_since)
{
        docker(true);
        regular("SLIPWAY", 1);
        ck_assert(docker_rules_are_missing(&chains));
        rule("FORWARD", RULE_JUMPS, "SLIPWAY", 5);
        rule("FORWARD", RULE_REFUSES, "", 6);
        ck_assert(!docker_rules_are_missing(&chains));
        ck_assert_str_eq(text_of(true), MADE "delete rule ip filter FORWARD handle 5\n" LED);
}
END_TEST

START_TEST(where_nobody_drops_or_ufw_there_is_no_rule)
{
        docker(false);
        ck_assert_str_eq(guards(), "");
        ck_assert(!docker_rules_are_missing(&chains));
        ck_assert_str_eq(text_of(true), "");

        setup();
        docker(true);
        regular("ufw-before-input", 2);
        ck_assert_str_eq(guards(), "");
        ck_assert(!docker_rules_are_missing(&chains));
        ck_assert_str_eq(text_of(true), "");
        regular("SLIPWAY", 1);
        rule("FORWARD", RULE_JUMPS, "SLIPWAY", 5);
        ck_assert_str_eq(text_of(true), "delete rule ip filter FORWARD handle 5\n"
                                        "flush chain ip filter SLIPWAY\ndelete chain ip filter SLIPWAY\n");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("foreign-chains");
        TCase *tc = tcase_create("messages");

        tcase_add_test(tc, a_chain_is_read);
        tcase_add_loop_test(tc, a_rule_is_read, 0, ELEMENTS(rules));
        suite_add_tcase(suite, tc);

        tc = tcase_create("judgement");
        tcase_add_checked_fixture(tc, setup, NULL);
        tcase_add_test(tc, input_chains_decide_where_there_are_no_forward_chains);
        tcase_add_test(tc, chains_of_ours_and_of_engines_say_nothing);
        tcase_add_test(tc, ports_of_firewalld_are_those_of_its_input_chains);
        tcase_add_test(tc, ports_of_ufw_are_those_of_its_input_chains_while_it_is_enabled);
        suite_add_tcase(suite, tc);

        tc = tcase_create("docker");
        tcase_add_checked_fixture(tc, setup, NULL);
        tcase_add_test(tc, what_docker_drops_is_accepted_in_the_place_of_its_policy);
        tcase_add_test(tc, rules_that_are_there_are_put_behind_those_that_came_since);
        tcase_add_test(tc, where_nobody_drops_or_ufw_there_is_no_rule);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
