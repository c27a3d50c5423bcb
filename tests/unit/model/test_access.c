/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may log in: lists, users and secrets; what the store keeps of them, and who can read that. */
#include "tests/unit/model/crash.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "changer/access.h"
#include "changer/settings/acl.h"

#define SECRET "a secret of alice"
#define OTHER "another secret of alice"

static const struct sockaddr *
address(const char *text)
{
	static struct sockaddr_storage ss;
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	memset(&ss, 0, sizeof(ss));
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		memcpy(&ss, &in, sizeof(in));
	else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
		memcpy(&ss, &in6, sizeof(in6));
	else
		fail_msg("%s is no address", text);
	return (const struct sockaddr *)&ss;
}

/* ---- lists ----------------------------------------------------------------------------------- */

typedef bool list_check(const char *text, char *canonical);

static void
takes_as(list_check *check, const char *text, const char *as)
{
	char canonical[JB_TEXT_MAX];

	if (!check(text, canonical))
		fail_msg("\"%s\" is refused", text);
	assert_string_equal(canonical, as);
}

static void
refuses(list_check *check, const char *const *texts)
{
	char canonical[JB_TEXT_MAX];

	for (; *texts != NULL; texts++)
		if (check(*texts, canonical))
			fail_msg("\"%s\" is taken", *texts);
}

static void
lists_of_networks(void **state)
{
	static const char *const bad[] = {"x", "10.0.0", "10.0.0.256", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/008000", "::1/129", "[::1]", "/8",
		"10.0.0.0/8/8", "10.0.0.1 x", "fe80::1%lo", "localhost", NULL};

	takes_as(acl_check_networks, "10.0.0.1", "10.0.0.1");
	takes_as(acl_check_networks, " 10.1.2.3/8,\n\t2001:DB8:0::1/32 ",
		"10.0.0.0/8\n2001:db8::/32");
	takes_as(acl_check_networks, "10.255.255.255/31", "10.255.255.254/31");
	takes_as(acl_check_networks, "1.2.3.4/0 ::/0 ::1/128", "0.0.0.0/0\n::/0\n::1");
	takes_as(acl_check_networks, " , ", "");
	refuses(acl_check_networks, bad);
}

static void
addresses_in_networks(void **state)
{
	static const struct {
		const char *list, *address;
		bool in;
	} rows[] = {
		{"", "10.0.0.1", false},
		{"10.0.0.1", "10.0.0.1", true},
		{"10.0.0.1", "10.0.0.2", false},
		{"10.0.0.0/8", "10.255.0.1", true},
		{"10.0.0.0/8", "11.0.0.0", false},
		{"192.168.1.128/25", "192.168.1.127", false},
		{"192.168.1.128/25", "192.168.1.128", true},
		{"10.0.0.254/31", "10.0.0.255", true},
		{"10.0.0.254/31", "10.0.1.0", false},
		{"0.0.0.0/0", "1.2.3.4", true},
		{"0.0.0.0/0", "::1", false},
		{"::/0", "1.2.3.4", false},
		{"::/0", "fe80::1", true},
		{"2001:db8::/33", "2001:db8:7fff::1", true},
		{"2001:db8::/33", "2001:db8:8000::1", false},
		{"127.0.0.2\n::1\n10.0.0.0/8", "::1", true},
		{"127.0.0.2\n::1\n10.0.0.0/8", "10.9.9.9", true},
		{"127.0.0.2\n::1\n10.0.0.0/8", "127.0.0.1", false},
	};
	struct sockaddr local = {.sa_family = AF_UNIX};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (acl_has_address(rows[i].list, address(rows[i].address)) != rows[i].in)
			fail_msg("%s in %s", rows[i].address, rows[i].list);
	assert_false(acl_has_address("0.0.0.0/0", &local));
	assert_true(acl_is_loopback(address("127.9.9.9")));
	assert_true(acl_is_loopback(address("::1")));
	assert_false(acl_is_loopback(address("::2")));
	assert_false(acl_is_loopback(address("128.0.0.1")));
}

