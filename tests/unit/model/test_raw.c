/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw discs in a drive: how discs become raw, how they read in both forms, and what is stored. */
#include "tests/unit/model/cd.h"

#include "changer/recording/sheet.h"

static struct track
track_of(struct disc *d, unsigned number)
{
	struct track t;

	assert_true(disc_track(d, number, &t));
	return t;
}

static void
a_blank_becomes_raw_by_its_first_sample(void **state)
{
	struct fixture *fx = *state;
	uint8_t data[SECTOR_SIZE];
	struct disc_extent x;
	struct disc *d;

	copy_in(fx, drive(0), "A1.cd-r.iso", 0, 0);
	d = hold(fx);
	assert_false(disc_is_raw(d));
	disc_next_tracks(d, CD_AUDIO, CD_COPY_PERMITTED, "");
	assert_err(disc_write(d, 0, 1, data), TRACK_MODE);
	write_samples(d, 0, CD_STEP, 1);
	assert_true(disc_is_raw(d));
	assert_int_equal(d->size, CD_STEP * CD_RAW_SIZE);
	assert_int_equal(track_of(d, 1).mode, CD_AUDIO);
	assert_int_equal(track_of(d, 1).control, CD_COPY_PERMITTED);
	assert_err(disc_read(d, 0, 1, data, true), TRACK_MODE);
	assert_err(disc_extent(d, 0, 1, true, &x), NOT_SUPPORTED);
	assert_err(disc_read_raw(d, CD_STEP, 1, data, true), LBA_RANGE);
	assert_ok(disc_close(d, 1, 1));
	release(fx);
	await_robot(fx);
	assert_absent(fx, drive(0), "A1.cd-r.iso");
	assert_true(look(fx, drive(0), "A1.bin").raw);
	assert_ok(move_by_hand(fx->jb, drive(0), slot(1), NULL));
	assert_content(fx, slot(1), "A1.bin", CD_STEP * CD_RAW_SIZE, 1);
	reopen(fx);
	assert_ok(move_by_hand(fx->jb, slot(1), drive(0), NULL));
	d = hold(fx);
	assert_true(disc_is_raw(d));
	assert_string_equal(disc_medium(d)->suffix, "cd-r");
	assert_true(holds_samples(d, 0, CD_STEP, 1));
	release(fx);
}

