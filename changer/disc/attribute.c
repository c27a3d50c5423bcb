/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets attributes of an item for users: mode, owner and times, the type and capacity of a blank, and the
 * write protection of the surface.  A blank is a disc with nothing on it.  A disc's type is its medium
 * (medium.h).  The description is the file in the store that says what a disc is (description.h). */
#include <string.h>

#include "changer/base/clock.h"
#include "changer/disc/disc_sync.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/store/store.h"

/* ---- blanks ---------------------------------------------------------------------------------- */

/* Returns JB_OK if the item is a disc.  Otherwise returns JB_BEING_INSERTED if a program writes it;
 * JB_INCOMPLETE if it is an incomplete file; JB_NO_ATTRIBUTE if it has a temporary name or is a folder;
 * JB_UNREADABLE if it cannot be read as a disc.  Claim held. */
static enum jb_err
check_is_disc(const struct item *it)
{
	switch (it->kind) {
	case JB_ITEM_INCOMING:
		return JB_BEING_INSERTED;
	case JB_ITEM_INCOMPLETE:
		return JB_INCOMPLETE;
	case JB_ITEM_STAGED:
	case JB_ITEM_FOLDER:
		return JB_NO_ATTRIBUTE;
	case JB_ITEM_UNREADABLE:
		return JB_UNREADABLE;
	case JB_ITEM_DISC:
		break;
	}
	return JB_OK;
}

/* Returns JB_OK if the item is a blank whose type and capacity a user may still choose.  Otherwise returns
 * an error of check_is_disc; JB_NOT_BLANK if something is recorded; JB_PROTECTED or JB_PERSISTENT if it is
 * write-protected; JB_LOADED if it is in a drive.  Claim held. */
static enum jb_err
may_choose(const struct item *it)
{
	enum jb_err err = check_is_disc(it);

	if (err != JB_OK)
		return err;
	/* A rewritable disc may come formatted.  No user would call it recorded. */
	if (it->disc.size != 0 || it->disc.status == DISC_APPENDABLE)
		return JB_NOT_BLANK;
	if (disc_protected(&it->disc))
		return disc_protection(&it->disc);
	return it->elem->drive != NULL ? JB_LOADED : JB_OK;
}

/* Makes the disc a blank of the medium m, and sets its time of change to now.  capacity is in sectors; 0
 * means the usual one of m.  Stores the description before it changes the disc in memory: on an error of
 * the store, which it returns, the disc in memory is unchanged.  Claim held; the disc must be in no
 * drive. */
static enum jb_err
become_blank(struct item *it, const struct medium *m, uint32_t capacity) EXCLUDES(jb_lock)
{
	char dir[STORE_PATH_MAX];
	struct recording rec;
	struct description d;
	enum jb_err err;

	recording_init_blank(&rec, m, capacity);
	description_of(it, &d);
	d.rec = &rec;
	d.ctime_ns = clock_wall_ns();
	err = description_store(it->jb, item_path(it, dir), &d);
	if (err == JB_OK) {
		jb_enter(it->jb);
		disc_state_assign(&it->disc, &rec, it->disc.size, it->disc.blocks);
		it->ctime_ns = d.ctime_ns;
		jb_leave(it->jb);
	}
	recording_fini(&rec);
	return err;
}

enum jb_err
jb_item_set_profile(struct jukebox *jb, uint64_t id, const char *profile)
{
	const struct medium *m = medium_by_suffix(profile, strlen(profile));
	struct item *it;
	enum jb_err err;

	if (m == NULL || !medium_writable(m))
		return JB_NO_SUCH_MEDIUM;
	err = item_take(jb, id, &it);
	if (err != JB_OK)
		return err;
	err = may_choose(it);
	/* If the type is the same already, the blank must keep the capacity that a user gave it. */
	if (err == JB_OK && m != it->disc.rec.medium)
		err = become_blank(it, m, 0);
	item_let_go(it);
	return err;
}

/* Reads the decimal digits at *at, and moves *at behind them.  Stores their value in *value, and in *scale
 * the power of 10 with as many zeros as there are digits.  Returns false, and leaves *at, if there are no
 * digits or the value is too large for 63 bits. */