static void
lists_of_initiators(void **state)
{
	static const char *const bad[] = {"host", "iqn.a/b", "iqn.[ab]", "iqn.\\*", "iqn.a\x7f",
		"iqn.\xc3\xa4", "iqn.a host", NULL};
	char longest[300] = "iqn.";

	takes_as(acl_check_initiators, "IQN.2026-01.org.example:A, eui.0123 naa.5",
		"iqn.2026-01.org.example:a\neui.0123\nnaa.5");
	takes_as(acl_check_initiators, "*:host\n?qn.*", "*:host\n?qn.*");
	refuses(acl_check_initiators, bad);
	memset(longest + 4, 'a', 219);
	takes_as(acl_check_initiators, longest, longest);
	longest[223] = 'a';
	assert_false(acl_check_initiators(longest, (char[JB_TEXT_MAX]){0}));
	assert_true(acl_has_name("iqn.a\niqn.b:*", "iqn.b:host"));
	assert_true(acl_has_name("iqn.a\niqn.b:*", "IQN.A"));
	assert_false(acl_has_name("iqn.a\niqn.b:*", "iqn.ab"));
	assert_false(acl_has_name("iqn.a?", "iqn.a"));
	assert_true(acl_has_name("iqn.a?", "iqn.ab"));
	assert_false(acl_has_name("", "iqn.a"));
	/* Many stars do not take exponential time. */
	memset(longest, 'a', 222);
	longest[222] = '\0';
	assert_false(acl_has_name("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", longest));
}

static void
lists_of_portals(void **state)
{
	static const char *const bad[] = {"", " ", "x", "host:3260", "10.0.0.1:", "10.0.0.1:65536",
		"10.0.0.1:-1", "10.0.0.1:3260:1", "::1", "::1:3260", "[::1", "[::1]x", "[]:3260",
		"[10.0.0.1]:3260", "[localhost]", ":3260", "1 2 3 4",
		"127.0.0.1:1 127.0.0.1:2 127.0.0.1:3 127.0.0.1:4 127.0.0.1:5 127.0.0.1:6 "
		"127.0.0.1:7 127.0.0.1:8 127.0.0.1:9 127.0.0.1:10 127.0.0.1:11 127.0.0.1:12 "
		"127.0.0.1:13 127.0.0.1:14 127.0.0.1:15 127.0.0.1:16 127.0.0.1:17",
		NULL};

	takes_as(acl_check_portals, "127.0.0.1 10.0.0.1:3260,[::1]:0 [fe80::1%eth0]:1 localhost:99",
		"127.0.0.1\n10.0.0.1:3260\n[::1]:0\n[fe80::1%eth0]:1\nlocalhost:99");
	refuses(acl_check_portals, bad);
}

static void
too_long_lists_are_refused(void **state)
{
	char text[3 * JB_TEXT_MAX] = "", canonical[JB_TEXT_MAX];

	while (strlen(text) < 2 * JB_TEXT_MAX)
		strcat(text, "10.0.0.1 ");
	assert_false(acl_check_networks(text, canonical));
	memset(text, '1', 300);
	text[300] = '\0';
	assert_false(acl_check_networks(text, canonical));
	assert_false(acl_check_initiators(text, canonical));
}

/* ---- who may log in -------------------------------------------------------------------------- */

static void
set(struct fixture *fx, enum jb_setting s, const char *value)
{
	assert_ok(jb_setting_set(fx->jb, s, 0, value));
}

static void
admission(void **state)
{
	struct fixture *fx = *state;

	/* The default: everybody on this machine. */
	assert_ok(jb_access_admits(fx->jb, NULL, address("127.0.0.1")));
	assert_ok(jb_access_admits(fx->jb, "iqn.a", address("::1")));
	assert_err(jb_access_admits(fx->jb, "iqn.a", address("10.0.0.1")), LOGIN_POLICY);
	set(fx, JB_SET_ACCESS_INITIATORS, "iqn.a*");
	assert_ok(jb_access_admits(fx->jb, "iqn.ab", address("10.0.0.1")));
	assert_ok(jb_access_admits(fx->jb, NULL, address("10.0.0.1")));
	assert_err(jb_access_admits(fx->jb, "iqn.b", address("10.0.0.1")), LOGIN_INITIATOR);
	assert_err(jb_access_admits(fx->jb, "iqn.b", address("127.0.0.1")), LOGIN_INITIATOR);
	set(fx, JB_SET_ACCESS_NETWORKS, "127.0.0.2 10.0.0.0/8");
	assert_ok(jb_access_admits(fx->jb, "iqn.a", address("10.0.0.1")));
	assert_ok(jb_access_admits(fx->jb, "iqn.a", address("127.0.0.2")));
	assert_err(jb_access_admits(fx->jb, "iqn.a", address("127.0.0.1")), LOGIN_NETWORK);
	assert_err(jb_access_admits(fx->jb, NULL, address("11.0.0.1")), LOGIN_NETWORK);
	reopen(fx);
	assert_err(jb_access_admits(fx->jb, "iqn.a", address("127.0.0.1")), LOGIN_NETWORK);
	set(fx, JB_SET_ACCESS_NETWORKS, "");
	set(fx, JB_SET_ACCESS_INITIATORS, "\n");
	assert_err(jb_access_admits(fx->jb, "iqn.a", address("10.0.0.1")), LOGIN_POLICY);
	set(fx, JB_SET_ACCESS_AUTH, "CHAP\n");
	assert_ok(jb_access_admits(fx->jb, "iqn.a", address("10.0.0.1")));
	assert_true(jb_access_wants_chap(fx->jb, false));
	assert_false(jb_access_wants_chap(fx->jb, true));
	set(fx, JB_SET_ACCESS_DISCOVERY_AUTH, "chap");
	assert_true(jb_access_wants_chap(fx->jb, true));
}