/* TAO: data, then audio, then data again; then a session of audio. */
static void
what_is_recorded_is_converted(void **state)
{
	struct fixture *fx = *state;
	uint8_t raw[CD_RAW_SIZE], zero[SECTOR_SIZE] = {0}, data[SECTOR_SIZE];
	struct jb_file *before;
	uint32_t audio, second;
	struct disc *d;

	copy_in(fx, drive(0), "mixed.cd-r", 0, 0);
	d = hold(fx);
	write_data(d, 0, CD_STEP, 1);
	assert_ok(disc_close(d, 1, 1));
	disc_next_tracks(d, CD_MODE2, 0, "");
	second = track_of(d, 2).start;
	write_data(d, second, CD_STEP, 2);
	assert_ok(disc_close(d, 1, 2));
	assert_false(disc_is_raw(d));
	/* The raw sectors of a disc that is not raw are computed. */
	assert_ok(disc_read_raw(d, 3, 1, raw, true));
	assert_true(sector_is_sound(raw));
	assert_memory_equal(raw + CD_HEADER, ((uint8_t[]){0x00, 0x02, 0x03, 0x01}), 4);
	release(fx);
	assert_ok(jb_file_open(fx->jb, look(fx, drive(0), "mixed.cd-r").id, false, false, &before));
	d = hold(fx);
	disc_next_tracks(d, CD_AUDIO, 0, "");
	audio = track_of(d, 3).start;
	write_samples(d, audio, CD_STEP, 3);
	assert_true(disc_is_raw(d));
	assert_int_equal(d->size, (uint64_t)(audio + CD_STEP) * CD_RAW_SIZE);
	assert_ok(disc_close(d, 1, 3));
	assert_ok(disc_close(d, 2, 0));
	disc_next_tracks(d, CD_MODE1, 0, "");
	write_data(d, track_of(d, 4).start, CD_STEP, 4);
	release(fx);
	/* A handle that was open before still reads the old content. */
	assert_int_equal(pread(jb_file_fd(before), data, SECTOR_SIZE, 0), SECTOR_SIZE);
	fill(raw, SECTOR_SIZE, 0, 1);
	assert_memory_equal(data, raw, SECTOR_SIZE);
	jb_file_release(before);
	await_robot(fx);
	reopen(fx);
	assert_int_equal(entries(fx, "drives/0/mixed.bin"), 2);
	d = hold(fx);
	assert_true(holds_data(d, 0, CD_STEP, 1));
	assert_true(holds_data(d, second, CD_STEP, 2));
	assert_true(holds_samples(d, audio, CD_STEP, 3));
	assert_true(holds_data(d, track_of(d, 4).start, CD_STEP, 4));
	assert_int_equal(track_of(d, 2).mode, CD_MODE2);
	assert_int_equal(disc_track_at(d, audio), 3);
	/* Sectors in the gap have zeros and the form of the next track. */
	assert_ok(disc_read(d, CD_STEP, 1, data, true));
	assert_memory_equal(data, zero, SECTOR_SIZE);
	assert_ok(disc_read_raw(d, CD_STEP, 1, raw, true));
	assert_ptr_equal(cd_sector_user_data(raw), raw + CD_DATA_MODE2);
	assert_ok(disc_read_raw(d, audio - 1, 1, raw, true));
	assert_memory_equal(raw, zero, sizeof(zero));
	release(fx);
}

static void
tracks_are_laid_out_with_pauses(void **state)
{
	static const uint8_t packs[2 * CD_TEXT_PACK] = {0x80, 1, 2, 3, [35] = 0x77};
	const struct track tracks[] = {
		{.start = 10, .size = 40, .pregap = 10, .mode = CD_AUDIO, .isrc = "DEA471600001"},
		{.start = 70, .size = 30, .pregap = 20, .mode = CD_AUDIO, .control = 0xf},
		{.start = 100, .size = 20, .mode = CD_MODE1},
	};
	struct fixture *fx = *state;
	const uint8_t *got;
	struct track t;
	struct disc *d;
	char *sheet;
	uint32_t nwa;

	copy_in(fx, drive(0), "x.cd-r.iso", 0, 0);
	d = hold(fx);
	assert_err(disc_lay_out(d, &(struct disc_layout){.tracks = tracks + 1, .ntracks = 2}),
		LBA_RANGE);
	assert_false(disc_is_raw(d));
	assert_err(disc_set_catalog(d, "12345"), NOT_SUPPORTED);
	assert_err(disc_set_text(d, packs, CD_TEXT_PACKS_MAX + 1), LBA_RANGE);
	assert_ok(disc_set_catalog(d, "4006381333931"));
	assert_ok(disc_set_text(d, packs, 2));
	assert_ok(disc_lay_out(d, &(struct disc_layout){.tracks = tracks, .ntracks = 3}));
	assert_true(disc_is_raw(d));
	for (uint32_t lba = 0; lba < 100; lba += 10) {
		t = track_of(d, lba < 50 ? 1 : 2);
		assert_true(track_nwa(&t, &nwa) && nwa == lba);
		write_samples(d, lba, 10, 1);
	}
	assert_err(disc_close(d, 2, 0), TRACK_INCOMPLETE);
	write_data(d, 100, 10, 1);
	write_data(d, 110, 10, 1);
	assert_ok(disc_close(d, 2, 0));
	assert_int_equal(disc_track_at(d, 5), 1);
	assert_int_equal(disc_track_at(d, 49), 1);
	assert_int_equal(disc_track_at(d, 50), 2);
	/* CD-TEXT of later lead-ins is ignored. */
	assert_ok(disc_set_text(d, packs, 1));
	release(fx);
	await_robot(fx);
	reopen(fx);
	d = hold(fx);
	t = track_of(d, 2);
	assert_int_equal(t.state, TRACK_CLOSED);
	assert_int_equal(t.pregap, 20);
	assert_int_equal(t.recorded, 50);
	assert_int_equal(t.control, CD_CONTROL_BITS);
	assert_string_equal(track_of(d, 1).isrc, "DEA471600001");
	assert_string_equal(disc_catalog(d), "4006381333931");
	assert_int_equal(disc_text(d, &got), 2);
	assert_memory_equal(got, packs, sizeof(packs));
	for (uint32_t lba = 0; lba < 100; lba += 10)
		assert_true(holds_samples(d, lba, 10, 1));
	assert_true(holds_data(d, 100, 10, 1));
	release(fx);
	sheet = sheet_beside(fx, drive(0), ".x.cue");
	/* The packs are none that a sheet says. */
	assert_string_equal(sheet, "CATALOG 4006381333931\n"
				   "CDTEXTFILE \"x.cdt\"\n"
				   "FILE \"x.bin\" BINARY\n"
				   "  TRACK 01 AUDIO\n"
				   "    ISRC DEA471600001\n"
				   "    INDEX 00 00:00:00\n"
				   "    INDEX 01 00:00:10\n"
				   "  TRACK 02 AUDIO\n"
				   "    FLAGS PRE DCP 4CH\n"
				   "    INDEX 00 00:00:50\n"
				   "    INDEX 01 00:00:70\n"
				   "  TRACK 03 MODE1/2352\n"
				   "    INDEX 01 00:01:25\n");
	free(sheet);
}

