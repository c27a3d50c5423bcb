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

/* Sets the members of the recording r in the JSON object `into`; its other members stay.  Returns
 * false if memory is missing; some members may then be set. */
bool recording_to_json(const struct recording *r, json_t *into);
/* Makes *r the recording that the JSON object `from` describes.  Does not free what *r held before.
 * A disc without room for another track becomes final.  Returns false, and leaves *r as it was, if
 * a member that the image needs is missing or wrong, or memory is missing; any other member that is
 * not valid counts as missing. */
bool recording_from_json(struct recording *r, const json_t *from);

#endif
