/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recording in disc.json: the members profile, capacity, final, sessions and tracks, and a few that only
 * some media have.
 */
#ifndef CHANGER_RECORDING_RECORDING_JSON_H
#define CHANGER_RECORDING_RECORDING_JSON_H

#include <jansson.h>
#include <stdbool.h>

struct recording;

/* Sets the members of r in the object into; returns false if there was no memory for that. */
bool recording_to_json(const struct recording *r, json_t *into);
/*
 * Makes *r the recording that the object from describes, and frees nothing that *r held before.  Checks all
 * members, and returns false and leaves *r alone if one of them is missing or wrong, or without memory.
 */
bool recording_from_json(struct recording *r, const json_t *from);

#endif