/* Form 2 sectors of mode 2 have no user data; form 1 sectors of the same track have it. */
static void
mode_2_of_both_forms(void **state)
{
	struct fixture *fx = *state;
	uint8_t raw[2 * CD_RAW_SIZE], is[2 * CD_RAW_SIZE], data[2 * SECTOR_SIZE];
	struct disc *d;

	copy_in(fx, drive(0), "v.cd-rw.iso", 0, 0);
	make_samples(raw, 0, 2, 1);
	fill(data, sizeof(data), 0, 1);
	cd_sector_mode2_form1(raw, 0, data);
	cd_sector_mode2_form1(raw + CD_RAW_SIZE, 1, data);
	raw[CD_RAW_SIZE + CD_SUBHEADER + 2] |= CD_SUBMODE_FORM2;
	d = hold(fx);
	disc_next_tracks(d, CD_MODE2, 0, "");
	assert_ok(disc_write_raw(d, 0, 2, raw));
	assert_true(disc_is_raw(d));
	assert_ok(disc_read(d, 0, 1, is, true));
	assert_memory_equal(is, data, SECTOR_SIZE);
	assert_err(disc_read(d, 0, 2, is, true), TRACK_MODE);
	assert_ok(disc_read_raw(d, 0, 2, is, true));
	assert_memory_equal(is, raw, sizeof(raw));
	/* A rewritable disc that is blanked is an ordinary image again. */
	release(fx);
	await_robot(fx);
	d = hold(fx);
	assert_ok(disc_finalize(d));
	assert_ok(disc_blank(d, 0, 0));
	assert_false(disc_is_raw(d));
	write_data(d, 0, 2, 2);
	assert_int_equal(d->size, 2 * SECTOR_SIZE);
	assert_true(holds_data(d, 0, 2, 2));
	release(fx);
	await_robot(fx);
	assert_false(look(fx, drive(0), "v.iso").raw);
	assert_absent(fx, drive(0), "v.bin");
	assert_null(sheet_beside(fx, drive(0), ".v.cue"));
}

