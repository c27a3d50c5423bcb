#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests audio and mixed CDs in the mount: a BIN and its sheet are copied in; raw discs are shown, moved,
# copied and refused; a disc gets a new name when an initiator records audio on it.

load inotify

setup() {
	unset MNT STORE
	WATCHERS=()
	jb_start --slots 8 --drives 1
	cd "$BATS_TEST_TMPDIR" || return
	samples a.bin 60 1
	sheet a.bin > a.cue
}
teardown() {
	cd /
	unwatch
	jb_cleanup
}

# samples FILE SECTORS SEED: makes a file of random samples, the same for each SEED
samples() {
	python3 -c 'import random, sys
random.seed(int(sys.argv[3]))
open(sys.argv[1], "wb").write(random.randbytes(2352 * int(sys.argv[2])))' "$@"
}
# sheet BIN: prints a sheet with two tracks of 20 sectors and a pause of 20 sectors between them
sheet() {
	cat <<- END
		CATALOG 4006381333931
		TITLE "An album"
		FILE "$1" BINARY
		  TRACK 01 AUDIO
		    TITLE "One"
		    ISRC DEA471600001
		    INDEX 01 00:00:00
		  TRACK 02 AUDIO
		    TITLE "Two"
		    FLAGS DCP
		    INDEX 00 00:00:20
		    INDEX 01 00:00:40
	END
}
insert() { # ELEMENT
	cp a.cue "$MNT/$1/.a.cue"
	cp a.bin "$MNT/$1/"
	full "$1"
}
disc() { jq -c --argjson n "$1" ".slots[] | select(.number == \$n) | .disc | $2" "$MNT/status.json"; }
no_disc() { # COMMAND... : is refused; the sentence is on standard input
	refused "$@" ""
	last_error "$(cat)"
}

@test "a sheet, then its BIN, is a disc; the sheet stands beside it" {
	insert slots/3
	[ "$(files slots/3)" = ".a.cue a.bin" ]
	cmp a.bin "$MNT/slots/3/a.bin"
	diff a.cue "$MNT/slots/3/.a.cue"
	[ "$(stat -c '%A %s %F' "$MNT/slots/3/.a.cue")" = "-r--r--r-- $(stat -c %s a.cue) regular file" ]
	[ "$(ls "$MNT/slots/3")" = a.bin ]
	[ "$(xattr modes "$MNT/slots/3/a.bin")" = "audio audio" ]
	[ "$(xattr profile "$MNT/slots/3/a.bin")" = cd-rom ]
	[ "$(disc 3 '[.raw, .tracks, .size]')" = "[true,2,$((60 * 2352))]" ]
	[ "$(disc 3 '.["track-list"][1]')" = \
		'{"number":2,"session":1,"mode":"audio","start":40,"size":20,"pregap":20}' ]
	# The SHA-256 is that of the BIN.
	setfattr -n user.jukebox.sha256 -v compute "$MNT/slots/3/a.bin"
	wait_for 60 '[ "$(xattr sha256 "$MNT/slots/3/a.bin")" = "$(sha256sum < a.bin | cut -d" " -f1)" ]'
	jb_kill9
	jb_restart
	diff a.cue "$MNT/slots/3/.a.cue"
	cmp a.bin "$MNT/slots/3/a.bin"
}

@test "the sheet moves with its disc, and is removed with it" {
	insert slots/3
	mv "$MNT/slots/3/a.bin" "$MNT/drives/0/"
	[ "$(files slots/3)" = "" ]
	[ "$(files drives/0)" = ".a.cue a.bin" ]
	mv "$MNT/drives/0/a.bin" "$MNT/slots/4/B side.cd-r.BIN"
	[ "$(files slots/4)" = ".B side.cue B side.cd-r.BIN" ]
	diff <(sheet "B side.cd-r.BIN") "$MNT/slots/4/.B side.cue"
	# An initiator moves the disc to slot 5 (address 1028).
	icdb --clear-ua "$(url 0)" a5 00 02 f0 04 03 04 04 00 00 00 00
	[ "$(files slots/5)" = ".B side.cue B side.cd-r.BIN" ]
	rm "$MNT/slots/5/B side.cd-r.BIN"
	[ "$(files slots/5)" = "" ]
	[ -z "$(ls -A "$STORE/slots/5")" ]
}

