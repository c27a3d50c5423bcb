/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/tree/node.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "changer/access.h"

enum {
	EACH_USER = 100, /* in place.each; differs from all types of elements */
	NO_ROW = -1,
};
static const uint64_t ITEM_BIT = (uint64_t)1 << 62;

static const struct node_row rows[] = {
#define TREE(path, kind, mode, show, store, doc) {path, NODE_##kind, mode, doc, -1},
#include "mnt-layout/tree.def"
#undef TREE
#define JB_SETTING(name, path, check, dflt, doc) {"ctl/" path, NODE_TEXT, 0644, doc, JB_SET_##name},
#define JB_SECRET(name, path, doc) {"ctl/" path, NODE_TEXT, 0200, doc, JB_SET_##name},
#define JB_STORED(name, path, check, dflt, doc)
#include "changer/setting.def"
#undef JB_SETTING
};

enum { NROWS = sizeof(rows) / sizeof(rows[0]) };
_Static_assert(NROWS < (1 << NODE_ROW_BITS) - 1, "node numbers hold the row in NODE_ROW_BITS");

/* The place of each row in the tree; node_init makes it from the paths. */
static struct place {
	int parent; /* a row; that of the root is the root */
	/* Rows, or NO_ROW.  The child without a name is only in `counted`. */
	int first_child, next_sibling;
	const char *name; /* the last part of the path; NULL: it is %u */
	unsigned nlisted; /* the number of children that have a name and are listed */
	int counted;	  /* the row of the child that is %u, or NO_ROW */
	int each; /* what %u stands for: a type of element, or EACH_USER; 0: there is no %u in the path */
} places[NROWS];

/* Returns what %u stands for behind the first `len` characters of a path, as in place.each: EACH_USER, a type
 * of element, or 0 if no row may have %u there. */
static int
counted_by(const char *path, size_t len)
{
	static const char users[] = "/users";
	size_t end = sizeof(users) - 1;

	if (len > end && memcmp(path + len - end, users, end) == 0)
		return EACH_USER;
	for (enum jb_elem_type t = JB_PICKER; t <= JB_DRIVE; t++) {
		const char *dir = jb_elem_dir(t);
		size_t n = strlen(dir);

		if (len >= n && memcmp(path + len - n, dir, n) == 0 &&
			(len == n || path[len - n - 1] == '/'))
			return t;
	}
	return 0;
}

/* Returns the number of the row with that path of `len` characters; NO_ROW if there is none. */
static int
row_of_path(const char *path, size_t len)
{
	for (int i = 0; i < NROWS; i++)
		if (strlen(rows[i].path) == len && memcmp(rows[i].path, path, len) == 0)
			return i;
	return NO_ROW;
}

/* Returns false for a file that is found by its name only: a program that reads all that it finds would wait
 * in it for ever. */
static bool
is_listed(const struct node_row *row)
{
	return row->kind != NODE_STREAM;
}

/* Puts row i of the table into the tree, behind the children that its folder has.  That folder must be there
 * already, and places[i] must be zeros.  Aborts on a table that is not valid. */
static void
place_row(int i)
{
	const char *path = rows[i].path, *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1, *count = strstr(path, "/%u");
	struct place *p = &places[i], *up;
	int *link;

	p->first_child = p->next_sibling = p->counted = NO_ROW;
	p->name = strcmp(name, "%u") == 0 ? NULL : name;
	p->each = count == NULL ? 0 : counted_by(path, (size_t)(count - path));
	assert((count == NULL) == (p->each == 0));
	p->parent = i == 0 ? 0 : row_of_path(path, slash == NULL ? 0 : (size_t)(slash - path));
	assert(p->parent != NO_ROW && (i == 0 || p->parent < i));
	if (i == 0)
		return;
	up = &places[p->parent];
	if (p->name == NULL) {
		up->counted = i;
		return;
	}
	up->nlisted += is_listed(&rows[i]);
	for (link = &up->first_child; *link != NO_ROW; link = &places[*link].next_sibling)
		continue;
	*link = i;
}

void
node_init(void)
{
	memset(places, 0, sizeof(places));
	for (int i = 0; i < NROWS; i++)
		place_row(i);
}

const struct node_row *
node_row_at(size_t i)
{
	return i < NROWS ? &rows[i] : NULL;
}