/* On a disc whose BIN lacks pauses, sectors that are added follow the others in the image. */
static void
tracks_follow_shifted_ones(void **state)
{
	static const char *const sheets[] = {
		"FILE a.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"
		"TRACK 02 AUDIO\nPREGAP 00:02:00\nINDEX 01 00:00:20\n",
		"FILE a.bin BINARY\nREM SESSION 01\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"
		"REM SESSION 02\nTRACK 02 AUDIO\nINDEX 01 00:00:20\n",
	};
	struct fixture *fx = *state;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t nwa, end;
		struct track t;
		struct disc *d;

		assert_ok(put_text(fx, slot(1 + i), ".a.cd-rw.cue", sheets[i / 2]));
		assert_ok(put_samples(fx, slot(1 + i), "a.cd-rw.bin", 60, 1));
		d = load(fx, slot(1 + i));
		assert_ok(disc_blank(d, 5, 0));
		disc_next_tracks(d, CD_MODE1, 0, "");
		if (i % 2 != 0)
			assert_ok(disc_reserve_track(d, CD_STEP));
		assert_true(recording_nwa(&d->rec, &nwa));
		write_data(d, nwa, 10, 2);
		assert_true(holds_data(d, nwa, 10, 2));
		release(fx);
		reopen(fx);
		d = hold(fx);
		assert_true(holds_data(d, nwa, 10, 2));
		write_data(d, nwa + 10, CD_STEP - 10, 3);
		assert_ok(disc_close(d, 2, 0));
		assert_ok(disc_finalize(d));
		end = recording_end(&d->rec);
		assert_true(disc_track(d, 3, &t));
		assert_int_equal(t.shift, d->rec.tracks[1].shift);
		assert_true(t.shift > 0);
		assert_int_equal(recording_bytes(&d->rec), d->size);
		assert_int_equal(d->size, (uint64_t)(end - t.shift) * CD_RAW_SIZE);
		release(fx);
		reopen(fx);
		d = hold(fx);
		assert_true(holds_data(d, nwa, 10, 2));
		assert_true(holds_data(d, nwa + 10, CD_STEP - 10, 3));
		assert_true(holds_samples(d, 0, CD_STEP, 1));
		release(fx);
		assert_ok(move_by_hand(fx->jb, drive(0), slot(1 + i), NULL));
	}
}

static void
record_and_blank(struct fixture *fx, unsigned type)
{
	struct disc *d = hold(fx);

	disc_next_tracks(d, CD_AUDIO, 0, "");
	write_samples(d, 0, CD_STEP, 1);
	assert_ok(disc_close(d, 2, 0));
	release(fx);
	await_robot(fx);
	assert_true(look(fx, drive(0), "w.bin").raw);
	d = hold(fx);
	assert_ok(disc_blank(d, type, 0));
	release(fx);
}

/* A blanked disc gets the name of a blank, in whatever way it was blanked. A blank that its user named
 * .bin keeps that name until it has been a BIN. */
static void
a_blanked_disc_gets_the_name_of_a_blank(void **state)
{
	struct fixture *fx = *state;
	struct disc *d;

	copy_in(fx, drive(0), "w.cd-rw.bin", 0, 0);
	reopen(fx);
	assert_int_equal(look(fx, drive(0), "w.cd-rw.bin").status, DISC_BLANK);
	shell(fx, "mv drives/0/w.cd-rw.bin drives/0/w.bin");
	reopen(fx);
	for (unsigned type = 0; type <= 6; type += 6) {
		record_and_blank(fx, type);
		await_robot(fx);
		assert_int_equal(look(fx, drive(0), "w.iso").status, DISC_BLANK);
		assert_absent(fx, drive(0), "w.bin");
	}
	/* If the daemon ended before the rename, the next start does it. */
	shell(fx, "mv drives/0/w.iso drives/0/w.bin");
	reopen(fx);
	assert_int_equal(look(fx, drive(0), "w.iso").status, DISC_BLANK);
	/* If audio is recorded at once, the disc stays a BIN. */
	record_and_blank(fx, 1);
	d = hold(fx);
	write_samples(d, 0, CD_STEP, 2);
	release(fx);
	await_robot(fx);
	assert_true(look(fx, drive(0), "w.bin").raw);
}