@test "the sheet can be read, but not changed" {
	insert slots/3
	local s=$MNT/slots/3/.a.cue f="JB_SHEET_FOLLOWS"
	no_disc rm "$s" <<< "remove slots/3/.a.cue: $f"
	no_disc "echo x > '$s'" <<< "write to slots/3/.a.cue: $f"
	no_disc mv "$s" "$MNT/slots/4/" <<< "move slots/3/.a.cue to slots/4/.a.cue: $f"
	no_disc chmod 600 "$s" <<< "change slots/3/.a.cue: $f"
	refused setfattr -n user.jukebox.state -v complete "$s" "Operation not supported"
	refused getfattr -n user.jukebox.state "$s" "No such attribute"
	chmod 600 "$MNT/slots/3/a.bin"
	[ "$(stat -c %a "$s")" = 400 ]
	diff a.cue "$s"
	[ "$(files slots/4)" = "" ]
}

@test "programs copy both: cp -a, tar, rsync" {
	insert slots/1
	cp -a "$MNT/slots/1/." "$MNT/slots/2/"
	full slots/2
	tar -C "$MNT/slots/1" -cf both.tar .a.cue a.bin
	tar -C "$MNT/slots/3" -xf both.tar
	full slots/3
	if command -v rsync > /dev/null; then
		rsync -a "$MNT/slots/1/" "$MNT/slots/4/"
		full slots/4
		# Another album of the same name, in place of the first disc.
		mkdir other
		samples other/a.bin 80 2
		sed 's/An album/Another/' a.cue > other/.a.cue
		rsync -a other/ "$MNT/slots/4/"
		wait_for 30 cmp other/a.bin "$MNT/slots/4/a.bin"
		wait_for 30 diff other/.a.cue "$MNT/slots/4/.a.cue"
		[ "$(files slots/4)" = ".a.cue a.bin" ]
	fi
	mkdir out
	cp -a "$MNT/slots/2/." out/
	diff a.cue out/.a.cue
	for n in 2 3; do
		diff a.cue "$MNT/slots/$n/.a.cue"
		cmp a.bin "$MNT/slots/$n/a.bin"
		[ "$(disc $n .raw)" = true ]
	done
}

@test "a BIN over a blank CD: the disc keeps its name and its type" {
	touch "$MNT/slots/1/a.cd-r.iso"
	cp a.cue "$MNT/slots/1/.a.cue"
	cp a.bin "$MNT/slots/1/a.cd-r.iso"
	wait_for 30 '[ "$(files slots/1)" = ".a.cue a.cd-r.iso" ]'
	is_disc "$MNT/slots/1/a.cd-r.iso" complete cd-r
	cmp a.bin "$MNT/slots/1/a.cd-r.iso"
	grep -F 'FILE "a.cd-r.iso" BINARY' "$MNT/slots/1/.a.cue"
	# If the sheet does not fit, the disc stays blank.
	touch "$MNT/slots/2/a.cd-r.bin"
	sed 's/00:00:40/00:09:00/' a.cue > "$MNT/slots/2/.a.cue"
	no_disc cp a.bin "$MNT/slots/2/a.cd-r.bin" <<< "JB_SHEET_LENGTH"
	is_disc "$MNT/slots/2/a.cd-r.bin" blank cd-r
}