static bool
parse_digits(const char **at, uint64_t *value, uint64_t *scale)
{
	const char *p = *at;

	*value = 0;
	*scale = 1;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (*value > INT64_MAX / 10 - 9)
			return false;
		*value = *value * 10 + (uint64_t)(*p - '0');
		*scale = *scale < INT64_MAX / 10 ? *scale * 10 : *scale;
	}
	if (p == *at)
		return false;
	*at = p;
	return true;
}

/* Parses a size as truncate(1) does, in upper or lower case: K is 1024, KB is 1000, KiB is 1024; and so on
 * for M, G and T.  A blank may be before the unit.  With a unit, the number may have a decimal point
 * (4.7GB).  Stores the size in *bytes and returns true.  Returns false, and leaves *bytes, if the text is
 * anything else, or the number of units does not fit in 63 bits. */
static bool
parse_size(const char *text, uint64_t *bytes)
{
	enum { SCALE_MAX = 1000000 }; /* of the digits after the point, so that nothing overflows */
	static const char units[4] = "KMGT"; /* without a NUL, which is not a unit */
	uint64_t n, part = 0, scale, unit = 1;
	const char *p = text, *at;

	if (!parse_digits(&p, &n, &scale))
		return false;
	scale = 1;
	if (*p == '.') {
		p++;
		if (!parse_digits(&p, &part, &scale) || scale > SCALE_MAX)
			return false;
	}
	p += *p == ' ';
	at = memchr(units, *p & ~0x20, sizeof(units));
	if (at != NULL) {
		bool decimal = (p[1] & ~0x20) == 'B';

		for (const char *u = units; u <= at; u++)
			unit *= decimal ? 1000 : 1024;
		p += decimal ? 2 : (p[1] & ~0x20) == 'I' && (p[2] & ~0x20) == 'B' ? 3 : 1;
	} else if ((*p & ~0x20) == 'B') {
		p++;
	}
	if (*p != '\0' || n > INT64_MAX / unit || (scale > 1 && unit == 1))
		return false;
	*bytes = n * unit + part * unit / scale;
	return true;
}

enum jb_err
jb_item_set_capacity(struct jukebox *jb, uint64_t id, const char *size)
{
	const struct medium *m;
	uint64_t bytes, sectors, most;
	struct item *it;
	enum jb_err err;

	if (!parse_size(size, &bytes))
		return JB_BAD_CAPACITY;
	sectors = bytes / SECTOR_SIZE;
	err = item_take(jb, id, &it);
	if (err != JB_OK)
		return err;
	err = may_choose(it);
	m = it->disc.rec.medium;
	/* A file that is not a disc may have no medium yet. */
	if (err == JB_OK) {
		most = m->largest != 0 ? m->largest : medium_blank_holds(m);
		if (sectors < m->ecc_block || sectors > most)
			err = JB_BAD_CAPACITY;
	}
	if (err == JB_OK)
		err = become_blank(it, m, medium_capacity_to_hold(m, (uint32_t)sectors));
	item_let_go(it);
	return err;
}

/* ---- write protection ------------------------------------------------------------------------ */

enum jb_err
jb_item_set_protection(struct jukebox *jb, uint64_t id, const char *value)
{
	bool on = strcmp(value, "persistent") == 0;
	struct drive *d;
	struct item *it;
	enum jb_err err;

	if (!on && strcmp(value, "off") != 0)
		return JB_BAD_PROTECTION;
	err = item_take(jb, id, &it);
	if (err != JB_OK)
		return err;
	err = check_is_disc(it);
	if (err == JB_OK) {
		d = item_enter_drive(it);
		err = disc_set_pwp(&it->disc, on);
		if (d != NULL)
			strand_leave(&d->strand);
	}
	item_let_go(it);
	return err;
}

/* ---- mode, owner and times ----------------------------------------------------------------- */

/* Sets in memory the attributes that attr->set names, and the time of change to now.  The mode of a link
 * stays. */
static void
change_attrs(struct item *it, const struct jb_attr *attr) REQUIRES(jb_lock)
{
	if (attr->set & JB_ATTR_MODE && it->link == NULL)
		it->mode = attr->mode & 0777;
	if (attr->set & JB_ATTR_UID)
		it->uid = attr->uid;
	if (attr->set & JB_ATTR_GID)
		it->gid = attr->gid;
	if (attr->set & JB_ATTR_ATIME)
		it->atime_ns = clock_ns(&attr->atime);
	if (attr->set & JB_ATTR_MTIME)
		it->mtime_ns = clock_ns(&attr->mtime);
	it->ctime_ns = clock_wall_ns();
}