/* While a portal beyond loopback is open, the last of the three protections (networks, initiators, CHAP)
 * cannot be removed. */
static void
portals_beyond_loopback(void **state)
{
	struct fixture *fx = *state;
	char buf[JB_TEXT_MAX];

	assert_err(jb_access_need(fx->jb, true), PORTAL_OPEN);
	set(fx, JB_SET_ACCESS_AUTH, "chap");
	set(fx, JB_SET_ACCESS_AUTH, "none"); /* no open portal yet */
	set(fx, JB_SET_ACCESS_NETWORKS, "10.0.0.0/8");
	assert_ok(jb_access_need(fx->jb, true));
	assert_err(jb_setting_set(fx->jb, JB_SET_ACCESS_NETWORKS, 0, ""), ACCESS_NEEDED);
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_ACCESS_NETWORKS, 0, buf), "10.0.0.0/8");
	set(fx, JB_SET_ACCESS_NETWORKS, "11.0.0.0/8");
	set(fx, JB_SET_ACCESS_INITIATORS, "iqn.a");
	set(fx, JB_SET_ACCESS_NETWORKS, "");
	assert_err(jb_setting_set(fx->jb, JB_SET_ACCESS_INITIATORS, 0, ""), ACCESS_NEEDED);
	set(fx, JB_SET_ACCESS_AUTH, "chap");
	set(fx, JB_SET_ACCESS_INITIATORS, "");
	assert_err(jb_setting_set(fx->jb, JB_SET_ACCESS_AUTH, 0, "none"), ACCESS_NEEDED);
	assert_ok(jb_access_need(fx->jb, false));
	set(fx, JB_SET_ACCESS_AUTH, "none");
}

/* ---- users and secrets ----------------------------------------------------------------------- */

static unsigned
user(struct fixture *fx, const char *name)
{
	unsigned id = 0;

	assert_true(jb_user_find(fx->jb, name, &id));
	return id;
}

static void
users(void **state)
{
	struct fixture *fx = *state;
	char name[JB_USER_NAME_MAX + 1], secret[JB_SECRET_MAX + 1];
	unsigned id, first;

	assert_false(jb_user_at(fx->jb, 0, &id, name));
	assert_ok(jb_user_add(fx->jb, "alice"));
	assert_ok(jb_user_add(fx->jb, "iqn.2026-01.org.example:bob@x,y"));
	assert_err(jb_user_add(fx->jb, "alice"), IN_USE);
	first = user(fx, "alice");
	assert_true(jb_user_at(fx->jb, 0, &id, name));
	assert_string_equal(name, "alice");
	assert_int_equal(id, first);
	assert_true(jb_user_name(fx->jb, id, name));
	assert_false(jb_user_name(fx->jb, id + 100, name));
	assert_false(jb_access_user_secret(fx->jb, false, "alice", secret)); /* no secret yet */
	assert_ok(jb_user_set_secret(fx->jb, first, SECRET));
	assert_true(jb_access_user_secret(fx->jb, false, "alice", secret));
	assert_string_equal(secret, SECRET);
	assert_true(jb_access_user_secret(fx->jb, true, "alice", secret));
	assert_false(jb_access_user_secret(fx->jb, false, "Alice", secret));
	assert_false(jb_access_user_secret(fx->jb, false, "", secret));
	reopen(fx);
	assert_true(jb_access_user_secret(fx->jb, false, "alice", secret));
	assert_string_equal(secret, SECRET);
	assert_ok(jb_user_set_secret(fx->jb, user(fx, "alice"), ""));
	assert_false(jb_access_user_secret(fx->jb, false, "alice", secret));
	reopen(fx);
	assert_false(jb_access_user_secret(fx->jb, false, "alice", secret));
	first = user(fx, "alice");
	assert_ok(jb_user_remove(fx->jb, "alice"));
	assert_err(jb_user_remove(fx->jb, "alice"), NO_SETTING);
	assert_err(jb_user_set_secret(fx->jb, first, SECRET), NO_SETTING);
	assert_ok(jb_user_add(fx->jb, "alice"));
	assert_int_not_equal(user(fx, "alice"), first);
	assert_true(jb_user_at(fx->jb, 1, &id, name));
	assert_string_equal(name, "alice");
}