/* Only CDs have raw sectors. A refused write changes nothing. */
static void
refused_sectors_change_nothing(void **state)
{
	struct fixture *fx = *state;
	uint8_t raw[CD_RAW_SIZE] = {0};
	struct disc *d;

	copy_in(fx, drive(0), "d.dvd+r.iso", 0, 0);
	d = hold(fx);
	assert_err(disc_write_raw(d, 0, 1, raw), NOT_SUPPORTED);
	write_data(d, 0, CD_STEP, 1);
	assert_err(disc_read_raw(d, 0, 1, raw, true), NOT_SUPPORTED);
	release(fx);
	assert_ok(move_by_hand(fx->jb, drive(0), slot(1), NULL));
	copy_in(fx, drive(0), "p.cd-rw-packet.iso", 0, 0);
	d = hold(fx);
	assert_err(disc_write_raw(d, 0, 1, raw), NOT_SUPPORTED);
	assert_false(disc_is_raw(d));
	release(fx);
	assert_ok(move_by_hand(fx->jb, drive(0), slot(2), NULL));
	copy_in(fx, drive(0), "c.cd-r.iso", 0, 0);
	d = hold(fx);
	assert_err(disc_write_raw(d, 7, 1, raw), NOT_NWA);
	assert_err(disc_write_raw(d, disc_capacity(d), 1, raw), LBA_RANGE);
	assert_false(disc_is_raw(d));
	assert_int_equal(disc_status(d), DISC_BLANK);
	release(fx);
	assert_ok(jb_item_setattr(fx->jb, look(fx, drive(0), "c.cd-r.iso").id,
		&(struct jb_attr){.set = JB_ATTR_MODE, .mode = 0444}));
	d = hold(fx);
	assert_err(disc_write_raw(d, 0, 1, raw), PROTECTED);
	assert_err(disc_lay_out(d, &(struct disc_layout){.tracks = &(struct track){.size = 1,
								 .mode = CD_AUDIO},
					   .ntracks = 1}),
		PROTECTED);
	assert_false(disc_is_raw(d));
	release(fx);
}

/* A track of audio that is reserved before anything is written to it. */
static void
a_reserved_track_of_audio(void **state)
{
	struct fixture *fx = *state;
	struct disc *d;

	copy_in(fx, drive(0), "blank.cd-r", 0, 0);
	copy_in(fx, drive(1), "data.cd-r", 0, 0);
	d = hold(fx);
	disc_next_tracks(d, CD_AUDIO, 0, "");
	assert_ok(disc_reserve_track(d, 300));
	release(fx);
	strand_enter(drive_strand(jb_drive(fx->jb, 1)));
	d = disc_in(fx, 1);
	write_data(d, 0, CD_STEP, 1);
	assert_ok(disc_close(d, 1, 1));
	disc_next_tracks(d, CD_AUDIO, 0, "");
	assert_ok(disc_reserve_track(d, 300));
	strand_leave(drive_strand(jb_drive(fx->jb, 1)));
	reopen(fx);
	assert_int_equal(look(fx, drive(0), "blank.bin").kind, JB_ITEM_DISC);
	d = hold(fx);
	assert_int_equal(track_of(d, 1).state, TRACK_RESERVED);
	write_samples(d, 0, CD_STEP, 2);
	release(fx);
	strand_enter(drive_strand(jb_drive(fx->jb, 1)));
	d = disc_in(fx, 1);
	assert_true(holds_data(d, 0, CD_STEP, 1));
	write_samples(d, track_of(d, 2).start, CD_STEP, 3);
	strand_leave(drive_strand(jb_drive(fx->jb, 1)));
}

