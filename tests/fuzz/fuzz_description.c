/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptions of discs: the input is a disc.json. A valid one is written again, and is then the same. Then a
 * store whose slot 1 has a disc of that description is opened.
 */
#include "tests/fuzz/fuzz.h"

#include "changer/inventory/description.h"
#include "changer/recording/recording.h"
#include "changer/store/store.h"
#include "tests/unit/model/fixture.h"

static struct fixture fx;

static void
in_store(const char *name, char path[200])
{
	snprintf(path, 200, "%s/%s", fx.store, name);
}

static void
put_folder(const char *name)
{
	char path[200];

	in_store(name, path);
	FUZZ_CHECK(mkdir(path, 0755) == 0);
}

static void
put_file(const char *name, const void *bytes, size_t size)
{
	char path[200];
	FILE *out;

	in_store(name, path);
	out = fopen(path, "w");
	FUZZ_CHECK(out != NULL && fwrite(bytes, 1, size, out) == size);
	fclose(out);
}

static void
begin(void)
{
	folders_in_memory(NULL);
	FUZZ_CHECK(folder_make(fx.dir, sizeof(fx.dir)) == 0);
	snprintf(fx.store, sizeof(fx.store), "%s/store", fx.dir);
	log_level = LOG_LEVEL_ERR;
	open_store(&fx, 2, 0, 1);
	jb_close(fx.jb);
}

static void
end(void)
{
	folder_remove(fx.dir);
}

/* Loads the description, and what is written of it. */
static void
load_and_store(void)
{
	struct description d, again;

	if (description_load(fx.jb, "scratch", "disc.json", &d) != JB_OK)
		return;
	FUZZ_CHECK(description_store(fx.jb, "scratch", &d) == JB_OK);
	FUZZ_CHECK(description_load(fx.jb, "scratch", "disc.json", &again) == JB_OK);
	FUZZ_CHECK(again.id == d.id && again.mode == d.mode && again.image == d.image);
	FUZZ_CHECK(again.incomplete == d.incomplete && again.has_intent == d.has_intent);
	FUZZ_CHECK((again.link == NULL) == (d.link == NULL));
	description_fini(&again);
	description_fini(&d);
}

static bool
keep_id(void *arg, const struct jb_item *item)
{
	*(uint64_t *)arg = item->id;
	return true;
}

/* Looks at the disc in slot 1, and removes it. */
static void
look_and_remove(void)
{
	uint64_t id = 0;
	struct jb_item item;
	struct jb_elem_status status;

	FUZZ_CHECK(jb_elem_status(fx.jb, slot(1), &status) == JB_OK);
	jb_item_list(fx.jb, slot(1), keep_id, &id);
	if (jb_item_by_id(fx.jb, id, &item) == JB_OK)
		jb_item_remove(fx.jb, item.elem, item.name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t image[20480];
	static const char *const folders[] = {"slots/1", "scratch", "incoming"};
	char path[200];

	if (fx.dir[0] == '\0') {
		begin();
		atexit(end);
	}
	put_folder("scratch");
	put_folder("slots/1/X");
	put_file("scratch/disc.json", data, size);
	put_file("slots/1/X/disc.json", data, size);
	put_file("slots/1/X/image.1", image, sizeof(image));
	open_store(&fx, 0, 0, 0);
	load_and_store();
	look_and_remove();
	jb_close(fx.jb);
	for (unsigned i = 0; i < 3; i++) {
		in_store(folders[i], path);
		folder_remove(path);
	}
	put_folder("slots/1");
	return 0;
}
