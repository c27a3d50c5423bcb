/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that reads whole discs, to compute or verify their hash.
 *
 * A digest (struct digest, disc_state.h) is the hash of a disc's content and the verdict of its last
 * verification.  disc.content is a counter that grows with every change of what is recorded.  While the
 * thread reads, it holds no lock, no claim and no strand (lock.h), so a disc can be moved, read or removed
 * at the same time.  If disc.content has grown meanwhile, the result is dropped.
 */
#include "changer/check.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/disc/disc_sync.h"
#include "changer/disc/link_read.h"
#include "changer/drive/drive.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/store/store.h"
#include "changer/verify/check.h"

enum { CHUNK = 1 << 20, NICE = 10 }; /* bytes that are read at once; nice value of the thread */

/* ---- the state for users --------------------------------------------------------------------- */

/* Returns true if there is a verdict, and the content has not changed since.  Jukebox lock held. */
static bool
verdict_is_valid(const struct disc *d)
{
	return digest_is_valid(d) && d->digest.verdict != JB_VERDICT_NONE;
}

enum jb_err
jb_item_check(struct jukebox *jb, uint64_t id, struct jb_check *out)
{
	struct item *it;

	memset(out, 0, sizeof(*out));
	jb_enter(jb);
	it = item_by_id(jb, id);
	if (it != NULL) {
		const struct disc *d = &it->disc;
		unsigned asked = it->check_asked | it->check_runs;

		if (digest_is_valid(d))
			strcpy(out->sha256, d->digest.sha256);
		if (verdict_is_valid(d)) {
			out->verdict = d->digest.verdict;
			out->verdict_ns = d->digest.verdict_ns;
		}
		out->hash_asked = (asked & (CHECK_HASH | CHECK_AUTO)) != 0;
		out->verify_asked = (asked & CHECK_VERIFY) != 0;
		out->running = it->check_runs != 0;
		out->percent = it->check_percent;
	}
	jb_leave(jb);
	return it == NULL ? JB_NO_ITEM : JB_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Describes one reading of a whole disc, from begin_reading to end_reading. */
struct reading {
	struct item *it;     /* borrowed: the caller holds a reference */
	struct image *image; /* pinned from begin_reading to end_reading */
	uint64_t size;	     /* of the image, in bytes, when the reading began */
	/* when the image was last modified before the reading began */
	int64_t mtime_ns;
	unsigned content;	   /* disc.content when the reading began */
	char expect[JB_HASH_TEXT]; /* the hash that the disc should have; "": none */
	char sha256[JB_HASH_TEXT]; /* the hash that hash_image has computed */
};

/* Stores the size of the image file, and the time when it was last modified.  Returns JB_STORE_READ, and
 * stores nothing, if they cannot be read. */
static enum jb_err
stat_image(const struct image *image, uint64_t *size, int64_t *mtime_ns)
{
	struct stat st;

	if (fstat(image->fd, &st) != 0)
		return JB_STORE_READ;
	*size = (uint64_t)st.st_size;
	*mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return JB_OK;
}

/* Returns true if the result of the reading is still useful.  Returns false if the request was withdrawn,
 * the daemon is ending, the disc was removed, or its content has changed.  Takes the jukebox lock. */
static bool
is_still_wanted(struct reading *r) EXCLUDES(jb_lock)
{
	struct item *it = r->it;
	bool wanted;

	jb_enter(it->jb);
	wanted = !it->jb->checks.stopping && it->check_runs != 0 && it->elem != NULL &&
		 it->disc.content == r->content;
	jb_leave(it->jb);
	return wanted;
}

/* Ends what begin_reading began: drops the reference to the image and unpins it.  No lock, no claim. */
static void
end_reading(struct reading *r)
{
	image_put(r->image);
	item_unpin_image(r->it);
}

/* Begins a reading of r->it.  Claims the disc and waits for that without limit, opens and pins its image,
 * fills in *r, and gives the claim back.  r->expect becomes "" if the disc has no valid hash.  After JB_OK
 * the caller must call end_reading.  Returns JB_NO_ITEM if the item is gone, is not a disc any more or is
 * empty; JB_UNSETTLED if its element is blocked; JB_STORE_READ; or the error of opening the image.  After
 * the last two, r->size and r->mtime_ns may be those of the stored digest. */
static enum jb_err
begin_reading(struct reading *r) EXCLUDES(jb_lock)
{
	struct item *it = r->it;
	enum jb_err err;

	jb_enter(it->jb);
	err = item_claim(it, NULL);
	if (err == JB_OK && (it->kind != JB_ITEM_DISC || it->disc.size == 0)) {
		item_unclaim(it);
		err = JB_NO_ITEM;
	}
	if (err == JB_OK) {
		r->content = it->disc.content;
		r->size = it->disc.digest.size;
		r->mtime_ns = it->disc.digest.mtime_ns;
		strcpy(r->expect, digest_is_valid(&it->disc) ? it->disc.digest.sha256 : "");
	}
	jb_leave(it->jb);
	if (err != JB_OK)
		return err;
	err = item_pin_image(it, &r->image);
	jb_enter(it->jb);
	item_unclaim(it);
	jb_leave(it->jb);
	if (err == JB_OK) {
		err = stat_image(r->image, &r->size, &r->mtime_ns);
		if (err != JB_OK)
			end_reading(r);
	}
	return err;
}

/* Prints the hash in hexadecimal digits to out, which has JB_HASH_TEXT bytes. */
static void
print_hash(const unsigned char *hash, unsigned len, char *out)
{
	for (unsigned i = 0; i < len && 2 * i + 2 < JB_HASH_TEXT; i++)
		sprintf(out + (size_t)2 * i, "%02x", hash[i]);
}

/* Reads the whole image and prints its hash to r->sha256.  Updates it->check_percent.  md is a digest that
 * has begun; buf has CHUNK bytes.  Returns JB_IN_USE if the result is not wanted any more
 * (is_still_wanted); an error of image_read; JB_NO_MEMORY. */
static enum jb_err
read_all(struct reading *r, EVP_MD_CTX *md, unsigned char *buf)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	enum jb_err err = JB_OK;

	for (uint64_t at = 0; at < r->size && err == JB_OK; at += CHUNK) {
		size_t n = r->size - at < CHUNK ? (size_t)(r->size - at) : CHUNK;

		if (!is_still_wanted(r))
			return JB_IN_USE;
		r->it->check_percent = (unsigned)(at * 100 / r->size);
		err = image_read(r->image, buf, n, at, true);
		if (err == JB_OK && EVP_DigestUpdate(md, buf, n) != 1)
			err = JB_NO_MEMORY;
	}
	if (err == JB_OK && EVP_DigestFinal_ex(md, hash, &len) != 1)
		err = JB_NO_MEMORY;
	if (err == JB_OK)
		print_hash(hash, len, r->sha256);
	return err;
}