/* The first write of a track was lost in a crash; then something else is written there. */
static void
an_empty_track_is_begun_again(void **state)
{
	static const char track[] =
		"sed -i 's/\"tracks\": \\[\\]/\"tracks\": [{\"session\": 1, \"start\": 0, "
		"\"size\": 359849, "
		"\"recorded\": 0, \"state\": \"open\"}]/' drives/0/blank.cd-r/disc.json";
	struct fixture *fx = *state;
	struct disc *d;

	copy_in(fx, drive(0), "blank.cd-r", 0, 0);
	shell(fx, track);
	reopen(fx);
	d = hold(fx);
	assert_int_equal(disc_status(d), DISC_APPENDABLE);
	assert_int_equal(track_of(d, 1).state, TRACK_OPEN);
	disc_next_tracks(d, CD_AUDIO, CD_COPY_PERMITTED, "DEA471600001");
	write_samples(d, 0, CD_STEP, 2);
	assert_int_equal(track_of(d, 1).mode, CD_AUDIO);
	assert_int_equal(track_of(d, 1).control, CD_COPY_PERMITTED);
	assert_string_equal(track_of(d, 1).isrc, "DEA471600001");
	release(fx);
}

static void
a_disc_in_a_locked_drive_is_renamed(void **state)
{
	struct fixture *fx = *state;
	struct jb_event e;
	bool told = false;
	struct disc *d;

	copy_in(fx, drive(0), "A1.cd-r.iso", 0, 0);
	drive_prevent_for(jb_drive(fx->jb, 0), true, NULL);
	d = hold(fx);
	disc_next_tracks(d, CD_AUDIO, 0, "");
	write_samples(d, 0, CD_STEP, 1);
	release(fx);
	await_robot(fx);
	assert_true(look(fx, drive(0), "A1.bin").raw);
	for (uint64_t n = jb_event_oldest(fx->jb); jb_event_get(fx->jb, n, &e); n = e.number + 1)
		told = told || (e.type == JB_EVENT_RELABEL && strcmp(e.name, "A1.bin") == 0 &&
				       strcmp(e.old_name, "A1.cd-r.iso") == 0);
	assert_true(told);
	drive_prevent_for(jb_drive(fx->jb, 0), false, NULL);
	assert_err(jb_item_rename(fx->jb, drive(0), "A1.bin", drive(0), "A1.cue"), SHEET_NAME);
	assert_ok(jb_item_rename(fx->jb, drive(0), "A1.bin", slot(1), "B2.BIN"));
	assert_ok(jb_relabel(fx->jb, slot(1), "C3", false, NULL));
	assert_true(look(fx, slot(1), "C3.BIN").raw);
}

/* A rename that a crash prevented is done at the next start. */
static void
start_up_gives_the_name(void **state)
{
	struct fixture *fx = *state;
	struct disc *d;

	copy_in(fx, drive(0), "A1.cd-r.iso", 0, 0);
	d = hold(fx);
	disc_next_tracks(d, CD_AUDIO, 0, "");
	write_samples(d, 0, CD_STEP, 1);
	assert_ok(disc_close(d, 1, 1));
	release(fx);
	jb_close(fx->jb);
	shell(fx, "mv drives/0/A1.bin drives/0/A1.cd-r.iso");
	open_store(fx, 0, 0, 0);
	assert_true(look(fx, drive(0), "A1.bin").raw);
	assert_int_equal(entries(fx, "drives/0"), 1);
	d = hold(fx);
	assert_true(holds_samples(d, 0, CD_STEP, 1));
	release(fx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_blank_becomes_raw_by_its_first_sample),
		TEST(a_blanked_disc_gets_the_name_of_a_blank),
		TEST(what_is_recorded_is_converted),
		TEST(tracks_are_laid_out_with_pauses),
		TEST(mode_2_of_both_forms),
		TEST(tracks_follow_shifted_ones),
		TEST(refused_sectors_change_nothing),
		TEST(a_reserved_track_of_audio),
		TEST(an_empty_track_is_begun_again),
		TEST(a_disc_in_a_locked_drive_is_renamed),
		TEST(start_up_gives_the_name),
	};

	return cmocka_run_group_tests(tests, folders_in_memory, NULL);
}