/* Marks the sheet of a disc whose id is below JB_ID_MIN: such an id could be mistaken for a node.  Earlier
 * versions gave them, once in a million times.  With ITEM_BIT, it marks the packs beside a disc of any id. */
static const uint64_t SHEET_BIT = (uint64_t)1 << 63;

bool
node_ino_is_item(uint64_t ino)
{
	return (ino & ITEM_BIT) != 0 && (ino & SHEET_BIT) == 0;
}

uint64_t
node_item_ino(uint64_t item_id)
{
	return item_id | ITEM_BIT;
}

uint64_t
node_item_id(uint64_t ino)
{
	return ino & ~ITEM_BIT;
}

bool
node_ino_is_sheet(uint64_t ino)
{
	return !node_ino_is_item(ino) && ino >= JB_ID_MIN;
}

uint64_t
node_sheet_ino(uint64_t item_id, enum jb_beside which)
{
	if (which == JB_PACKS)
		return item_id | SHEET_BIT | ITEM_BIT;
	return item_id >= JB_ID_MIN ? item_id : item_id | SHEET_BIT;
}

uint64_t
node_sheet_id(uint64_t ino)
{
	return ino & ~(SHEET_BIT | ITEM_BIT);
}

enum jb_beside
node_sheet_kind(uint64_t ino)
{
	return (ino & ITEM_BIT) != 0 ? JB_PACKS : JB_SHEET;
}

uint64_t
node_sheet_shown(uint64_t item_id, enum jb_beside which)
{
	/* No bit is left; that another disc has the next id happens once in 2^61 times. */
	return node_sheet_ino(item_id, JB_SHEET) ^ (which == JB_PACKS);
}

/* Returns the number of the node's row. */
static int
row_index(const struct node *node)
{
	return (int)(node->row - rows);
}

/* Gives the root, which is row 0 with number 0, the inode number 1, as FUSE needs it. */
uint64_t
node_ino(const struct node *node)
{
	return (uint64_t)node->number << NODE_ROW_BITS | (unsigned)(row_index(node) + 1);
}

/* Returns true if there is an element or user with that number now; `each` is as in struct place.  If that is
 * 0, so no number is needed, returns true for the number 0. */
static bool
number_exists(struct jukebox *jb, int each, uint64_t number)
{
	enum jb_elem_type type = (enum jb_elem_type)each;
	unsigned first;

	if (each == 0)
		return number == 0;
	if (each == EACH_USER)
		return number <= UINT32_MAX && jb_user_name(jb, (unsigned)number, NULL);
	first = jb_first_number(type);
	return number >= first && number - first < jb_count(jb, type);
}

bool
node_from_ino(struct jukebox *jb, uint64_t ino, struct node *out)
{
	uint64_t row = ino & ((1u << NODE_ROW_BITS) - 1), number = ino >> NODE_ROW_BITS;

	if (row == 0 || row > NROWS || !number_exists(jb, places[row - 1].each, number))
		return false;
	*out = (struct node){&rows[row - 1], (unsigned)number};
	return true;
}

bool
node_is_dir(const struct node *node)
{
	return node->row->kind == NODE_DIR || node->row->kind == NODE_ELEMENT;
}

bool
node_is_read(const struct node_row *row)
{
	return (row->kind == NODE_TEXT || row->kind == NODE_REPORT) && (row->mode & 0444) != 0;
}

bool
node_is_written(const struct node_row *row)
{
	return row->kind == NODE_TEXT && (row->mode & 0222) != 0;
}

bool
node_elem(const struct node *node, struct jb_elem *out)
{
	if (node->row->kind != NODE_ELEMENT)
		return false;
	*out = (struct jb_elem){(enum jb_elem_type)places[row_index(node)].each, node->number};
	return true;
}

bool
node_of_elem(struct jb_elem e, struct node *out)
{
	for (int i = 0; i < NROWS; i++)
		if (rows[i].kind == NODE_ELEMENT && places[i].each == (int)e.type) {
			*out = (struct node){&rows[i], e.number};
			return true;
		}
	return false;
}

bool
node_holds_users(const struct node *node)
{
	int child = places[row_index(node)].counted;

	return child != NO_ROW && places[child].each == EACH_USER;
}