/* Computes the hash of the image into r->sha256, and updates it->check_percent.  Returns JB_IN_USE if the
 * result is not wanted any more, or if the file was changed meanwhile; an error of image_read;
 * JB_NO_MEMORY.  Holds no lock, claim or strand. */
static enum jb_err
hash_image(struct reading *r)
{
	unsigned char *buf = malloc(CHUNK);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	enum jb_err err = JB_NO_MEMORY;
	uint64_t size;
	int64_t mtime_ns;

	if (buf != NULL && md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1)
		err = read_all(r, md, buf);
	EVP_MD_CTX_free(md);
	free(buf);
	/* If the file was changed by hand at the same time, the result is neither good nor bad: nobody
	 * knows what was read. */
	if (err == JB_OK && (stat_image(r->image, &size, &mtime_ns) != JB_OK || size != r->size ||
				    mtime_ns != r->mtime_ns))
		err = JB_IN_USE;
	return err;
}

/* ---- results --------------------------------------------------------------------------------- */

/* Raises the event `verify-ok` if good is true, else `verify-failed`, and then also logs an error.  err is
 * the error with which the reading ended, JB_OK if the whole disc was read. */
static void
report_verdict(const struct reading *r, bool good, enum jb_err err)
{
	if (err != JB_OK)
		log_err("check", "%s: the disc cannot be verified: %s", r->it->name,
			jb_err_text(err));
	else if (!good)
		log_err("check", "%s: verification failed: its SHA-256 is %s, should be %s",
			r->it->name, r->sha256, r->expect);
	event_verdict(r->it, good);
}