static void
invalid_names_and_secrets_are_refused(void **state)
{
	static const char *const names[] = {
		"", ".", "..", ".alice", "a b", "a/b", "a\n", "\xc3\xa4", "a\x7f"};
	struct fixture *fx = *state;
	char longest[JB_SECRET_MAX + 2], secret[JB_SECRET_MAX + 1];
	unsigned id;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_err(jb_user_add(fx->jb, names[i]), BAD_USER);
	memset(longest, 'a', sizeof(longest));
	longest[JB_USER_NAME_MAX + 1] = '\0';
	assert_err(jb_user_add(fx->jb, longest), BAD_USER);
	longest[JB_USER_NAME_MAX] = '\0';
	assert_ok(jb_user_add(fx->jb, longest));
	id = user(fx, longest);
	assert_err(jb_user_set_secret(fx->jb, id, "eleven byte"), BAD_SECRET);
	assert_err(jb_user_set_secret(fx->jb, id, "twelve\tbytes"), BAD_SECRET);
	assert_err(jb_user_set_secret(fx->jb, id, "twelve bytes\n"), BAD_SECRET);
	assert_ok(jb_user_set_secret(fx->jb, id, "twelve bytes"));
	memset(longest, 'a', sizeof(longest));
	longest[JB_SECRET_MAX + 1] = '\0';
	assert_err(jb_user_set_secret(fx->jb, id, longest), BAD_SECRET);
	longest[JB_SECRET_MAX] = '\0';
	assert_ok(jb_user_set_secret(fx->jb, id, longest));
	reopen(fx);
	longest[JB_USER_NAME_MAX] = '\0';
	assert_true(jb_access_user_secret(fx->jb, false, longest, secret));
	assert_int_equal(strlen(secret), JB_SECRET_MAX);
}

static void
the_number_of_users_is_limited(void **state)
{
	struct fixture *fx = *state;
	char name[16];

	for (unsigned i = 0; i < JB_USERS_MAX; i++) {
		snprintf(name, sizeof(name), "user%u", i);
		assert_ok(jb_user_add(fx->jb, name));
	}
	assert_err(jb_user_add(fx->jb, "one-more"), TOO_MANY_USERS);
	assert_ok(jb_user_remove(fx->jb, "user7"));
	assert_ok(jb_user_add(fx->jb, "one-more"));
}

/* One secret may not be used in both directions, in whatever order they are set (RFC 7143 9.2.1). */
static void
secrets_differ(void **state)
{
	struct fixture *fx = *state;
	char name[JB_USER_NAME_MAX + 1], secret[JB_SECRET_MAX + 1];

	assert_ok(jb_user_add(fx->jb, "alice"));
	assert_ok(jb_user_set_secret(fx->jb, user(fx, "alice"), SECRET));
	assert_err(jb_setting_set(fx->jb, JB_SET_ACCESS_TARGET_SECRET, 0, SECRET), SAME_SECRET);
	set(fx, JB_SET_ACCESS_TARGET_SECRET, OTHER);
	assert_err(jb_user_set_secret(fx->jb, user(fx, "alice"), OTHER), SAME_SECRET);
	assert_err(jb_setting_set(fx->jb, JB_SET_ACCESS_DISCOVERY_SECRET, 0, OTHER), SAME_SECRET);
	set(fx, JB_SET_ACCESS_DISCOVERY_SECRET, SECRET);	  /* users may share a secret */
	assert_false(jb_access_own_secret(fx->jb, name, secret)); /* no target user yet */
	set(fx, JB_SET_ACCESS_TARGET_USER, "jukebox");
	assert_true(jb_access_own_secret(fx->jb, name, secret));
	assert_string_equal(name, "jukebox");
	assert_string_equal(secret, OTHER);
	set(fx, JB_SET_ACCESS_TARGET_SECRET, "");
	assert_false(jb_access_own_secret(fx->jb, name, secret));
}

