/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recording in disc.json:
 *
 *	"profile": "dvd+r", "capacity": 2295104, "final": false, "sessions": 1,
 *	"tracks": [{"session": 1, "start": 0, "size": 1000, "recorded": 1000, "state": "closed"}]
 *
 * Members that only some discs have: "minimal": true, "spare": "srm" or "pow", "background": "stopped"
 * or "complete" with "background-done": 0, "layer-break": 2086912, "overburned": 100,
 * "write-protected": true.
 *
 * A CD may have "raw": true, "first-track": 7, the number of its first track, "catalog": "4006381333931",
 * "cd-text": packs of 18 bytes as hexadecimal digits, and "sheet": the lines of its sheet.  Its tracks may
 * have "mode": "mode2" or "audio" (default: mode 1), "control": 2, "pregap": 150, "isrc": "DEA471600001",
 * "shift": 150, and "indices": [3000, 4500], the addresses of index 2 and up.  "xa": true is an older word
 * for mode 2.
 *
 * "sessions" counts closed sessions.  People may edit the file while the daemon is down, so everything
 * that is read is checked against every rule on which the rest of the model relies.
 */
#include "changer/recording/recording.h"
#include "changer/recording/recording_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/medium.h"

/* Indexed by enum track_state; NULL: the invisible track, which is never stored. */
static const char *const state_names[] = {
	[TRACK_OPEN] = "open",
	[TRACK_RESERVED] = "reserved",
	[TRACK_CLOSED] = "closed",
	[TRACK_FORMATTED] = "formatted",
};

enum { SHEET_MAX = 1 << 20 }; /* bytes of a sheet's lines; much more than any sheet has as UTF-8 */
enum { NSTATES = sizeof(state_names) / sizeof(state_names[0]) };

/* Indexed by enum spare_format. */
static const char *const spare_names[] = {[SPARE_SRM] = "srm", [SPARE_POW] = "pow"};

/* A format that is running counts as stopped when the file is read again. */
static const char *const background_names[] = {
	[BACKGROUND_STOPPED] = "stopped",
	[BACKGROUND_RUNNING] = "stopped",
	[BACKGROUND_COMPLETE] = "complete",
};

/* Returns the index in names, from 1, of the text that is the member `key`.  Returns 0, which has
 * no name, if the member is missing or is another text. */
