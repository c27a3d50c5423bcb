/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/settings/acl.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/access.h"
#include "changer/setting.h"

enum {
	ELEMENT_MAX = 255, /* bytes of an element, with its NUL */
	PORTALS_MAX = 16,
	NAME_MAX_BYTES = 223, /* RFC 7143 4.2.7.1 */
};

#define SEPARATORS " \t\r\n,"
#define DIGITS "0123456789"

/* Stores where the next element of the list is and how many bytes it has, and moves *list behind it.
 * Returns false, with *len 0 and *list at the NUL, at the end. */
static bool
next_element(const char **list, const char **element, size_t *len)
{
	*element = *list + strspn(*list, SEPARATORS);
	*len = strcspn(*element, SEPARATORS);
	*list = *element + *len;
	return *len > 0;
}

/* Copies the next element of the list to text, and moves *list behind it.  Returns true, with *ok true, if
 * there is one.  Returns false at the end, and leaves *ok; returns false with *ok false if the element has
 * ELEMENT_MAX bytes or more. */
static bool
next_text(const char **list, char text[ELEMENT_MAX], bool *ok)
{
	const char *element;
	size_t len;

	if (!next_element(list, &element, &len))
		return false;
	*ok = len < ELEMENT_MAX;
	if (!*ok)
		return false;
	memcpy(text, element, len);
	text[len] = '\0';
	return true;
}

/* Brings every element of a list into its one normal form, and stores the list in canonical (JB_TEXT_MAX
 * bytes) with a newline between elements.  `one` changes an element in place, and returns false if it is
 * not valid.  Returns true with "" for an empty list.  Returns false, with a part of the list in canonical,
 * if an element is not valid or too long, or the list has no room. */
static bool
check_list(const char *text, char *canonical, bool (*one)(char text[ELEMENT_MAX]))
{
	char element[ELEMENT_MAX];
	size_t used = 0;
	bool ok = true;

	canonical[0] = '\0';
	while (next_text(&text, element, &ok)) {
		int n;

		if (!one(element))
			return false;
		n = snprintf(canonical + used, JB_TEXT_MAX - used, "%s%s", used == 0 ? "" : "\n",
			element);
		if (n < 0 || (size_t)n >= JB_TEXT_MAX - used)
			return false;
		used += (size_t)n;
	}
	return ok;
}

/* Parses one to five decimal digits, without any other character.  Returns false if the text has another
 * form, and leaves *out; or if the number is more than max, with the number in *out. */
static bool
parse_number(const char *text, unsigned max, unsigned *out)
{
	if (text[0] == '\0' || strlen(text) > 5 || strspn(text, DIGITS) != strlen(text))
		return false;
	*out = (unsigned)strtoul(text, NULL, 10);
	return *out <= max;
}

/* ---- networks ------------------------------------------------------------------------------- */

struct network {
	int family;	   /* AF_INET or AF_INET6 */
	uint8_t bytes[16]; /* the address, in network order; the first len bytes are used */
	unsigned len;	   /* length of an address in bytes: 4 or 16 */
	unsigned prefix;   /* the length of the network's part, in bits */
};

/* Clears the bits of the address after the first n->prefix bits. */
static void
clear_host_bits(struct network *n)
{
	for (unsigned i = 0; i < n->len; i++) {
		unsigned bits = n->prefix > 8 * i ? n->prefix - 8 * i : 0;

		if (bits < 8)
			n->bytes[i] &= (uint8_t)(0xff00 >> bits);
	}
}

/* Parses "ADDRESS" or "ADDRESS/PREFIX", and clears the bits after the prefix.  Writes a NUL over the slash in
 * text.  Returns false if the text is not valid; *n is then partly written. */
static bool
parse_network(char *text, struct network *n)
{
	char *slash = strchr(text, '/');

	if (slash != NULL)
		*slash = '\0';
	n->family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	n->len = n->family == AF_INET6 ? 16 : 4;
	n->prefix = 8 * n->len;
	if (inet_pton(n->family, text, n->bytes) != 1 ||
		(slash != NULL && !parse_number(slash + 1, 8 * n->len, &n->prefix)))
		return false;
	clear_host_bits(n);
	return true;
}

/* Brings an address or a network into its normal form, in place: without the bits after the prefix, and
 * without a prefix that covers all bits.  Returns false if it is not valid; text may then be cut at the
 * slash. */
static bool
canonical_network(char text[ELEMENT_MAX])
{
	char address[INET6_ADDRSTRLEN];
	struct network n;

	if (!parse_network(text, &n) ||
		inet_ntop(n.family, n.bytes, address, sizeof(address)) == NULL)
		return false;
	if (n.prefix == 8 * n.len)
		snprintf(text, ELEMENT_MAX, "%s", address);
	else
		snprintf(text, ELEMENT_MAX, "%s/%u", address, n.prefix);
	return true;
}