/* Stores the digest in the disc's description, durably, but not in memory.  First syncs what was written to
 * the disc.  Returns an error of the sync or of the store.  Claim held, and the strand if the disc is in a
 * drive. */
static enum jb_err
store_digest(struct item *it, const struct digest *digest)
{
	char dir[STORE_PATH_MAX];
	struct description d;
	enum jb_err err = disc_sync_written(&it->disc);

	if (err != JB_OK)
		return err;
	description_of(it, &d);
	d.digest = *digest;
	return description_store(it->jb, item_path(it, dir), &d);
}

/*
 * Makes *digest the disc's digest, in the description in the store and in memory.  Changes nothing if the
 * content has changed since the reading began.  found says where the digest is from: true if a check
 * computed it, false if a user set the hash.  If the store fails, a digest from a check is still kept in
 * memory, and that is logged; for one from a user, the old digest stays.  If a check has a verdict, reports
 * it (report_verdict); err says how its reading ended.
 *
 * Claims the disc and waits for that without limit; takes the strand of its drive.  Returns JB_OK if the
 * digest is in the store; JB_NO_ITEM if the item is gone; JB_UNSETTLED if its element is blocked; JB_IN_USE
 * if the content has changed or the check was stopped meanwhile; or the error of store_digest.
 */
static enum jb_err
keep_digest(struct reading *r, const struct digest *digest, bool found, enum jb_err err)
	EXCLUDES(jb_lock)
{
	struct item *it = r->it;
	enum jb_err kept;
	struct drive *d;
	bool wanted, stopped;

	jb_enter(it->jb);
	kept = item_claim(it, NULL);
	/* While this function waited, a user may have set another hash (jb_item_check_stop). */
	stopped = found && it->check_runs == 0;
	jb_leave(it->jb);
	if (kept != JB_OK)
		return kept;
	d = item_enter_drive(it);
	wanted = !stopped && it->kind == JB_ITEM_DISC && it->disc.content == r->content;
	kept = wanted ? store_digest(it, digest) : JB_IN_USE;
	if (wanted && (kept == JB_OK || found)) {
		jb_enter(it->jb);
		it->disc.digest = *digest;
		jb_leave(it->jb);
	}
	if (wanted && found && kept != JB_OK)
		log_warn("store", "%s: the result of the verification cannot be stored", it->name);
	if (wanted && found && digest->verdict != JB_VERDICT_NONE)
		report_verdict(r, digest->verdict == JB_VERDICT_GOOD, err);
	if (d != NULL)
		strand_leave(&d->strand);
	jb_enter(it->jb);
	item_unclaim(it);
	jb_leave(it->jb);
	return kept;
}

/* Returns a digest of the content that was read: with the hash sha256, which is "" for none, and without a
 * verdict. */
static struct digest
digest_of(const struct reading *r, const char *sha256)
{
	struct digest digest = {.size = r->size, .mtime_ns = r->mtime_ns, .content = r->content};

	strcpy(digest.sha256, sha256);
	return digest;
}

/* Compares the hash that was computed with the expected one, and keeps and reports the verdict
 * (keep_digest).  err is the error with which the reading ended.  If it is not JB_OK, the verdict is
 * bad. */
static void
keep_verdict(struct reading *r, enum jb_err err)
{
	struct digest digest = digest_of(r, r->expect);
	bool good = err == JB_OK && strcmp(r->sha256, r->expect) == 0;

	digest.verdict = good ? JB_VERDICT_GOOD : JB_VERDICT_BAD;
	digest.verdict_ns = clock_wall_ns();
	(void)keep_digest(r, &digest, true, err);
}

/* Keeps the computed hash as the disc's hash, without a verdict (keep_digest).  An error of the store is
 * only logged. */
static void
keep_hash(struct reading *r)
{
	struct digest digest = digest_of(r, r->sha256);

	(void)keep_digest(r, &digest, true, JB_OK);
}