static unsigned
find_name(const char *const *names, unsigned n, const json_t *from, const char *key)
{
	const char *name = json_string_value(json_object_get(from, key));

	for (unsigned i = 1; name != NULL && i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return 0;
}

/* Indexed by enum cd_mode; NULL: mode 1, which is not written. */
static const char *const mode_names[CD_MODES] = {
	[CD_MODE2] = "mode2",
	[CD_AUDIO] = "audio",
};

/* Returns the CD-TEXT as a JSON text of hexadecimal digits, in lower case; NULL if memory is missing. */
static json_t *
text_to_json(const struct recording *r)
{
	size_t size = (size_t)r->ntext * CD_TEXT_PACK;
	char *digits = malloc(2 * size + 1);
	json_t *json;

	if (digits == NULL)
		return NULL;
	for (size_t i = 0; i < size; i++)
		snprintf(digits + 2 * i, 3, "%02x", r->text[i]);
	json = json_stringn(digits, 2 * size);
	free(digits);
	return json;
}

/* Returns a list of the lines of r->sheet, which is not NULL; returns NULL if memory is missing. */
static json_t *
sheet_to_json(const struct recording *r)
{
	json_t *list = json_array();
	int bad = 0;

	for (const char *line = r->sheet, *end; *line != '\0'; line = end + (*end != '\0')) {
		end = strchrnul(line, '\n');
		bad |= json_array_append_new(list, json_stringn(line, (size_t)(end - line)));
	}
	if (bad == 0)
		return list;
	json_decref(list);
	return NULL;
}

/* Sets the members that only CDs have, each if it differs from its default.  Returns false if
 * memory is missing. */
static bool
put_cd(const struct recording *r, json_t *into)
{
	int bad = 0;

	if (r->raw)
		bad |= json_object_set_new(into, "raw", json_true());
	if (recording_first_number(r) > 1)
		bad |= json_object_set_new(
			into, "first-track", json_integer(recording_first_number(r)));
	if (r->catalog[0] != '\0')
		bad |= json_object_set_new(into, "catalog", json_string(r->catalog));
	if (r->ntext > 0)
		bad |= json_object_set_new(into, "cd-text", text_to_json(r));
	if (r->sheet != NULL)
		bad |= json_object_set_new(into, "sheet", sheet_to_json(r));
	return bad == 0;
}

/* Sets the members that only some media have, each if it differs from its default.  Returns false
 * if memory is missing. */
static bool
put_special(const struct recording *r, json_t *into)
{
	int bad = 0;

	if (r->minimal)
		bad |= json_object_set_new(into, "minimal", json_true());
	if (r->spare != SPARE_NONE)
		bad |= json_object_set_new(into, "spare", json_string(spare_names[r->spare]));
	if (r->background != BACKGROUND_NONE)
		bad |= json_object_set_new(
			into, "background", json_string(background_names[r->background]));
	if (r->background == BACKGROUND_STOPPED || r->background == BACKGROUND_RUNNING)
		bad |= json_object_set_new(
			into, "background-done", json_integer(r->background_done));
	if (r->layer_break != 0)
		bad |= json_object_set_new(into, "layer-break", json_integer(r->layer_break));
	if (r->overburned != 0)
		bad |= json_object_set_new(into, "overburned", json_integer(r->overburned));
	if (r->pwp)
		bad |= json_object_set_new(into, "write-protected", json_true());
	return bad == 0;
}

/* Sets the members of a track that only CDs have, each if it differs from its default.  Returns
 * false if memory is missing. */
static bool
put_cd_track(const struct track *t, json_t *into)
{
	int bad = 0;

	if (mode_names[t->mode] != NULL)
		bad |= json_object_set_new(into, "mode", json_string(mode_names[t->mode]));
	if (t->control != 0)
		bad |= json_object_set_new(into, "control", json_integer(t->control));
	if (t->pregap != 0)
		bad |= json_object_set_new(into, "pregap", json_integer(t->pregap));
	if (t->isrc[0] != '\0')
		bad |= json_object_set_new(into, "isrc", json_string(t->isrc));
	if (t->shift != 0)
		bad |= json_object_set_new(into, "shift", json_integer(t->shift));
	return bad == 0;
}

/* Sets the member "indices" if the track has any from 2 on.  Returns false if memory is missing. */
static bool
put_indices(const struct recording *r, const struct track *t, json_t *into)
{
	const uint32_t *lbas;
	unsigned n = recording_indices(r, t, &lbas);
	json_t *list = n > 0 ? json_array() : NULL;
	int bad = 0;

	if (n == 0)
		return true;
	for (unsigned i = 0; i < n; i++)
		bad |= json_array_append_new(list, json_integer(lbas[i]));
	bad |= json_object_set_new(into, "indices", list);
	return bad == 0;
}

/* Returns the object of the track *t of r; NULL if memory is missing. */
static json_t *
track_to_json(const struct recording *r, const struct track *t)
{
	json_t *track = json_pack("{s:I, s:I, s:I, s:I, s:s}", "session", (json_int_t)t->session,
		"start", (json_int_t)t->start, "size", (json_int_t)t->size, "recorded",
		(json_int_t)t->recorded, "state", state_names[t->state]);

	if (track != NULL && (!put_cd_track(t, track) || !put_indices(r, t, track))) {
		json_decref(track);
		return NULL;
	}
	return track;
}

bool
recording_to_json(const struct recording *r, json_t *into)
{
	json_t *tracks = json_array();
	bool ok = tracks != NULL;

	for (unsigned i = 0; ok && i < r->ntracks; i++)
		ok = json_array_append_new(tracks, track_to_json(r, &r->tracks[i])) == 0;
	/* The _new functions take over the reference even if they fail, and refuse NULL. */
	if (!ok) {
		json_decref(tracks);
		return false;
	}
	ok = json_object_set_new(into, "tracks", tracks) == 0 && put_special(r, into) &&
	     put_cd(r, into);
	return ok && json_object_set_new(into, "profile", json_string(r->medium->suffix)) == 0 &&
	       json_object_set_new(into, "capacity", json_integer(r->capacity)) == 0 &&
	       json_object_set_new(into, "final", json_boolean(r->final)) == 0 &&
	       json_object_set_new(into, "sessions", json_integer(r->closed_sessions)) == 0;
}

/* Reads the whole number that is the member `key`.  Returns false, and leaves *out, if the member
 * is missing, is not a whole number, or is not between min and max. */
static bool
get_number(const json_t *from, const char *key, uint32_t min, uint32_t max, uint32_t *out)
{
	const json_t *v = json_object_get(from, key);
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < (json_int_t)min || n > (json_int_t)max)
		return false;
	*out = (uint32_t)n;
	return true;
}

