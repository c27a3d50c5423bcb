#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Burns audio CDs over iSCSI with single commands.  Tests what the mount shows of them, what is left after a
# kill, a data track before an audio track, and a BIN that is put in with its sheet.

load lib
load mmc

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 1
	cd "$BATS_TEST_TMPDIR" || return
	head -c $((300 * 2352)) /dev/urandom > samples
	head -c $((150 * 2352)) samples > half
	tail -c $((150 * 2352)) samples > other
	head -c $((150 * 2352)) /dev/zero > pause
	head -c $((50 * 2352)) /dev/zero > fifty
	head -c $((100 * 2352)) /dev/zero > hundred
	{ cat half pause other; } > all
	lead_in > lead-in
	head -c $((5 * 96)) lead-in > five
	head -c 32768 /dev/urandom > sixteen
}
teardown() { jb_cleanup; }

is_there() { [ -e "$1" ]; }
insert() { blank "$MNT/drives/0/D.$1.iso"; }
attr() { getfattr --only-values -n "user.jukebox.$1" "$MNT/drives/0/D.bin"; }
# lead_in: prints the last ten sectors of a lead-in. Each has the CD-TEXT pack PACK four times, as 24 symbols
# of six bits.
PACK=800000004576656e696e6700000000000000
lead_in() {
	local symbols v i
	for ((i = 0; i < 36; i += 6)); do
		v=$((16#${PACK:i:6}))
		symbols+=$(printf '\\x%02x' $((v >> 18 & 63)) $((v >> 12 & 63)) $((v >> 6 & 63)) $((v & 63)))
	done
	for ((i = 0; i < 40; i++)); do printf '%b' "$symbols"; done
}
# cue [LEAD-IN]: a script that sends a sheet: track 1 of 150 sectors, a pause of 150, track 2 of 150. With 41
# the host writes the lead-in.
cue() {
	echo "out 02 34303036333831 02 33333339333100 01 00 00 ${1:-01} 00 00 00 00 01 01 00 00 00 00 00 00 01 01 01 00 00 00 02 00 03 02 444541424332 03 02 363030303032 01 02 00 00 00 00 04 00 01 02 01 00 00 00 06 00 01 aa 01 01 00 00 08 00 -- 5d 00 00 00 00 00 00 00 50 00"
	echo expect good
}
# More scripts: ten sectors of lead-in; the first pause and track 1; a flush.
text_lines() {
	echo "out lead-in -- 2a 00 ff ff ff 60 00 00 0a 00"
	echo expect good
}
track_1_lines() {
	echo "out pause -- 2a 00 ff ff ff 6a 00 00 96 00"
	echo expect good
	echo "out half -- 2a 00 00 00 00 00 00 00 96 00"
	echo expect good
}
flush_lines() {
	echo none 35 00 00 00 00 00 00 00 00 00
	echo expect good
}
at_once() {
	page 42 00 00
	send - <<- END
		$(cue)
		$(track_1_lines)
		$(flush_lines)
	END
}
burn_with_text() {
	page 42 00 00
	send - <<- END
		$(cue 41)
		$(text_lines)
		$(track_1_lines)
		out pause -- 2a 00 00 00 00 96 00 00 96 00
		expect good
		out other -- 2a 00 00 00 01 2c 00 00 96 00
		expect good
		$(flush_lines)
	END
}
text_is() {
	send - <<- END
		in 22 43 00 05 00 00 00 00 00 16 00
		expect good
		expect data 0014 0000 $PACK
	END
}
# rip LBA FILE: checks that READ CD of 25 sectors returns the beginning of FILE
rip() {
	send - <<- END
		in 58800 be 04 00 00 $(printf '%02x %02x' $(($1 / 256)) $(($1 % 256))) 00 00 19 10 00 00
		expect good
		save ripped
	END
	cmp -n 58800 ripped "$2"
}

@test "a session of audio at once is a BIN with its sheet" {
	insert cd-r
	at_once
	wait_for 30 is_there "$MNT/drives/0/D.bin"
	send - <<- END
		out pause -- 2a 00 00 00 00 96 00 00 96 00
		expect good
		out other -- 2a 00 00 00 01 2c 00 00 96 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
		in 2048 28 00 00 00 00 00 00 00 01 00
		expect check 05/64/00
	END
	rip 0 half
	rip 300 other
	cmp "$MNT/drives/0/D.bin" all
	grep -q 'CATALOG 4006381333931' "$MNT/drives/0/.D.cue"
	grep -q 'ISRC DEABC2600002' "$MNT/drives/0/.D.cue"
	grep -q 'INDEX 00 00:02:00' "$MNT/drives/0/.D.cue"
	grep -q 'INDEX 01 00:04:00' "$MNT/drives/0/.D.cue"
	[ "$(attr tracks)" = 2 ]
	mv "$MNT/drives/0/D.bin" "$MNT/slots/2/"
	cmp "$MNT/slots/2/D.bin" all
	[ -e "$MNT/slots/2/.D.cue" ]
}

@test "an index that is burned is in the sheet, and in the Q of a copy that is inserted" {
	insert cd-r
	page 42 00 00
	# One track of 300 sectors. Index 2 begins at sector 100, index 3 at sector 200.
	send - <<- END
		out 01 00 00 01 00 00 00 00 01 01 00 00 00 00 00 00 01 01 01 00 00 00 02 00 01 01 02 00 00 00 03 19 01 01 03 00 00 00 04 32 01 aa 01 01 00 00 06 00 -- 5d 00 00 00 00 00 00 00 30 00
		expect good
		out pause -- 2a 00 ff ff ff 6a 00 00 96 00
		expect good
		out half -- 2a 00 00 00 00 00 00 00 96 00
		expect good
		out other -- 2a 00 00 00 00 96 00 00 96 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
	END
	wait_for 30 is_there "$MNT/drives/0/D.bin"
	has_indices() {
		send - <<- END
			in 16 be 00 00 00 00 63 00 00 01 00 02 00
			expect good
			expect data 010101
			in 16 be 00 00 00 00 64 00 00 01 00 02 00
			expect good
			expect data 010102
			in 16 be 00 00 00 01 2b 00 00 01 00 02 00
			expect good
			expect data 010103
			in 16 42 00 40 01 00 00 00 00 10 00
			expect good
			expect data 0000000c 01100103
		END
	}
	has_indices
	cp "$MNT/drives/0/.D.cue" sheet
	grep -A 2 'INDEX 01 00:00:00' sheet | diff - <(printf '    INDEX %s\n' "01 00:00:00" "02 00:01:25" "03 00:02:50")
	cp "$MNT/drives/0/D.bin" copied
	rm "$MNT/drives/0/D.bin"
	cp sheet "$MNT/drives/0/.D.cue"
	cp copied "$MNT/drives/0/D.bin"
	wait_for 30 has_profile "$MNT/drives/0/D.bin"
	cmp "$MNT/drives/0/D.bin" samples
	diff sheet "$MNT/drives/0/.D.cue"
	has_indices
	jb_kill9
	jb_restart
	has_indices
}

# first_is_seven STATUS: what a drive and the sheet say of a disc whose tracks are 7 and 8
first_is_seven() {
	send - <<- END
		in 28 43 00 00 00 00 00 00 00 1c 00
		expect good
		expect data 001a 07 08 00100700 00000000 00100800 00000096 0010aa00 0000012c
		in 16 be 00 00 00 00 a0 00 00 01 00 02 00
		expect good
		expect data 010801
		in 7 51 00 00 00 00 00 00 00 07 00
		expect good
		expect data 0020 $1 07 01 07 08
		in 12 52 01 00 00 00 08 00 00 0c 00
		expect good
		expect data 002e 08 01 00 00 0f 02 00000096
		in 12 52 01 00 00 00 01 00 00 0c 00
		expect check 05/24/00
	END
	[ "$(grep -o 'TRACK .*' "$MNT/drives/0/.D.cue")" = $'TRACK 07 AUDIO\nTRACK 08 AUDIO' ]
	[ "$(jq -c '[.drives[0].disc["track-list"][].number]' "$MNT/status.json")" = "[7,8]" ]
}

@test "the first track keeps its number: by a sheet that is sent, one that is inserted, after a kill" {
	insert cd-r
	page 42 00 00
	send - <<- END
		out 01 00 00 01 00 00 00 00 01 07 00 00 00 00 00 00 01 07 01 00 00 00 02 00 01 08 01 00 00 00 04 00 01 aa 01 01 00 00 06 00 -- 5d 00 00 00 00 00 00 00 28 00
		expect good
		$(track_1_lines)
		$(flush_lines)
	END
	# Cut off behind its first track: it goes on by its number.
	jb_kill9
	jb_restart
	wait_for 30 is_there "$MNT/drives/0/D.bin"
	[ "$(jq -c '[.drives[0].disc["track-list"][].number]' "$MNT/status.json")" = "[7,8]" ]
	page 41 00 00
	send - <<- END
		in 3 52 01 00 00 00 07 00 00 03 00
		expect good
		expect data 002e 07
		out other -- 2a 00 00 00 00 96 00 00 96 00
		expect good
		$(flush_lines)
	END
	close_session
	first_is_seven 0e
	cp "$MNT/drives/0/.D.cue" sheet
	cp "$MNT/drives/0/D.bin" copied
	cmp copied samples
	rm "$MNT/drives/0/D.bin"
	cp sheet "$MNT/drives/0/.D.cue"
	cp copied "$MNT/drives/0/D.bin"
	wait_for 30 has_profile "$MNT/drives/0/D.bin"
	first_is_seven 0e
	diff sheet "$MNT/drives/0/.D.cue"
	jb_kill9
	jb_restart
	first_is_seven 0e
}

@test "CD-TEXT that no sheet can say is the same after archive and insert" {
	insert cd-r
	burn_with_text
	text_is
	mkdir archive
	cp -a "$MNT/drives/0/." archive/
	[ "$(find archive -type f -printf '%f\n' | sort | xargs)" = ".D.cdt .D.cue D.bin" ]
	grep -qx 'CDTEXTFILE "D.cdt"' archive/.D.cue
	[ "$(xxd -p archive/.D.cdt)" = "$PACK" ]
	rm "$MNT/drives/0/D.bin"
	cp archive/.D.cdt archive/.D.cue "$MNT/drives/0/"
	cp archive/D.bin "$MNT/drives/0/"
	wait_for 30 has_profile "$MNT/drives/0/D.bin"
	text_is
	diff archive/.D.cue "$MNT/drives/0/.D.cue"
	jb_kill9
	jb_restart
	text_is
	cmp archive/.D.cdt "$MNT/drives/0/.D.cdt"
}

# ---- a session at once that nobody ends ----------------------------------------------------------

# open_at_200 MEDIUM: checks what an initiator sees of a session that is recorded up to the middle of its
# second pause
open_at_200() {
	wait_for 30 is_there "$MNT/drives/0/D.bin"
	byte_2_is 1 "$(byte_of "$1" 5)"
	status_is 1 appendable
	[ "$(attr nwa)" = 200 ]
	# The track list has only what is recorded.
	jq -e '.drives[0].disc |
		.raw and [.["track-list"][] | [.mode, .start, .size, .pregap, .isrc]] ==
			[["audio", 0, 150, null, null], ["audio", 300, 0, 150, "DEABC2600002"]]' "$MNT/status.json"
	cmp "$MNT/drives/0/D.bin" <(cat half fifty)
	send - <<- END
		# reserved, audio; the last recorded address is valid, and for track 2 the next one, too:
		# start, next, free, blocks of 1, size, last recorded
		in 48 52 01 00 00 00 01 00 00 30 00
		expect good
		expect data 002e 01 01 00 00 8f 02 00000000 00000000 00000000 00000001 00000096 00000095
		in 48 52 01 00 00 00 02 00 00 30 00
		expect good
		expect data 002e 02 01 00 00 8f 03 0000012c 000000c8 000000fa 00000001 00000096 000000c7
		in 12 43 00 00 00 00 00 00 00 0c 00
		expect check 05/24/00
		in 22 43 00 05 00 00 00 00 00 16 00
		expect check 05/24/00
		in 2352 be 04 00 00 00 c8 00 00 01 10 00 00
		expect check 05/21/00
		none 5b 00 02 00 00 00 00 00 00 00
		expect check 05/72/03
	END
	rip 100 <(tail -c +$((100 * 2352 + 1)) half)
}
the_rest_lines() {
	echo "out hundred -- 2a 00 00 00 00 c8 00 00 64 00"
	echo expect good
	echo "out other -- 2a 00 00 00 01 2c 00 00 96 00"
	echo expect good
	flush_lines
}
# whole MEDIUM: checks that both tracks and the CD-TEXT are complete and the session is closed
whole() {
	byte_2_is 1 "$(byte_of "$1" e)"
	status_is 1 complete
	wait_for 30 is_there "$MNT/drives/0/D.bin" # which its recording has made of D.iso
	cmp "$MNT/drives/0/D.bin" all
	rip 300 other
	text_is
	send - <<- END
		in 28 43 00 00 00 00 00 00 00 1c 00
		expect good
		expect data 001a 01 02 00100100 00000000 00100200 0000012c 0010aa00 000001c2
	END
}
# blanked_and_burned TYPE: blanks a part or all of the disc, and burns it once more
blanked_and_burned() {
	send - <<- END
		none a1 $1 00 00 00 00 00 00 00 00 00 00
		expect good
	END
	byte_2_is 1 10
	status_is 1 blank
	burn_with_text
	whole cd-rw
}
lost_at_200() {
	insert "$1"
	page 42 00 00
	lose_session 1 200 <<- END
		$(cue 41)
		$(text_lines)
		$(track_1_lines)
		out fifty -- 2a 00 00 00 00 96 00 00 32 00
		expect good
		out hundred -- 2a 00 00 00 00 c8 00 00 64 00
	END
	open_at_200 "$1"
}

@test "a session of audio whose initiator is lost goes on by its sheet, CD-TEXT and all" {
	local m
	for m in cd-r cd-rw; do
		lost_at_200 $m
		send - <<< "$(the_rest_lines)"
		whole $m
		rm "$MNT/drives/0/D.bin"
	done
}

@test "a session of audio whose initiator is lost is closed as it is, or its CD-RW blanked and burned" {
	lost_at_200 cd-r
	page 41 00 00
	close_track 2
	close_session
	byte_2_is 1 0e
	cmp "$MNT/drives/0/D.bin" <(cat half pause pause)
	text_is
	rm "$MNT/drives/0/D.bin"
	lost_at_200 cd-rw
	blanked_and_burned 11
	rm "$MNT/drives/0/D.bin"
	lost_at_200 cd-rw
	blanked_and_burned 10
}

@test "audio after a kill: flushed sectors are there; the rest is written, or it is blanked and burned" {
	local m
	for m in cd-r cd-rw; do
		insert $m
		page 42 00 00
		send - <<- END
			$(cue 41)
			$(text_lines)
			$(track_1_lines)
			out fifty -- 2a 00 00 00 00 96 00 00 32 00
			expect good
			$(flush_lines)
			out fifty -- 2a 00 00 00 00 c8 00 00 32 00
			expect good
		END
		wait_for 30 is_there "$MNT/drives/0/D.bin"
		jb_kill9
		jb_restart
		grep -q 'D.bin: a burn was cut off: its last 50 sectors were not synced' "$JBLOG"
		grep -q 'D.bin: a session is open, and continues at sector 200' "$JBLOG"
		[ "$(told error 1)" = 1 ]
		open_at_200 $m
		case $m in
		cd-r)
			page 41 00 00
			send - <<< "$(the_rest_lines)"
			close_session
			whole $m
			;;
		cd-rw) blanked_and_burned 11 ;;
		esac
		rm "$MNT/drives/0/D.bin"
	done
}