bool
node_user(const struct node *node, unsigned *id)
{
	*id = node->number;
	return places[row_index(node)].each == EACH_USER;
}

char *
node_path(const struct node *node, char *buf)
{
	const char *path = node->row->path, *count = strstr(path, "%u");

	if (count == NULL)
		snprintf(buf, NODE_PATH_MAX, "%s", path);
	else
		snprintf(buf, NODE_PATH_MAX, "%.*s%u%s", (int)(count - path), path, node->number,
			count + 2);
	return buf;
}

struct node
node_parent(const struct node *node)
{
	int up = places[row_index(node)].parent;

	return (struct node){&rows[up], places[up].each == 0 ? 0 : node->number};
}

bool
node_is_of(uint64_t ino, struct jb_elem elem)
{
	uint64_t row = ino & ((1u << NODE_ROW_BITS) - 1);

	return row > 0 && row <= NROWS && ino >> NODE_ROW_BITS == elem.number &&
	       places[row - 1].each == (int)elem.type;
}

bool
node_may_go(const struct node *node)
{
	return places[row_index(node)].each != 0;
}

uint64_t
node_generation(struct jukebox *jb, const struct node *node)
{
	int each = places[row_index(node)].each;
	struct jb_elem e = {(enum jb_elem_type)each, node->number};

	/* A user's id is never used again. */
	return each != 0 && each != EACH_USER ? jb_elem_generation(jb, e) : 1;
}

/* Reads a decimal number of up to nine digits as it is printed: "7", not "07" or "+7".  Returns false, and
 * leaves *out, for all else. */
static bool
parse_number(const char *name, uint64_t *out)
{
	uint64_t n = 0;
	size_t len = strlen(name);

	if (len == 0 || len > 9 || (name[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		n = n * 10 + (unsigned)(name[i] - '0');
	}
	*out = n;
	return true;
}

bool
node_child(struct jukebox *jb, const struct node *dir, const char *name, struct node *out)
{
	const struct place *p = &places[row_index(dir)];
	uint64_t number;

	for (int i = p->first_child; i != NO_ROW; i = places[i].next_sibling) {
		if (strcmp(places[i].name, name) == 0) {
			*out = (struct node){&rows[i], dir->number};
			return true;
		}
	}
	if (node_holds_users(dir)) {
		*out = (struct node){&rows[p->counted], 0};
		return jb_user_find(jb, name, &out->number);
	}
	if (p->counted == NO_ROW || !parse_number(name, &number) ||
		!number_exists(jb, places[p->counted].each, number))
		return false;
	*out = (struct node){&rows[p->counted], (unsigned)number};
	return true;
}

/* Succeeds also for a name that is not a number, so that jb_elem_add can say which number is the next one. */
bool
node_element_named(const struct node *dir, const char *name, struct jb_elem *out)
{
	int i = places[row_index(dir)].counted;
	uint64_t number;

	if (i == NO_ROW || rows[i].kind != NODE_ELEMENT)
		return false;
	*out = (struct jb_elem){places[i].each, UINT_MAX};
	if (parse_number(name, &number))
		out->number = (unsigned)number;
	return true;
}

bool
node_child_at(
	struct jukebox *jb, const struct node *dir, uint64_t nth, struct node *out, char *name)
{
	const struct place *p = &places[row_index(dir)];
	uint64_t number;
	int i = p->first_child;

	if (nth < p->nlisted) {
		for (; nth > 0 || !is_listed(&rows[i]); i = places[i].next_sibling)
			nth -= is_listed(&rows[i]);
		*out = (struct node){&rows[i], dir->number};
		snprintf(name, JB_NAME_MAX + 1, "%s", places[i].name);
		return true;
	}
	if (p->counted == NO_ROW)
		return false;
	if (node_holds_users(dir)) {
		*out = (struct node){&rows[p->counted], 0};
		return nth - p->nlisted < JB_USERS_MAX &&
		       jb_user_at(jb, (unsigned)(nth - p->nlisted), &out->number, name);
	}
	number = nth - p->nlisted + jb_first_number((enum jb_elem_type)places[p->counted].each);
	if (!number_exists(jb, places[p->counted].each, number))
		return false;
	*out = (struct node){&rows[p->counted], (unsigned)number};
	snprintf(name, JB_NAME_MAX + 1, "%u", out->number);
	return true;
}