bool
acl_check_networks(const char *text, char *canonical)
{
	return check_list(text, canonical, canonical_network);
}

/* Makes a network that holds this one address; ignores its port.  Returns false if the address is neither
 * IPv4 nor IPv6. */
static bool
from_sockaddr(const struct sockaddr *address, struct network *n)
{
	n->family = address->sa_family;
	if (n->family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		memcpy(n->bytes, &in.sin_addr, n->len = 4);
	} else if (n->family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		memcpy(n->bytes, &in6.sin6_addr, n->len = 16);
	} else {
		return false;
	}
	n->prefix = 8 * n->len;
	return true;
}

bool
acl_has_address(const char *networks, const struct sockaddr *address)
{
	char text[ELEMENT_MAX];
	struct network host, net;
	bool ok;

	if (!from_sockaddr(address, &host))
		return false;
	while (next_text(&networks, text, &ok)) {
		struct network one = host;

		if (!parse_network(text, &net) || net.family != host.family)
			continue;
		one.prefix = net.prefix;
		clear_host_bits(&one);
		if (memcmp(one.bytes, net.bytes, net.len) == 0)
			return true;
	}
	return false;
}

bool
acl_is_loopback(const struct sockaddr *address)
{
	return acl_has_address("127.0.0.0/8 ::1", address);
}

/* ---- initiators ----------------------------------------------------------------------------- */

/* Makes the pattern lower case, in place.  Returns true if it has only ASCII characters that an iSCSI name
 * may have (RFC 7143 4.2.7.2), or * or ?, and has NAME_MAX_BYTES at most.  Without * and ? it must also begin
 * with "iqn.", "eui." or "naa.".  Does not check the rest of the name. */
static bool
canonical_initiator(char text[ELEMENT_MAX])
{
	size_t n = strlen(text);

	if (n > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < n; i++)
		text[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] | 0x20) : text[i];
	if (strspn(text, "abcdefghijklmnopqrstuvwxyz" DIGITS "-.:_*?") != n)
		return false;
	return strpbrk(text, "*?") != NULL || strncmp(text, "iqn.", 4) == 0 ||
	       strncmp(text, "eui.", 4) == 0 || strncmp(text, "naa.", 4) == 0;
}

bool
acl_check_initiators(const char *text, char *canonical)
{
	return check_list(text, canonical, canonical_initiator);
}

bool
acl_has_name(const char *patterns, const char *name)
{
	char text[ELEMENT_MAX];
	bool ok;

	while (next_text(&patterns, text, &ok))
		if (fnmatch(text, name, FNM_NOESCAPE | FNM_CASEFOLD) == 0)
			return true;
	return false;
}

/* ---- portals -------------------------------------------------------------------------------- */

/* Returns true for an address with or without a port up to 65535: "10.0.0.1", "10.0.0.1:3260", "[::1]:3260",
 * "[fe80::1%eth0]", "localhost".  Does not check the interface behind %. */
static bool
is_address(const char *text)
{
	char host[ELEMENT_MAX];
	bool six = text[0] == '[';
	size_t end = six ? strcspn(text, "]") : strcspn(text, ":");
	uint8_t bytes[16];
	unsigned port;

	if (six && text[end] != ']')
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)(end - six), text + six);
	host[six ? strcspn(host, "%") : strlen(host)] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, host, bytes) != 1 &&
		(six || strcmp(host, "localhost") != 0))
		return false;
	end += six;
	return text[end] == '\0' ||
	       (text[end] == ':' && parse_number(text + end + 1, 65535, &port));
}

/* Returns true for an address, or two as BIND=ANNOUNCED.  Leaves text as it is: that is its normal form. */
static bool
canonical_portal(char text[ELEMENT_MAX])
{
	char *equals = strchr(text, '=');
	bool good = true;

	if (equals != NULL) {
		*equals = '\0';
		good = is_address(equals + 1);
	}
	good = good && is_address(text);
	if (equals != NULL)
		*equals = '=';
	return good;
}

bool
acl_check_portals(const char *text, char *canonical)
{
	const char *list = canonical, *element;
	unsigned n = 0;
	size_t len;

	if (!check_list(text, canonical, canonical_portal))
		return false;
	while (next_element(&list, &element, &len))
		n++;
	return n > 0 && n <= PORTALS_MAX;
}

/* ---- users --------------------------------------------------------------------------------- */

bool
acl_check_user(const char *text, char *canonical)
{
	size_t n = strlen(text);

	if (n == 0 || n > JB_USER_NAME_MAX || text[0] == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '/')
			return false;
	memcpy(canonical, text, n + 1);
	return true;
}

bool
acl_check_secret(const char *text, char *canonical)
{
	size_t n = strlen(text);

	if (n < JB_SECRET_MIN || n > JB_SECRET_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	memcpy(canonical, text, n + 1);
	return true;
}