/* Returns the requests in `what` (bits CHECK_...)  that can still be carried out.  CHECK_VERIFY needs a
 * disc that has a hash.  CHECK_HASH and CHECK_AUTO need a disc without one.  Since the request, a user may
 * have set or removed the hash, or the content may have changed. */
static unsigned
useful_requests(const struct reading *r, unsigned what)
{
	return what & (r->expect[0] != '\0' ? CHECK_VERIFY : CHECK_HASH | CHECK_AUTO);
}

/* Opens the file of a disc that is inserted by reference (a link), to set the state of the link
 * (link_open).  If the disc is in no drive, closes the file again.  If it is in a drive, opens the file
 * only if it has changed or is not open (link_read_again).  If the link becomes good by that, the drive
 * begins to load the disc.  Claim held; takes the strand of the drive. */
static void
reopen_link(struct item *it) EXCLUDES(jb_lock)
{
	struct drive *d = item_enter_drive(it);
	struct image *image = NULL;
	enum jb_link before = (enum jb_link)it->link->state;

	if (d != NULL) {
		link_read_again(it);
		jb_enter(it->jb);
		if (before != JB_LINK_GOOD && it->link->state == JB_LINK_GOOD)
			drive_medium_came(d);
		jb_leave(it->jb);
		strand_leave(&d->strand);
	} else if (link_open(it, &image) == JB_OK) {
		image_put(image);
	}
}

/* Claims the disc, waits for that without limit, calls reopen_link, and gives the claim back.  Does nothing
 * if the item is gone or its element is blocked. */
static void
claim_and_reopen_link(struct item *it) EXCLUDES(jb_lock)
{
	bool claimed;

	jb_enter(it->jb);
	claimed = item_claim(it, NULL) == JB_OK;
	jb_leave(it->jb);
	if (!claimed)
		return;
	reopen_link(it);
	jb_enter(it->jb);
	item_unclaim(it);
	jb_leave(it->jb);
}

/* Returns true if err, with which a reading ended, says nothing about the content: memory or descriptors
 * are missing, the daemon is ending, or the file of a link cannot be opened now.  Such a reading gives no
 * verdict. */
static bool
is_no_verdict(enum jb_err err)
{
	return err == JB_NO_MEMORY || err == JB_NO_DESCRIPTORS || err == JB_STOPPING ||
	       err == JB_LINK_MISSING || err == JB_LINK_LATE;
}

/* Reads the disc for the requests `what` (CHECK_HASH, CHECK_VERIFY, CHECK_AUTO), and keeps the result.
 * Drops a request without a result if it is not useful any more (useful_requests), the disc is gone, or the
 * content changes meanwhile.  Logs an error if the reading says nothing about the content. */
static void
read_for_requests(struct item *it, unsigned what) EXCLUDES(jb_lock)
{
	struct reading r = {.it = it};
	enum jb_err err = begin_reading(&r);
	bool opened = err == JB_OK;

	if (err == JB_NO_ITEM)
		return;
	what = useful_requests(&r, what);
	if (opened) {
		err = what != 0 ? hash_image(&r) : JB_OK;
		end_reading(&r);
	}
	if (err == JB_IN_USE || what == 0)
		return;
	if ((what & CHECK_VERIFY) && is_no_verdict(err))
		log_err("check", "a disc cannot be verified now: %s", jb_err_text(err));
	else if (what & CHECK_VERIFY)
		keep_verdict(&r, err);
	else if (err == JB_OK)
		keep_hash(&r);
	else
		log_err("check", "a hash cannot be computed: %s", jb_err_text(err));
}

/* Carries out the requests `what` (bits CHECK_...)  for one disc, and keeps their results.  CHECK_LINK
 * comes first.  Drops CHECK_AUTO if the setting hash-completed is off.  Holds no lock. */