/* Changes the attributes in memory and then stores the item's description, durably.  Returns the error if
 * that fails; the attributes are then the old ones again, but the time of change is new.  If the disc is in
 * a drive, takes the drive's strand meanwhile.  Claim held; no program may be writing the item. */
static enum jb_err
store_attrs(struct item *it, const struct jb_attr *attr) EXCLUDES(jb_lock)
{
	struct drive *d = item_enter_drive(it);
	struct jb_attr old = {
		.set = ~0U,
		.mode = it->mode,
		.uid = it->uid,
		.gid = it->gid,
		.atime = clock_timespec(it->atime_ns),
		.mtime = clock_timespec(it->mtime_ns),
	};
	char dir[STORE_PATH_MAX];
	enum jb_err err;

	jb_enter(it->jb);
	change_attrs(it, attr);
	jb_leave(it->jb);
	err = it->at_incoming ? description_follow(it, item_path(it, dir), it->name)
			      : disc_describe(it);
	if (err != JB_OK) {
		jb_enter(it->jb);
		change_attrs(it, &old);
		jb_leave(it->jb);
	}
	if (d != NULL)
		strand_leave(&d->strand);
	return err;
}

/* Sets mode, uid and gid on the disc with that id, because it was made from a folder whose attributes have
 * changed.  Clears the x bits of the mode, and ignores the other attributes.  Returns JB_OK, also if there
 * is no such disc any more; or an error of jb_item_setattr. */
static enum jb_err
set_inherited(struct jukebox *jb, uint64_t disc, const struct jb_attr *attr) EXCLUDES(jb_lock)
{
	struct jb_attr its = *attr;
	enum jb_err err = JB_OK;

	its.set &= JB_ATTR_MODE | JB_ATTR_UID | JB_ATTR_GID;
	its.mode &= 0666;
	if (its.set != 0)
		err = jb_item_setattr(jb, disc, &its);
	return err == JB_NO_ITEM ? JB_OK : err;
}

enum jb_err
jb_item_setattr(struct jukebox *jb, uint64_t id, const struct jb_attr *attr)
{
	enum jb_err err;
	struct item *it;
	uint64_t heir;
	bool now;

	jb->look_again(jb);
	jb_enter(jb);
	it = item_by_id(jb, id);
	if (it == NULL) {
		jb_leave(jb);
		return JB_NO_ITEM;
	}
	item_ref(it);
	/* Waits without limit: what cp, install and wget set after the close must not fail. */
	err = it->shadowed ? JB_NO_ITEM : item_claim(it, NULL);
	if (err == JB_NO_ITEM) {
		/* The item was removed or replaced while it was open.  A program may still set its
		 * attributes. */
		change_attrs(it, attr);
		err = JB_OK;
		goto out;
	}
	if (err == JB_OK && it->kind == JB_ITEM_UNREADABLE) {
		item_unclaim(it);
		err = JB_UNREADABLE;
		goto out;
	}
	folder_touch(it);
	/* An incomplete file may stay in incoming/ until the next start, with the description that it has. */
	now = err == JB_OK && (it->insert != NULL || it->kind == JB_ITEM_STAGED ||
				      (it->at_incoming && it->kind != JB_ITEM_INCOMPLETE));
	if (now) {
		/* Its description is stored later, with the new attributes. */
		change_attrs(it, attr);
		if (it->insert != NULL)
			it->insert->attrs_changed = true;
		item_unclaim(it);
	}
	if (err == JB_OK && !now) {
		jb_leave(jb);
		err = store_attrs(it, attr);
		jb_enter(jb);
		item_unclaim(it);
	}
out:
	/* The heir is the disc that was made from this folder: it gets the same mode and owner. */
	heir = it->folder != NULL && (it->ghost || it->folder->joining) ? it->folder->heir : 0;
	jb_leave(jb);
	item_unref(it);
	return err == JB_OK && heir != 0 ? set_inherited(jb, heir, attr) : err;
}