@test "a BIN of data needs no sheet, and an image of 2048-byte sectors is not raw" {
	iso x.iso 1 PLAIN
	cp x.iso "$MNT/slots/1/x.bin"
	full slots/1
	[ "$(disc 1 '[.raw, .profile]')" = '[false,"cd-rom"]' ]
	[ "$(files slots/1)" = x.bin ]
	printf 'FILE "y.bin" BINARY\nTRACK 01 MODE1/2048\nINDEX 01 00:00:00\n' > "$MNT/slots/2/.y.cue"
	cp x.iso "$MNT/slots/2/y.bin"
	full slots/2
	[ "$(files slots/2)" = y.bin ]
	[ "$(disc 2 .raw)" = false ]
	mv "$MNT/slots/2/y.bin" "$MNT/slots/2/y.iso"
	# Raw sectors of mode 1, taken from a disc that was burned.
	touch "$MNT/drives/0/m.cd-r.iso"
	full drives/0
	head -c 40960 x.iso > data
	head -c 37632 /dev/zero > silence
	page 41 c4 08 # data
	write_at 00000000 data 14
	page 41 c0 00 # audio
	write_at 000000aa silence 10
	close_session
	wait_for 30 '[ "$(files drives/0)" = ".m.cue m.bin" ]'
	[ "$(xattr modes "$MNT/drives/0/m.bin")" = "mode1 audio" ]
	head -c $((20 * 2352)) "$MNT/drives/0/m.bin" > one.bin
	cp one.bin "$MNT/slots/3/"
	# Its volume has more than 20 sectors.
	is_disc "$MNT/slots/3/one.bin" incomplete
	setfattr -n user.jukebox.state -v complete "$MNT/slots/3/one.bin"
	[ "$(xattr modes "$MNT/slots/3/one.bin")" = mode1 ]
	grep -F "TRACK 01 MODE1/2352" "$MNT/slots/3/.one.cue"
}