# Checks a disc whose lead-in was begun. The lead-in cannot be written again, so the disc is not blank; a CD-R
# can still take its tracks, without CD-TEXT.
open_at_0() {
	wait_for 30 is_there "$MNT/drives/0/D.bin"
	byte_2_is 1 "$(byte_of "$1" 5)"
	status_is 1 appendable
	[ "$(attr nwa)" = 0 ]
	[ ! -s "$MNT/drives/0/D.bin" ]
	nwa_is 1 1 0
	nwa_is 1 2 150
	page 42 00 00
	send - <<- END
		in 2352 be 04 00 00 00 00 00 00 01 10 00 00
		expect check 05/64/00
		$(cue 41 | head -n 1)
		expect check 05/30/09
	END
}
tracks_without_text() {
	page 41 00 00
	send - <<- END
		out half -- 2a 00 00 00 00 00 00 00 96 00
		expect good
		out pause -- 2a 00 00 00 00 96 00 00 96 00
		expect good
		out other -- 2a 00 00 00 01 2c 00 00 96 00
		expect good
	END
	close_session
	byte_2_is 1 0e
	cmp "$MNT/drives/0/D.bin" all
	send - <<- END
		in 22 43 00 05 00 00 00 00 00 16 00
		expect check 05/24/00
	END
}