/* If discovery has its own user, it accepts that one only. */
static void
discovery_user(void **state)
{
	struct fixture *fx = *state;
	char secret[JB_SECRET_MAX + 1];

	assert_ok(jb_user_add(fx->jb, "alice"));
	assert_ok(jb_user_set_secret(fx->jb, user(fx, "alice"), SECRET));
	set(fx, JB_SET_ACCESS_DISCOVERY_USER, "finder");
	assert_false(jb_access_user_secret(fx->jb, true, "alice", secret));
	assert_false(jb_access_user_secret(fx->jb, true, "finder", secret));
	set(fx, JB_SET_ACCESS_DISCOVERY_SECRET, "a secret of finders");
	assert_true(jb_access_user_secret(fx->jb, true, "finder", secret));
	assert_string_equal(secret, "a secret of finders");
	assert_false(jb_access_user_secret(fx->jb, false, "finder", secret));
	assert_true(jb_access_user_secret(fx->jb, false, "alice", secret));
}

/* No secret can be read back, and in the store only the daemon's user can read it. */
/* The names of users are closed too, in a new store and in one of an earlier version. */
static void
the_folder_of_users_is_private(void **state)
{
	struct fixture *fx = *state;
	struct stat st;

	assert_ok(jb_user_add(fx->jb, "alice"));
	assert_int_equal(fstatat(fx->jb->store, "ctl/access/users", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(fchmodat(fx->jb->store, "ctl/access/users", 0755, 0), 0);
	reopen(fx);
	assert_int_equal(fstatat(fx->jb->store, "ctl/access/users", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void
secrets_stay_secret(void **state)
{
	struct fixture *fx = *state;
	char buf[JB_TEXT_MAX];

	set(fx, JB_SET_ACCESS_TARGET_SECRET, OTHER);
	set(fx, JB_SET_ACCESS_DISCOVERY_SECRET, "a secret of finders");
	assert_ok(jb_user_add(fx->jb, "alice"));
	assert_ok(jb_user_set_secret(fx->jb, user(fx, "alice"), SECRET));
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_ACCESS_TARGET_SECRET, 0, buf), "");
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_ACCESS_DISCOVERY_SECRET, 0, buf), "");
	shell(fx, "test 600 = $(stat -c %a ctl/access/target-secret)");
	shell(fx, "test 600 = $(stat -c %a ctl/access/discovery/secret)");
	shell(fx, "test 600 = $(stat -c %a ctl/access/users/alice/secret) -a 700 = $(stat -c %a "
		  "ctl/access/users/alice)");
	/* Even if a file that everybody can read is already at the temporary name. */
	shell(fx, "touch ctl/access/target-secret.new && chmod 666 ctl/access/target-secret.new");
	set(fx, JB_SET_ACCESS_TARGET_SECRET, "yet another secret");
	shell(fx, "test 600 = $(stat -c %a ctl/access/target-secret)");
}

/* Users and lists that were made or damaged by hand while the store was closed. */
static void
users_changed_by_hand(void **state)
{
	struct fixture *fx = *state;
	char secret[JB_SECRET_MAX + 1];
	unsigned id;

	assert_ok(jb_user_add(fx->jb, "alice"));
	assert_ok(jb_user_set_secret(fx->jb, user(fx, "alice"), SECRET));
	jb_close(fx->jb);
	shell(fx, "cd ctl/access/users && echo 'by hand, a secret' > bob && echo short > carl && "
		  "touch .dave.new 'e e' && mkdir fred fred/secret && echo x > ../networks");
	log_level = (enum log_level) - 1;
	open_store(fx, 0, 0, 0);
	log_level = LOG_LEVEL_ERR;
	assert_true(jb_access_user_secret(fx->jb, false, "alice", secret));
	assert_true(jb_access_user_secret(fx->jb, false, "bob", secret));
	assert_string_equal(secret, "by hand, a secret");
	assert_true(jb_user_find(fx->jb, "carl", &id));
	assert_false(jb_access_user_secret(fx->jb, false, "carl", secret));
	assert_false(jb_user_find(fx->jb, "e e", &id));
	assert_false(jb_user_find(fx->jb, "fred", &id));
	shell(fx, "test ! -e ctl/access/users/.dave.new -a -e 'ctl/access/users/e e'");
	assert_ok(jb_access_admits(fx->jb, "iqn.a", address("127.0.0.1")));
}

/* The store may have removed a user although it has reported an error. */
static void
a_removal_is_completed_by_the_next_one(void **state)
{
	struct fixture *fx = *state;

	assert_ok(jb_user_add(fx->jb, "alice"));
	shell(fx, "mv ctl/access/users/alice ctl/access/users/.alice.gone");
	assert_ok(jb_user_remove(fx->jb, "alice"));
	assert_err(jb_user_remove(fx->jb, "alice"), NO_SETTING);
	shell(fx, "test ! -e ctl/access/users/.alice.gone");
	assert_ok(jb_user_add(fx->jb, "alice"));
}

static void
a_bound_name_is_for_its_users_only(void **state)
{
	struct fixture *fx = *state;
	char secret[JB_SECRET_MAX + 1], list[JB_TEXT_MAX];

	assert_ok(jb_user_add(fx->jb, "alice"));
	assert_ok(jb_user_add(fx->jb, "bob"));
	assert_true(jb_access_binds(fx->jb, "bob", "iqn.a"));
	assert_false(jb_access_binds(fx->jb, "carl", "iqn.a"));
	assert_ok(jb_user_set_secret(fx->jb, user(fx, "alice"), SECRET));
	assert_err(jb_user_set_initiators(fx->jb, user(fx, "alice"), "alice"), BAD_VALUE);
	assert_ok(jb_user_set_initiators(fx->jb, user(fx, "alice"), "\niqn.A\n\niqn.c*"));
	for (int twice = 0; twice < 2; twice++) {
		jb_user_initiators(fx->jb, user(fx, "alice"), list);
		assert_string_equal(list, "iqn.a\niqn.c*");
		assert_true(jb_access_binds(fx->jb, "alice", "iqn.a"));
		assert_false(jb_access_binds(fx->jb, "alice", "iqn.b"));
		assert_false(jb_access_binds(fx->jb, "bob", "iqn.a"));
		assert_false(jb_access_binds(fx->jb, "bob", "iqn.cd"));
		assert_true(jb_access_binds(fx->jb, "bob", "iqn.b"));
		reopen(fx);
	}
	shell(fx, "test 600 = $(stat -c %a ctl/access/users/alice/initiators)");
	shell(fx, "echo nonsense > ctl/access/users/alice/initiators");
	reopen(fx);
	assert_false(jb_access_user_secret(fx->jb, false, "alice", secret));
	assert_ok(jb_user_set_initiators(fx->jb, user(fx, "alice"), ""));
	assert_true(jb_access_binds(fx->jb, "bob", "iqn.a"));
}

/* An earlier version kept a user as a file, which holds the secret.  A crash may have left any step of the
 * takeover, and of a removal. */
static void
users_of_an_earlier_version_are_taken_over(void **state)
{
	struct fixture *fx = *state;
	static const char *const kept[] = {"old", "begun", "copied", "ready"};
	char secret[JB_SECRET_MAX + 1];
	unsigned id;

	assert_ok(jb_user_add(fx->jb, "alice"));
	jb_close(fx->jb);
	shell(fx, "cd ctl/access/users && for u in old begun copied; do echo 'by hand, a secret' > "
		  "$u; done && "
		  "mkdir .begun.taken .copied.taken .ready.taken .left.gone && "
		  "echo 'a secret, to be read anew' > .copied.taken/secret && echo cut > "
		  ".begun.taken/.secret.new && "
		  "echo 'by hand, a secret' > .ready.taken/secret && echo 'not to come back' > "
		  ".left.gone/secret && "
		  ": > none");
	open_store(fx, 0, 0, 0);
	for (unsigned twice = 0; twice < 2; twice++) {
		for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
			assert_true(jb_access_user_secret(fx->jb, false, kept[i], secret));
			assert_string_equal(secret, "by hand, a secret");
		}
		assert_true(jb_user_find(fx->jb, "none", &id));
		assert_false(jb_access_user_secret(fx->jb, false, "none", secret));
		assert_false(jb_user_find(fx->jb, "left", &id));
		shell(fx, "test -z \"$(find ctl/access/users -name '.?*')\"");
		shell(fx, "test 600 = $(stat -c %a ctl/access/users/old/secret) -a "
			  "700 = $(stat -c %a ctl/access/users/old)");
		reopen(fx);
	}
	assert_ok(jb_user_remove(fx->jb, "old"));
	shell(fx, "test ! -e ctl/access/users/old -a ! -e ctl/access/users/.old.gone");
}