/* Reads the state of a track.  Returns false, and leaves *out, if it is missing or is not a state
 * that is stored. */
static bool
get_state(const json_t *from, enum track_state *out)
{
	const char *name = json_string_value(json_object_get(from, "state"));

	for (unsigned i = 0; name != NULL && i < NSTATES; i++) {
		if (state_names[i] != NULL && strcmp(state_names[i], name) == 0) {
			*out = (enum track_state)i;
			return true;
		}
	}
	return false;
}

/* Reads the members of a CD track; t->start must be set.  Mode, control bits and ISRC that are not
 * valid count as missing.  Returns false if "shift" or "pregap" is there and is not a number up to
 * t->start. */
static bool
get_cd_track(const json_t *from, struct track *t)
{
	const char *isrc = json_string_value(json_object_get(from, "isrc"));
	uint32_t control = 0;

	t->mode = (enum cd_mode)find_name(mode_names, CD_MODES, from, "mode");
	if (json_is_true(json_object_get(from, "xa")))
		t->mode = CD_MODE2;
	if (get_number(from, "control", 0, CD_CONTROL_BITS, &control))
		t->control = control & CD_CONTROL_BITS;
	if (isrc != NULL && cd_isrc_is_valid(isrc))
		memcpy(t->isrc, isrc, sizeof(t->isrc));
	if (json_object_get(from, "shift") != NULL &&
		!get_number(from, "shift", 0, t->start, &t->shift))
		return false;
	return json_object_get(from, "pregap") == NULL ||
	       get_number(from, "pregap", 0, t->start, &t->pregap);
}

/* Reads the indices of the last track of r.  The first one that is not valid, and all after it,
 * count as missing.  Returns false only if memory is missing. */
static bool
get_indices(struct recording *r, const json_t *from)
{
	const json_t *list = json_object_get(from, "indices");
	const struct track *t = &r->tracks[r->ntracks - 1];
	enum jb_err err = JB_OK;
	uint32_t lba;

	for (size_t i = 0; err == JB_OK && i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);

		if (!json_is_integer(v) || json_integer_value(v) < (json_int_t)t->start ||
			json_integer_value(v) >= (json_int_t)track_end(t))
			break;
		lba = (uint32_t)json_integer_value(v);
		err = recording_add_index(r, lba);
	}
	return err != JB_NO_MEMORY;
}

/* Reads the object of a track, except its indices.  Returns false if a number is missing or the
 * track does not fit into the capacity, if the state is not valid, or as get_cd_track. */
static bool
track_from_json(const json_t *from, uint32_t room, struct track *t)
{
	uint32_t session;

	if (!get_number(from, "session", 1, UINT16_MAX, &session) ||
		!get_number(from, "start", 0, room - 1, &t->start) ||
		!get_number(from, "size", 1, room - t->start, &t->size) || !get_cd_track(from, t) ||
		!get_number(from, "recorded", 0, t->pregap + t->size, &t->recorded) ||
		!get_state(from, &t->state))
		return false;
	t->session = (uint16_t)session;
	return true;
}

/* Returns true if a track may follow the one before it: in that session or the next one, at higher
 * addresses, and at higher places in the image; if it is not closed, directly behind the other one's
 * place, for its sectors are written there.  before is NULL for the first track, which must start at 0. */
static bool
track_follows(const struct recording *r, const struct track *before, const struct track *t)
{
	unsigned session = before == NULL ? 0 : before->session;
	uint64_t end = before == NULL ? 0 : track_end(before);
	uint32_t shift = before == NULL ? 0 : before->shift;

	if (t->session != session && t->session != session + 1)
		return false;
	if (t->session == 0 || t->session > r->closed_sessions + 1u)
		return false;
	/* The size of the gap is not checked: another version may have left another one. */
	if (before == NULL)
		return track_first(t) == 0 && (t->state == TRACK_CLOSED || t->shift == 0);
	/* Places in the image must ascend as addresses do. */
	return track_first(t) >= end && t->start - t->shift >= end - shift &&
	       (t->state == TRACK_CLOSED ? t->shift >= shift : t->shift == shift);
}

/* Returns true if a track may be in its state on this medium, and in a closed or an open session, and has
 * recorded what the state demands. */