@test "a burn that is lost in its lead-in has begun: the tracks can be written, or a CD-RW blanked" {
	local m
	for m in cd-r cd-rw; do
		insert $m
		page 42 00 00
		lose_session 1 0xffffff65 <<- END
			$(cue 41)
			out $PWD/five -- 2a 00 ff ff ff 60 00 00 05 00
			expect good
			out $PWD/five -- 2a 00 ff ff ff 65 00 00 05 00
		END
		open_at_0 $m
		case $m in
		cd-r) tracks_without_text ;;
		cd-rw) blanked_and_burned 11 ;;
		esac
		rm "$MNT/drives/0/D.bin"
	done
}

@test "a burn whose daemon is killed in its lead-in has begun as well" {
	insert cd-r
	page 42 00 00
	send - <<- END
		$(cue 41)
		out five -- 2a 00 ff ff ff 60 00 00 05 00
		expect good
	END
	jb_kill9
	jb_restart
	open_at_0 cd-r
	tracks_without_text
}

# ---- mixed discs, and what is put in -------------------------------------------------------------

@test "a track of data that one of audio follows keeps its bytes, in whole sectors" {
	insert cd-r
	page 41 c4 08
	send - <<- END
		out sixteen -- 2a 00 00 00 00 00 00 00 10 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
	END
	cmp "$MNT/drives/0/D.cd-r.iso" sixteen
	page 41 c0 00
	send - <<- END
		out half -- 2a 00 00 00 00 a6 00 00 96 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
		none 5b 00 02 00 00 00 00 00 00 00
		expect good
		in 32768 28 00 00 00 00 00 00 00 10 00
		expect good
		save read
	END
	cmp read sixteen
	rip 166 half
	wait_for 30 is_there "$MNT/drives/0/D.bin"
	dd if="$MNT/drives/0/D.bin" bs=2352 skip=15 count=1 status=none | tail -c +17 | head -c 2048 | cmp - <(tail -c 2048 sixteen)
	cmp <(tail -c +$((166 * 2352 + 1)) "$MNT/drives/0/D.bin") half
	grep -q 'TRACK 01 MODE1/2352' "$MNT/drives/0/.D.cue"
	grep -q 'TRACK 02 AUDIO' "$MNT/drives/0/.D.cue"
}

@test "a BIN with its sheet, put into the drive, is read as it was written" {
	printf 'FILE "D.bin" BINARY\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n  TRACK 02 AUDIO\n    INDEX 00 00:01:50\n    INDEX 01 00:02:00\n' > sheet
	cp sheet "$MNT/drives/0/.D.cue"
	cp samples "$MNT/drives/0/D.bin"
	wait_for 30 has_profile "$MNT/drives/0/D.bin"
	rip 0 half
	rip 150 other
	send - <<- END
		in 48 43 00 00 00 00 00 00 00 30 00
		expect good
		expect data 001a0102 00100100 00000000 00100200 00000096 0010aa00 0000012c
		in 16 be 00 00 00 00 82 00 00 01 00 02 00
		expect good
		expect data 010200 000020
	END
}