/* ---- crashes --------------------------------------------------------------------------------- */

static void
nothing(struct fixture *fx)
{
}

static void
act_access(struct fixture *fx)
{
	assert_ok(jb_user_add(fx->jb, "alice"));
	done();
	assert_ok(jb_user_set_secret(fx->jb, user(fx, "alice"), SECRET));
	done();
	assert_ok(jb_user_set_secret(fx->jb, user(fx, "alice"), OTHER));
	done();
	set(fx, JB_SET_ACCESS_TARGET_USER, "jukebox");
	set(fx, JB_SET_ACCESS_TARGET_SECRET, "the target's own");
	done();
	assert_ok(jb_user_remove(fx->jb, "alice"));
	done();
}

/* Returns 0 if alice does not exist, 1 if she has no secret, 2 if she has the first, 3 if she has the
 * second. */
static int
what_alice_is(struct fixture *fx)
{
	char secret[JB_SECRET_MAX + 1];
	unsigned id;

	if (!jb_user_find(fx->jb, "alice", &id))
		return 0;
	if (!jb_access_user_secret(fx->jb, false, "alice", secret))
		return 1;
	if (strcmp(secret, SECRET) == 0)
		return 2;
	assert_string_equal(secret, OTHER);
	return 3;
}

static void
check_access(struct fixture *fx, int acknowledged)
{
	static const int after[] = {0, 1, 2, 3, 3, 0, 0};
	char name[JB_USER_NAME_MAX + 1], secret[JB_SECRET_MAX + 1];
	int is = what_alice_is(fx);

	assert_true(is == after[acknowledged] || is == after[acknowledged + 1]);
	if (jb_access_own_secret(fx->jb, name, secret))
		assert_string_equal(secret, "the target's own");
	else
		assert_true(acknowledged < 4);
}