static void
do_requests(struct item *it, unsigned what)
{
	if (what & CHECK_LINK)
		claim_and_reopen_link(it);
	what &= ~(unsigned)CHECK_LINK;
	if ((what & CHECK_AUTO) && !jb_setting_bool(it->jb, JB_SET_HASH_COMPLETED, 0))
		what &= ~(unsigned)CHECK_AUTO;
	if (what != 0)
		read_for_requests(it, what);
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Gives the calling thread a low priority, for the processor and for the disk (ioprio_set(2), idle
 * class). */
static void
become_modest(void)
{
	enum { WHO_PROCESS = 1, CLASS_IDLE = 3, CLASS_SHIFT = 13 };

	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	(void)syscall(SYS_ioprio_set, WHO_PROCESS, 0, CLASS_IDLE << CLASS_SHIFT);
}

/* Runs the thread: takes one disc after the other from the queue, carries out its requests and drops its
 * reference, until checks.stopping is set. */
static void *
serve(void *arg)
{
	struct jukebox *jb = arg;
	struct checks *c = &jb->checks;

	become_modest();
	jb_enter(jb);
	while (!c->stopping) {
		struct item *it = TAILQ_FIRST(&c->queue);
		unsigned what;

		if (it == NULL) {
			pthread_cond_wait(&c->wake, &jb->lock);
			continue;
		}
		TAILQ_REMOVE(&c->queue, it, check_link);
		what = it->check_runs = it->check_asked;
		it->check_asked = 0;
		it->check_percent = 0;
		it->check_content = it->disc.content;
		jb_leave(jb);
		do_requests(it, what);
		jb_enter(jb);
		it->check_runs = 0;
		jb_leave(jb);
		item_unref(it);
		jb_enter(jb);
	}
	jb_leave(jb);
	return NULL;
}

void
check_init(struct jukebox *jb)
{
	jb->checks.serve = serve;
	pthread_cond_init(&jb->checks.wake, NULL);
	jb_enter(jb);
	TAILQ_INIT(&jb->checks.queue);
	jb_leave(jb);
}

void
check_open(struct jukebox *jb)
{
	jb_enter(jb);
	jb->checks.open = true;
	jb_leave(jb);
}

void
check_fini(struct jukebox *jb)
{
	struct checks *c = &jb->checks;
	struct item *it;
	bool started;

	jb_enter(jb);
	c->stopping = true;
	c->open = false;
	started = c->started;
	pthread_cond_signal(&c->wake);
	jb_leave(jb);
	if (started)
		pthread_join(c->thread, NULL);
	do {
		jb_enter(jb);
		it = TAILQ_FIRST(&c->queue);
		if (it != NULL)
			TAILQ_REMOVE(&c->queue, it, check_link);
		jb_leave(jb);
		if (it != NULL)
			item_unref(it);
	} while (it != NULL);
	pthread_cond_destroy(&c->wake);
}

/* ---- requests -------------------------------------------------------------------------------- */

/* Returns JB_OK if the item is a disc with something on it.  Returns JB_NO_ITEM if `it` is NULL, or a new
 * disc is about to replace it; JB_INCOMPLETE if it is an incomplete file; JB_BEING_INSERTED if it is not a
 * disc for another reason; JB_NOTHING_THERE if the disc is empty. */
static enum jb_err
may_check(const struct item *it) REQUIRES(jb_lock)
{
	if (it == NULL || it->shadowed)
		return JB_NO_ITEM;
	if (it->kind == JB_ITEM_INCOMPLETE)
		return JB_INCOMPLETE;
	if (it->kind != JB_ITEM_DISC)
		return JB_BEING_INSERTED;
	return it->disc.size == 0 ? JB_NOTHING_THERE : JB_OK;
}

/* Waits until the file with that id, which a program has just closed, is a disc; CLOSING_WAIT_MS (one
 * second) at most.  So a user can copy a disc and request its hash at once.  Does not wait for any other
 * item.  [blocks] */
static void
await_closed(struct jukebox *jb, uint64_t id) EXCLUDES(jb_lock)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct item *it;

	jb_enter(jb);
	it = item_by_id(jb, id);
	if (it != NULL && it->kind == JB_ITEM_INCOMING) {
		item_ref(it);
		item_await_writers(it, &deadline);
	} else {
		it = NULL;
	}
	jb_leave(jb);
	if (it != NULL)
		item_unref(it);
}