static bool
track_state_fits(const struct recording *r, const struct track *t)
{
	bool in_closed = t->session <= r->closed_sessions;

	if ((t->state == TRACK_FORMATTED) != (r->medium->writing == WRITES_ANYWHERE))
		return false;
	switch (t->state) {
	case TRACK_CLOSED:
		return t->recorded == t->pregap + t->size;
	case TRACK_OPEN: /* it has all the room that is left, so no track follows it */
		return !in_closed && t->start + t->size >= r->capacity;
	case TRACK_RESERVED:
		return !in_closed && r->medium->can_reserve;
	case TRACK_FORMATTED:
		return in_closed && !r->final;
	default:
		return false;
	}
}

/* Returns true if all tracks may follow each other, are in a valid state, and agree with the number
 * of closed sessions and with r->final. */
static bool
tracks_valid(const struct recording *r)
{
	const struct track *before = NULL;

	for (unsigned i = 0; i < r->ntracks; i++) {
		const struct track *t = &r->tracks[i];

		if (!track_follows(r, before, t) || !track_state_fits(r, t))
			return false;
		before = t;
	}
	/* Every closed session must have a track.  A final disc must not have an open one. */
	if (before == NULL)
		return r->closed_sessions == 0 && !r->final;
	if (before->session < r->closed_sessions)
		return false;
	return !r->final || before->session == r->closed_sessions;
}

/* Reads the list of tracks, with their indices on a CD.  The medium, the capacity, the number of
 * sessions and r->final must be set.  Returns false if the tracks are not valid or too many, or
 * memory is missing; the caller frees those that were read. */
static bool
tracks_from_json(struct recording *r, const json_t *from)
{
	size_t n = json_array_size(from);

	if (!json_is_array(from) || n > r->medium->max_tracks)
		return false;
	r->tracks = calloc(n + 1, sizeof(*r->tracks));
	if (r->tracks == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		const json_t *track = json_array_get(from, i);

		if (!track_from_json(track, r->capacity + r->overburned, &r->tracks[r->ntracks]))
			return false;
		r->ntracks++;
		if (r->medium->family == MEDIUM_CD && !get_indices(r, track))
			return false;
	}
	return tracks_valid(r);
}

/* Reads the members that only some media have; the tracks must be set.  A value that is not valid
 * for the medium counts as missing; without "background", a formatted DVD+RW is complete. */
static void
get_special(struct recording *r, const json_t *from)
{
	enum {
		NSPARES = sizeof(spare_names) / sizeof(spare_names[0]),
		NBACKGROUNDS = sizeof(background_names) / sizeof(background_names[0]),
	};
	const struct medium *m = r->medium;

	if (m->blank_types != 0 && r->ntracks == 0)
		r->minimal = json_is_true(json_object_get(from, "minimal"));
	if (m->kind == MEDIUM_WRITE_ONCE && m->formats != NULL)
		r->spare = (enum spare_format)find_name(spare_names, NSPARES, from, "spare");
	if (recording_is_formatted(r) && m->formats[0].does == FORMAT_BACKGROUND) {
		r->background = (enum background)find_name(
			background_names, NBACKGROUNDS, from, "background");
		if (r->background == BACKGROUND_NONE)
			r->background = BACKGROUND_COMPLETE;
		if (!get_number(from, "background-done", 0, r->tracks[0].size, &r->background_done))
			r->background_done = 0;
	}
	if (!m->has_layer_break ||
		!get_number(from, "layer-break", 0, r->capacity / 2, &r->layer_break))
		r->layer_break = 0;
	r->pwp = m->has_pwp && json_is_true(json_object_get(from, "write-protected"));
}

/* Returns the value of a hexadecimal digit, in lower case; -1 if c is not one. */
static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads the CD-TEXT.  If it is not valid, or longer than CD_TEXT_PACKS_MAX packs, the disc has
 * none.  Returns false only if memory is missing. */
static bool
get_text(struct recording *r, const json_t *from)
{
	const json_t *v = json_object_get(from, "cd-text");
	const char *digits = json_string_value(v);
	size_t n = json_string_length(v) / 2, packs = n / CD_TEXT_PACK;
	uint8_t *text;

	if (digits == NULL || n == 0 || json_string_length(v) != packs * 2 * CD_TEXT_PACK ||
		packs > CD_TEXT_PACKS_MAX)
		return true;
	text = malloc(n);
	if (text == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(digits[2 * i]), low = hex_digit(digits[2 * i + 1]);

		if (high < 0 || low < 0) {
			free(text);
			return true;
		}
		text[i] = (uint8_t)(high << 4 | low);
	}
	r->text = text;
	r->ntext = (unsigned)packs;
	return true;
}