# raw FILE: 331 raw sectors of mode 1, made of an image whose volume has as many
raw() {
	python3 - "$1" <<- 'END'
		import sys
		plain = bytearray(331 * 2048)
		pvd = memoryview(plain)[16 * 2048:]
		pvd[0:7] = b"\1CD001\1"
		pvd[80:88] = (331).to_bytes(4, "little") + (331).to_bytes(4, "big")
		pvd[128:132] = b"\0\x08\x08\0"
		plain[17 * 2048:17 * 2048 + 7] = b"\xffCD001\1"
		bcd = lambda n: n // 10 * 16 + n % 10
		with open(sys.argv[1], "wb") as f:
		    for lba in range(331):
		        at = lba + 150
		        f.write(b"\0" + b"\xff" * 10 + b"\0" + bytes([bcd(at // 4500), bcd(at // 75 % 60), bcd(at % 75), 1])
		            + plain[lba * 2048:][:2048] + bytes(288))
	END
}

@test "raw sectors are a raw CD in a file of any name, by link and over a blank" {
	local name n=0
	raw r.bin
	for name in r.iso r.img r.udf r.cd-r.iso r; do
		cp r.bin "$MNT/slots/$((++n))/$name"
		full "slots/$n"
		[ "$(disc $n '[.raw, .state]')" = '[true,"complete"]' ]
		cmp r.bin "$MNT/slots/$n/$name"
	done
	ln -s "$PWD/r.bin" "$MNT/slots/6/r.iso"
	[ "$(disc 6 .raw)" = true ]
	touch "$MNT/slots/7/r.cd-rw.iso"
	full slots/7
	cp r.bin "$MNT/slots/7/r.cd-rw.iso"
	is_disc "$MNT/slots/7/r.cd-rw.iso" complete cd-rw
	[ "$(disc 7 .raw)" = true ]
	for n in 1 6 7; do
		name=$(cd "$MNT/slots/$n" && echo r.*)
		mv "$MNT/slots/$n/$name" "$MNT/drives/0/"
		send - <<- 'END'
			in 8 25 00 00 00 00 00 00 00 00 00
			expect good
			expect data 00 00 01 4a 00 00 08 00
			in 2048 28 00 00 00 00 10 00 00 01 00
			expect good
			expect data 01 43 44 30 30 31
		END
		rm "$MNT/drives/0/$name"
	done
	no_disc cp r.bin "$MNT/slots/8/r.dvd+r.iso" <<< "close slots/8/r.dvd+r.iso: JB_SHEET_MEDIUM"
	is_disc "$MNT/slots/8/r.dvd+r.iso" incomplete
}

@test "wrong BINs, sheets and names are refused with a sentence that says what to do" {
	no_disc cp a.cue "$MNT/slots/1/" <<- 'END'
		create slots/1/a.cue: JB_SHEET_NAME (EPERM)
	END
	no_disc cp a.bin "$MNT/slots/1/" <<< "close slots/1/a.bin: JB_SHEET_MISSING"
	is_disc "$MNT/slots/1/a.bin" incomplete
	# Do what the sentence says.
	cp a.cue "$MNT/slots/1/.a.cue"
	setfattr -n user.jukebox.state -v complete "$MNT/slots/1/a.bin"
	is_disc "$MNT/slots/1/a.bin" complete
	# There would be no room for the name of its sheet.
	no_disc mv "$MNT/slots/1/a.bin" "$MNT/slots/1/$(printf %0251d 0).iso" <<< "JB_RAW_NAME"
	while IFS='|' read -r edit sentence; do
		rm -f "$MNT"/slots/2/{*.bin,.*.cue}
		sed "$edit" a.cue > "$MNT/slots/2/.a.cue"
		no_disc cp a.bin "$MNT/slots/2/" <<< "$sentence"
		is_disc "$MNT/slots/2/a.bin" incomplete
		cmp a.bin "$MNT/slots/2/a.bin"
	done <<- 'END'
		s/BINARY/WAVE/|JB_SHEET_SYNTAX
		d|JB_SHEET_SYNTAX
		s/a.bin/other.bin/|JB_SHEET_FILE
		s/00:00:40/00:00:60/|JB_SHEET_LENGTH
		s/TRACK 02 AUDIO/TRACK 02 MODE1\/2352/|JB_SHEET_FORM
		s/TRACK 02 AUDIO/TRACK 02 MODE1\/2048/|JB_SHEET_FORM
	END
	grep "line 3 of its sheet: a FILE that is not of type BINARY comes in a folder with its sheet" "$JBLOG"
}

@test "a BIN that ends within a sector counts as padded; a POSTGAP is a pause; a header is believed" {
	head -c 100000 a.bin > short.bin
	{ cat short.bin; head -c $((43 * 2352 - 100000)) /dev/zero; } > padded
	sheet short.bin | sed 's/00:00:40/00:00:30/' > "$MNT/slots/1/.short.cue"
	cp short.bin "$MNT/slots/1/"
	is_disc "$MNT/slots/1/short.bin" complete
	[ "$(warnings)" = "the FILE ends within a sector: zeros follow" ]
	cmp short.bin "$MNT/slots/1/short.bin"
	jb_kill9
	jb_restart
	is_disc "$MNT/slots/1/short.bin" complete
	# By a link too.
	sheet short.bin | sed 's/00:00:40/00:00:30/' > "$MNT/slots/2/.short.cue"
	ln -s "$PWD/short.bin" "$MNT/slots/2/"
	for n in 1 2; do
		mv "$MNT/slots/$n/short.bin" "$MNT/drives/0/"
		icdb --clear-ua -r $((13 * 2352)) -o read.out "$(url 1)" be 04 0000001e 00 00 0d 10 00 00
		tail -c $((13 * 2352)) padded | cmp - read.out
		mv "$MNT/drives/0/short.bin" "$MNT/slots/$n/"
	done
	sed '/FLAGS/iPOSTGAP 00:00:00' a.cue | sed '/TRACK 02/i    POSTGAP 00:00:10' > "$MNT/slots/3/.a.cue"
	no_disc cp a.bin "$MNT/slots/3/" <<< "JB_SHEET_SYNTAX"
	rm "$MNT"/slots/3/{.a.cue,a.bin}
	sed '/TRACK 02/i    POSTGAP 00:00:10' a.cue > "$MNT/slots/3/.a.cue"
	cp a.bin "$MNT/slots/3/"
	[ "$(disc 3 '.["track-list"][1] | [.start, .pregap]')" = "[50,30]" ]
	grep -A 3 "TRACK 02" "$MNT/slots/3/.a.cue"
}

# warnings: the sentences of all events "warning", a line each
warnings() { jq -r 'select(.event == "warning") | .warning' "$MNT/events"; }

@test "a line that places no track refuses no disc, and is told" {
	local line warning n=0
	while IFS='|' read -r line warning; do
		{ cat a.cue; printf '%b\n' "$line"; } > "$MNT/slots/1/.a.cue"
		cp a.bin "$MNT/slots/1/"
		is_disc "$MNT/slots/1/a.bin" complete
		[ -z "$warning" ] || n=$((n + 1))
		[ "$(warnings | wc -l)" = $n ]
		[ -z "$warning" ] || warnings | tail -n 1 | grep -F "$warning"
		rm "$MNT/slots/1/a.bin"
	done <<- 'END'
		ISRC US-S1Z-99-00001|
		ISRC USS1Z990000123|line 13 of its sheet: an ISRC has 12 letters and digits
		ISRC USS1Z_900001|an ISRC has 12 letters and digits
		ISRC ""|an ISRC has 12 letters and digits
		CATALOG 036000291452|
		CATALOG ""|a CATALOG number has 13 digits
		CDTEXTFILE "a.cdt"|the file of its CDTEXTFILE is not beside it
		GENRE Rock|
		DISC_ID 1234|
		UPC_EAN 036000291452|
		SOMETHING else|there is no such command
		; a remark|
		FLAGS DATA|
		\x1a\x1a|
		\xc2\xa0|
		TITLE "Blue Monday (12" Mix)"|
		TITLE Blue Monday|
	END
	grep -F "a.bin: line 13 of its sheet: an ISRC" "$JBLOG"
	# A title of 200 letters; lines that end as on other systems; UTF-16.
	{ cat a.cue; printf 'TITLE "%0200d"\n' 0; } > "$MNT/slots/1/.a.cue"
	cp a.bin "$MNT/slots/1/"
	is_disc "$MNT/slots/1/a.bin" complete
	warnings | tail -n 1 | grep -F "a text has at most 159 characters"
	tr '\n' '\r' < a.cue > "$MNT/slots/2/.a.cue"
	cp a.bin "$MNT/slots/2/"
	iconv -t UTF-16 < a.cue > "$MNT/slots/3/.a.cue"
	cp a.bin "$MNT/slots/3/"
	for n in 2 3; do
		is_disc "$MNT/slots/$n/a.bin" complete
		diff a.cue "$MNT/slots/$n/.a.cue"
	done
}

@test "the sheet that is read is the one that was inserted, and its packs of CD-TEXT too" {
	cat > b.cue <<- 'END'
		REM GENRE Опера
		REM COMMENT "a „typographic“ mark"
		PERFORMER "Dvořák"
		TITLE "新世界より"
		CDTEXTFILE "a.cdt"

		FILE "a.bin" BINARY
		  TRACK 01 AUDIO
		    SOMETHING else
		    INDEX 01 00:00:00
		  TRACK 02 AUDIO
		    INDEX 00 00:00:20
		    REM here
		    INDEX 01 00:00:40
		REM the end
	END
	printf '\x80\x00\x00\x00Hello\0\0\0\0\0\0\0\x12\x34\x81\x00\x01\x10Hallo\0\0\0\0\0\0\0\x56\x78' > a.cdt
	cp a.cdt "$MNT/slots/1/.a.cdt"
	cp b.cue "$MNT/slots/1/.a.cue"
	cp a.bin "$MNT/slots/1/"
	is_disc "$MNT/slots/1/a.bin" complete
	warnings | grep -F "there is no such command"
	[ "$(files slots/1)" = ".a.cdt .a.cue a.bin" ]
	[ "$(stat -c '%A %s' "$MNT/slots/1/.a.cdt")" = "-r--r--r-- 36" ]
	no_disc rm "$MNT/slots/1/.a.cdt" <<< "remove slots/1/.a.cdt: JB_SHEET_FOLLOWS"
	cp -a "$MNT/slots/1/." "$MNT/slots/2/"
	cp -r "$MNT/slots/1" out
	tar -C "$MNT/slots/1" -cf all.tar .
	tar -C "$MNT/slots/3" -xf all.tar
	! command -v rsync > /dev/null || rsync -a "$MNT/slots/1/" "$MNT/slots/4/"
	mv "$MNT/slots/1/a.bin" "$MNT/slots/5/"
	jb_kill9
	jb_restart
	for n in 2 3 4 5; do
		[ "$n" != 4 ] || command -v rsync > /dev/null || continue
		[ "$(files slots/$n)" = ".a.cdt .a.cue a.bin" ]
		diff b.cue "$MNT/slots/$n/.a.cue"
		cmp a.cdt "$MNT/slots/$n/.a.cdt"
		[ "$(disc $n .raw)" = true ]
	done
	cmp a.cdt out/.a.cdt
	mv "$MNT/slots/5/a.bin" "$MNT/drives/0/x.bin"
	[ "$(files drives/0)" = ".x.cdt .x.cue x.bin" ]
	diff <(sed 's/a.cdt/x.cdt/; s/a.bin/x.bin/' b.cue) "$MNT/drives/0/.x.cue"
	send - <<- END
		in 40 43 00 05 00 00 00 00 00 28 00
		expect good
		expect data 0026 0000 $(xxd -p -c 36 a.cdt)
	END
}

@test "a title has all that stands between its first and its last quotation mark, a name all its blanks" {
	samples "my disc (12\" mix).bin" 60 1
	cat > "$MNT/slots/1/.my disc (12\" mix).cue" <<- 'END'
		TITLE "Blue Monday (12" Mix)"
		PERFORMER New Order
		FILE my disc (12" mix).bin BINARY
		  TRACK 01 AUDIO
		    TITLE "7""
		    INDEX 01 00:00:00
	END
	cp "my disc (12\" mix).bin" "$MNT/slots/1/"
	is_disc "$MNT/slots/1/my disc (12\" mix).bin" complete
	mv "$MNT/slots/1/my disc (12\" mix).bin" "$MNT/drives/0/"
	send - <<- 'END'
		in 4096 43 00 05 00 00 00 00 10 00 00
		expect good
		save text
	END
	grep -aq 'Blue Mon' text
	grep -aq 'New Order' text
	[ "$(warnings)" = "" ]
}

@test "a link to a BIN: with its sheet beside it" {
	cp a.cue "$MNT/slots/1/.a.cue"
	ln -s "$PWD/a.bin" "$MNT/slots/1/"
	[ "$(files slots/1)" = ".a.cue a.bin" ]
	diff a.cue "$MNT/slots/1/.a.cue"
	[ "$(disc 1 '[.raw, .link]')" = '[true,"good"]' ]
	mv "$MNT/slots/1/a.bin" "$MNT/drives/0/"
	reads 0000000a 5 10
	no_disc ln -s "$PWD/a.bin" "$MNT/slots/2/" <<< "JB_SHEET_MISSING"
	no_disc ln -s "$PWD/a.cue" "$MNT/slots/2/" <<< "JB_SHEET_NAME"
	[ "$(files slots/2)" = "" ]
}

# ---- by an initiator -----------------------------------------------------------------------------

send() { icdb --clear-ua "$(url 1)" "$@"; }
# page TYPE MODE BLOCKS: sets mode page 05h: write type (41 track, 42 session at once), track mode, block type
page() {
	send - <<- END
		out 00 00 00 00 00 00 00 00 05 32 $1 $2 $3 00 00 00 00 00 00 00 00 10 00 96 00000000000000000000000000000000000000000000000000000000000000000000000000 -- 55 10 00 00 00 00 00 00 3c 00
		expect good
	END
}
# write_at LBA FILE SECTORS: writes FILE and flushes, which ends the track; the numbers are hexadecimal
write_at() {
	send - <<- END
		out $PWD/$2 -- 2a 00 $1 00 00 $3 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
	END
}
close_session() { send 5b 00 02 00 00 00 00 00 00 00; }
# reads LBA COUNT SECTOR: checks that READ CD of COUNT sectors returns those of a.bin from SECTOR on
reads() {
	icdb --clear-ua -r $(($2 * 2352)) -o read.out "$(url 1)" be 04 "$1" 00 00 "$(printf %02x "$2")" 10 00 00
	tail -c +$(($3 * 2352 + 1)) a.bin | cmp -n $(($2 * 2352)) - read.out
}

@test "recording audio makes a BIN of the disc, and inotify shows it" {
	touch "$MNT/drives/0/A1.cd-r.iso"
	full drives/0
	head -c $((16 * 2352)) a.bin > head.bin
	watch
	send 1e 00 00 00 01 00 # PREVENT
	page 41 c0 00
	write_at 00000000 head.bin 10
	wait_for 30 '[ "$(files drives/0)" = ".A1.cue A1.bin" ]'
	wait_for 60 grep -q "MOVED_TO .*/drives/0/A1.bin" "$SEEN"
	shown drives/0 | grep -qx "moved drives/0/A1.cd-r.iso drives/0/A1.bin"
	[ "$(missed)" = 0 ]
	[ "$(jq -r 'select(.event == "relabel") | .["old-name"] + " " + .name' "$MNT/events")" = "A1.cd-r.iso A1.bin" ]
	cmp head.bin "$MNT/drives/0/A1.bin"
	is_disc "$MNT/drives/0/A1.bin" appendable cd-r
	# A second track begins after the pause, even after kill -9.
	jb_kill9
	jb_restart
	[ "$(files drives/0)" = ".A1.cue A1.bin" ]
	page 41 c0 00
	write_at 000000a6 head.bin 10
	close_session
	[ "$(xattr modes "$MNT/drives/0/A1.bin")" = "audio audio" ]
	[ "$(stat -c %s "$MNT/drives/0/A1.bin")" = $((182 * 2352)) ]
	tail -c $((16 * 2352)) "$MNT/drives/0/A1.bin" | cmp - head.bin
	reads 000000a6 10 0
	grep -A 3 "TRACK 02 AUDIO" "$MNT/drives/0/.A1.cue" | grep -q "INDEX 01 00:02:16"
}

@test "an audio CD-RW that is blanked gets the name of a blank, and inotify shows it" {
	touch "$MNT/drives/0/A1.cd-rw.iso"
	full drives/0
	head -c $((16 * 2352)) a.bin > head.bin
	page 41 00 00
	write_at 00000000 head.bin 10
	send 5b 00 02 00 00 00 00 00 00 00
	wait_for 30 '[ "$(files drives/0)" = ".A1.cue A1.bin" ]'
	watch
	send a1 01 00 00 00 00 00 00 00 00 00 00 # BLANK, minimally
	wait_for 30 '[ "$(files drives/0)" = A1.iso ]'
	wait_for 60 grep -q "MOVED_TO .*/drives/0/A1.iso" "$SEEN"
	shown drives/0 | grep -qx "moved drives/0/A1.bin drives/0/A1.iso"
	[ "$(missed)" = 0 ]
	[ "$(jq -r 'select(.event == "relabel") | .["old-name"] + " " + .name' "$MNT/events" | tail -1)" = "A1.bin A1.iso" ]
	is_disc "$MNT/drives/0/A1.iso" blank cd-rw
	jb_kill9
	jb_restart
	is_disc "$MNT/drives/0/A1.iso" blank cd-rw
	# A data track makes it an image again.
	head -c 32768 a.bin > data
	page 41 04 08
	write_at 00000000 data 10
	send 5b 00 02 00 00 00 00 00 00 00
	[ "$(files drives/0)" = A1.iso ]
	cmp data "$MNT/drives/0/A1.iso"
}

@test "archive-watcher.sh keeps the BIN and its sheet" {
	touch "$MNT/drives/0/A1.cd-r.iso"
	full drives/0
	head -c 37632 a.bin > head.bin
	page 41 00 00
	write_at 00000000 head.bin 10
	send 5b 00 02 00 00 00 00 00 00 00
	wait_for 30 '[ "$(files drives/0)" = ".A1.cue A1.bin" ]'
	mv "$MNT/drives/0/A1.bin" "$MNT/slots/1/B2.cd-r.bin"
	mkdir archive
	"$TOP/examples/archive-watcher.sh" -1 -k "$MNT" archive
	[ "$(find archive -type f -printf '%f\n' | sort | xargs)" = "B2.bin B2.bin.sha256 B2.cue" ]
	cmp -n 37632 archive/B2.bin a.bin
	(cd archive && sha256sum -c --quiet B2.bin.sha256)
	# The files of the archive can be inserted as they are.
	cp archive/B2.cue "$MNT/slots/2/.B2.cue"
	cp archive/B2.bin "$MNT/slots/2/"
	is_disc "$MNT/slots/2/B2.bin" complete
}

@test "an inserted BIN is read over iSCSI by its tracks" {
	insert drives/0
	reads 00000000 10 0
	reads 00000028 14 40
	send - <<- 'END'
		in 2048 28 00 00 00 00 00 00 00 01 00
		expect check 05/64/00
	END
}