enum jb_err
jb_item_hash(struct jukebox *jb, uint64_t id)
{
	struct item *it;
	enum jb_err err;

	await_closed(jb, id);
	jb_enter(jb);
	it = item_by_id(jb, id);
	err = may_check(it);
	/* A hash that is known is what later readings are compared with, so it is not computed again. */
	if (err == JB_OK && !digest_is_valid(&it->disc))
		err = verify_queue_ask(it, CHECK_HASH);
	jb_leave(jb);
	return err;
}

enum jb_err
jb_item_verify(struct jukebox *jb, uint64_t id)
{
	struct item *it;
	enum jb_err err;

	await_closed(jb, id);
	jb_enter(jb);
	it = item_by_id(jb, id);
	err = may_check(it);
	if (err == JB_OK && !digest_is_valid(&it->disc))
		err = JB_NO_HASH;
	if (err == JB_OK)
		err = verify_queue_ask(it, CHECK_VERIFY);
	jb_leave(jb);
	return err;
}

enum jb_err
jb_item_check_stop(struct jukebox *jb, uint64_t id)
{
	struct item *it;
	bool unqueued;

	jb_enter(jb);
	it = item_by_id(jb, id);
	/* Only the jukebox requests CHECK_LINK, so a user does not withdraw it. */
	unqueued = it != NULL && it->check_asked != 0 && (it->check_asked & CHECK_LINK) == 0;
	if (it != NULL) {
		it->check_asked &= CHECK_LINK;
		it->check_runs = 0;
	}
	if (unqueued)
		TAILQ_REMOVE(&jb->checks.queue, it, check_link);
	jb_leave(jb);
	if (unqueued)
		item_unref(it);
	return it == NULL ? JB_NO_ITEM : JB_OK;
}

/* ---- a hash from outside --------------------------------------------------------------------- */

/* Copies 64 hexadecimal digits to out, in lower case, with a NUL.  Returns true; or false, and leaves out
 * unchanged, if the text is anything else. */
static bool
parse_hash(const char *text, char out[JB_HASH_TEXT])
{
	static const char digits[] = "0123456789abcdefABCDEF";

	if (strlen(text) != JB_HASH_TEXT - 1 || strspn(text, digits) != JB_HASH_TEXT - 1)
		return false;
	for (unsigned i = 0; i < JB_HASH_TEXT; i++)
		out[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] | 0x20 : text[i]);
	return true;
}

enum jb_err
jb_item_set_hash(struct jukebox *jb, uint64_t id, const char *sha256)
{
	struct reading r = {.image = NULL};
	char text[JB_HASH_TEXT] = "";
	struct digest digest;
	enum jb_err err;

	if (sha256 != NULL && !parse_hash(sha256, text))
		return JB_BAD_HASH;
	await_closed(jb, id);
	jb_enter(jb);
	r.it = item_by_id(jb, id);
	err = may_check(r.it);
	if (err == JB_OK)
		item_ref(r.it);
	jb_leave(jb);
	if (err != JB_OK)
		return err;
	(void)jb_item_check_stop(jb, id);
	err = begin_reading(&r);
	if (err == JB_OK) {
		digest = digest_of(&r, text);
		err = keep_digest(&r, &digest, false, JB_OK);
		end_reading(&r);
	}
	item_unref(r.it);
	return err;
}

/* ---- links --------------------------------------------------------------------------------- */

/* Requests a check (CHECK_LINK) of every link that is in an element.  Ignores errors. */
static void
ask_links(struct jukebox *jb) REQUIRES(jb_lock)
{
	for (size_t i = 0; i < jb->buckets; i++)
		for (struct item *it = jb->by_id[i]; it != NULL; it = it->next_by_id)
			if (it->link != NULL && it->elem != NULL)
				(void)verify_queue_ask(it, CHECK_LINK);
}

void
jb_set_opener(struct jukebox *jb, jb_opener *opener, void *arg)
{
	jb_enter(jb);
	jb->opener = NULL;
	while (jb->opener_users > 0)
		(void)jb_wait_until(jb, NULL);
	jb->opener = opener;
	jb->opener_arg = arg;
	if (opener != NULL)
		ask_links(jb);
	jb_leave(jb);
}