/* Reads the lines of the sheet.  If one is not a text, or they are longer than SHEET_MAX, the disc
 * has no sheet.  Returns false only if memory is missing. */
static bool
get_sheet(struct recording *r, const json_t *from)
{
	const json_t *list = json_object_get(from, "sheet");
	size_t size = 0;
	char *end;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *line = json_array_get(list, i);

		if (!json_is_string(line) || size > SHEET_MAX)
			return true;
		size += json_string_length(line) + 1;
	}
	if (size == 0)
		return true;
	r->sheet = end = malloc(size + 1);
	if (end == NULL)
		return false;
	for (size_t i = 0; i < json_array_size(list); i++)
		end = stpcpy(stpcpy(end, json_string_value(json_array_get(list, i))), "\n");
	return true;
}

/* Reads the members of a CD; the tracks must be set.  Returns false if memory is missing, or if
 * they are wrong in a way that would misread the image: raw sectors, pregaps or modes on a medium
 * that has none, a formatted raw disc, or audio or shifted tracks on a disc that is not raw. */
static bool
get_cd(struct recording *r, const json_t *from)
{
	const char *catalog = json_string_value(json_object_get(from, "catalog"));
	uint32_t first;

	r->raw = json_is_true(json_object_get(from, "raw"));
	if (r->medium->family != MEDIUM_CD) {
		for (unsigned i = 0; i < r->ntracks; i++)
			if (r->tracks[i].mode != CD_MODE1 || r->tracks[i].pregap != 0)
				return false;
		if (r->raw)
			return false;
	}
	if (r->raw && recording_is_formatted(r))
		return false;
	for (unsigned i = 0; i < r->ntracks; i++)
		if (!r->raw && (r->tracks[i].mode == CD_AUDIO || r->tracks[i].shift != 0))
			return false;
	if (r->medium->family != MEDIUM_CD)
		return true;
	if (r->ntracks > 0 &&
		get_number(from, "first-track", 1, CD_NUMBER_MAX + 1 - r->ntracks, &first))
		r->first_number = (uint8_t)first;
	if (catalog != NULL && cd_catalog_is_valid(catalog))
		memcpy(r->catalog, catalog, sizeof(r->catalog));
	return get_text(r, from) && (!r->raw || get_sheet(r, from));
}

/* Reads the medium, the capacity, r->final and the number of closed sessions.  Returns false if one
 * is missing or not valid, or if a pressed disc is not final. */
static bool
head_from_json(struct recording *r, const json_t *from)
{
	const json_t *profile = json_object_get(from, "profile");
	const json_t *final = json_object_get(from, "final");
	uint32_t sessions;

	if (!json_is_string(profile) || !json_is_boolean(final))
		return false;
	r->medium = medium_by_suffix(json_string_value(profile), json_string_length(profile));
	r->final = json_is_true(final);
	if (r->medium == NULL || !get_number(from, "capacity", 1, UINT32_MAX, &r->capacity) ||
		!get_number(from, "sessions", 0, r->medium->max_sessions, &sessions))
		return false;
	r->closed_sessions = (uint16_t)sessions;
	/* Then a track that reaches beyond the capacity is not valid. */
	if (r->medium->family != MEDIUM_CD || r->capacity > medium_largest(r->medium) ||
		!get_number(from, "overburned", 0, medium_largest(r->medium) - r->capacity,
			&r->overburned))
		r->overburned = 0;
	return medium_writable(r->medium) || r->final;
}

bool
recording_from_json(struct recording *r, const json_t *from)
{
	struct recording new = {.medium = NULL};

	if (!head_from_json(&new, from) ||
		!tracks_from_json(&new, json_object_get(from, "tracks")) || !get_cd(&new, from)) {
		recording_fini(&new);
		return false;
	}
	get_special(&new, from);
	/* All is closed, and by the rules of this version there is no room for more: nothing can be
	 * added. */
	if (!new.final && recording_last_session_state(&new) ==
				  SESSION_EMPTY &&recording_tracks(&new) == new.ntracks)
		new.final = true;
	*r = new;
	return true;
}