static void
crash_in_access(void **state)
{
	run_scenario(&(struct scenario){nothing, act_access, check_access});
}

/* ---- refused logins -------------------------------------------------------------------------- */

static void
refusals_are_told_of_and_limited(void **state)
{
	struct fixture *fx = *state;
	uint64_t first = jb_event_oldest(fx->jb), n = first;
	struct jb_event e;

	for (int i = 0; i < 1000; i++)
		jb_event_refused(fx->jb, JB_LOGIN_NETWORK, "iqn.a", "10.0.0.1:1");
	assert_true(jb_event_get(fx->jb, n, &e));
	while (e.type != JB_EVENT_LOGIN_REFUSED)
		assert_true(jb_event_get(fx->jb, ++n, &e));
	assert_string_equal(e.initiator, "iqn.a");
	assert_string_equal(e.peer, "10.0.0.1:1");
	assert_int_equal(e.err, JB_LOGIN_NETWORK);
	first = n;
	while (jb_event_get(fx->jb, n, &e))
		n = e.number + 1;
	assert_true(n - first >= 16);
	assert_true(n - first < 16 + 100); /* more only as seconds pass: one per second */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_networks),
		cmocka_unit_test(addresses_in_networks),
		cmocka_unit_test(lists_of_initiators),
		cmocka_unit_test(lists_of_portals),
		cmocka_unit_test(too_long_lists_are_refused),
		TEST(admission),
		TEST(portals_beyond_loopback),
		TEST(users),
		TEST(invalid_names_and_secrets_are_refused),
		TEST(the_number_of_users_is_limited),
		TEST(secrets_differ),
		TEST(discovery_user),
		TEST(the_folder_of_users_is_private),
		TEST(secrets_stay_secret),
		TEST(users_changed_by_hand),
		TEST(a_removal_is_completed_by_the_next_one),
		TEST(a_bound_name_is_for_its_users_only),
		TEST(users_of_an_earlier_version_are_taken_over),
		cmocka_unit_test(crash_in_access),
		TEST(refusals_are_told_of_and_limited),
	};

	return cmocka_run_group_tests(tests, share_progress, NULL);
}
