#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Formats, overwrites, blanks and appends to rewritable discs and BD-R over iSCSI with single commands.
# Tests what the mount shows of them, and what is left after a restart and after a kill.

load lib

setup() {
	unset MNT STORE
	jb_start --slots 4 --drives 1
	IMAGE=$BATS_TEST_TMPDIR/image.iso
	iso "$IMAGE" 2 RW_TEST
	N=$(($(stat -c %s "$IMAGE") / 2048))
	head -c 32768 "$IMAGE" > "$BATS_TEST_TMPDIR/16"
	head -c 65536 "$IMAGE" > "$BATS_TEST_TMPDIR/32"
}
teardown() { jb_cleanup; }

is_disc() { getfattr -n user.jukebox.profile "$1" > /dev/null 2>&1; }
# blank FILE: makes a blank, and waits, because the daemon learns of the close a moment after touch has ended
blank() {
	touch "$1"
	wait_for 30 is_disc "$1"
}
insert() { blank "$MNT/drives/0/D.$1.iso"; }
write() { icdb "$(url 1)" write "$1" "$2"; }
send() { icdb --clear-ua "$(url 1)" "$@"; }
# format DESCRIPTOR-BYTES: sends FORMAT UNIT with this format descriptor
format() {
	icdb "$(url 1)" - <<- END
		clear-ua
		out 00 02 00 08 $* -- 04 11 00 00 00 00
		expect good
	END
}
information_is() { # BYTES OF READ DISC INFORMATION FROM BYTE 2 ON
	icdb "$(url 1)" - <<- END
		clear-ua
		in 34 51 00 00 00 00 00 00 00 22 00
		expect good
		expect data @2 $*
	END
}
profile_is() {
	icdb "$(url 1)" - <<- END
		in 8 46 00 00 00 00 00 00 00 08 00
		expect good
		expect data @6 00 $1
	END
}
sync_cache() { send 35 00 00 00 00 00 00 00 00 00; }
same_at() { icdb "$(url 1)" read "$1" "$N" | cmp - "$IMAGE"; }

@test "a blank of every medium by its suffix and by ctl/default-profile" {
	local m
	for m in cd-r cd-rw cd-rw-packet dvd-r dvd-r-dl dvd-rw dvd-rw-ro dvd-ram dvd+r dvd+r-dl dvd+rw bd-r bd-r-dl bd-re bd-re-dl; do
		blank "$MNT/slots/1/A.$m.iso"
		[ "$(getfattr --only-values -n user.jukebox.profile "$MNT/slots/1/A.$m.iso")" = $m ]
		[ "$(getfattr --only-values -n user.jukebox.barcode "$MNT/slots/1/A.$m.iso")" = A ]
		rm "$MNT/slots/1/A.$m.iso"
		echo $m > "$MNT/ctl/default-profile"
		blank "$MNT/slots/1/A.iso"
		[ "$(getfattr --only-values -n user.jukebox.profile "$MNT/slots/1/A.iso")" = $m ]
		rm "$MNT/slots/1/A.iso"
	done
}

@test "BD-RE: formatted, written anywhere, zeros elsewhere, sparse, all there after a restart" {
	insert bd-re
	information_is 10
	format 00 b4 74 00 c0 00 00 00
	information_is 1e
	write 11820000 "$IMAGE"
	write 5000 "$IMAGE"
	sync_cache
	same_at 11820000
	[ "$(icdb "$(url 1)" read 100000 32 | tr -d '\0' | wc -c)" = 0 ]
	# 16 MB by one command.
	icdb --clear-ua -r $((8192 * 2048)) -o "$BATS_TEST_TMPDIR/zeros" "$(url 1)" 28 00 00 01 86 a0 00 20 00 00
	cmp "$BATS_TEST_TMPDIR/zeros" <(head -c $((8192 * 2048)) /dev/zero)
	[ "$(icdb "$(url 1)" read 11826175 1 | tr -d '\0' | wc -c)" = 0 ]
	run icdb "$(url 1)" capacity
	[ "${lines[-1]}" = "11826175 2048" ]
	[ "$(stat -c %s "$MNT/drives/0/D.bd-re.iso")" = $(((11820000 + N) * 2048)) ]
	[ "$(du -k "$STORE/drives/0/D.bd-re.iso" | cut -f1)" -lt 20000 ]
	jb_restart
	same_at 11820000
	same_at 5000
	# In the mount it is an image with a hole before the data.
	dd if="$MNT/drives/0/D.bd-re.iso" bs=2048 skip=5000 count="$N" status=none | cmp - "$IMAGE"
}

@test "CD-RW: formatted for packets it is written anywhere, over a restart; blanked it is not" {
	insert cd-rw
	icdb --clear-ua "$(url 1)" - <<- END
		out 00 00 00 08 00000000 00000000 00000000 -- 04 17 00 00 00 00
		expect good
	END
	[ "$(getfattr --only-values -n user.jukebox.profile "$MNT/drives/0/D.cd-rw.iso")" = cd-rw-packet ]
	write 200000 "$IMAGE"
	write 32 "$IMAGE"
	sync_cache
	jb_restart
	same_at 200000
	same_at 32
	information_is 1e
	run icdb "$(url 1)" capacity
	[ "${lines[-1]}" = "295263 2048" ]
	send a1 11 00 00 00 00 00 00 00 00 00 00
	[ "$(getfattr --only-values -n user.jukebox.profile "$MNT/drives/0/D.cd-rw.iso")" = cd-rw ]
	[ ! -s "$MNT/drives/0/D.cd-rw.iso" ]
	information_is 10
}

@test "kill -9 while a DVD-RAM is overwritten: what was synced is there" {
	insert dvd-ram
	information_is 1f
	write 0 "$IMAGE"
	sync_cache
	write 1000000 "$BATS_TEST_TMPDIR/16"
	jb_kill9
	jb_restart
	information_is 1f
	same_at 0
	write 1000000 "$IMAGE"
	send 35 00 00 00 00 00 00 00 00 00
	same_at 1000000
}

@test "DVD-RW: burned, blanked, formatted, blanked; events tell" {
	insert dvd-rw
	profile_is 14
	write 0 "$IMAGE"
	send 5b 00 02 00 00 00 00 00 00 00
	information_is 11
	send a1 11 00 00 00 00 00 00 00 00 00 00
	information_is 10
	[ "$(stat -c %s "$MNT/drives/0/D.dvd-rw.iso")" = 0 ]
	write 0 "$BATS_TEST_TMPDIR/16"
	format 00 23 10 20 54 00 00 10
	profile_is 13
	information_is 1e
	write 2000000 "$IMAGE"
	same_at 2000000
	send a1 10 00 00 00 00 00 00 00 00 00 00
	profile_is 14
	information_is 10
	grep -q '"event": *"blank"' "$MNT/events"
	grep -q '"event": *"format"' "$MNT/events"
	[ "$(ls "$STORE/drives/0/D.dvd-rw.iso" | wc -l)" = 2 ]
}

@test "kill -9 right after BLANK: the disc is blank after every restart" {
	insert dvd-rw
	write 0 "$IMAGE"
	send 5b 00 02 00 00 00 00 00 00 00
	send a1 11 00 00 00 00 00 00 00 00 00 00
	jb_kill9
	jb_restart
	information_is 10
	[ "$(ls "$STORE/drives/0/D.dvd-rw.iso" | wc -l)" = 2 ]
}

@test "DVD+RW: the format in the background is seen, stopped, kept over a restart, restarted" {
	insert dvd+rw
	icdb "$(url 1)" - <<- END
		clear-ua
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 00 00 00 10 00
		expect check 05/30/10
	END
	format ff ff ff ff 98 00 00 00
	information_is 1e 01 01 01 01 22
	# REQUEST SENSE reports NO SENSE, format in progress, and the progress.
	icdb "$(url 1)" - <<- END
		clear-ua
		in 18 03 00 00 00 12 00
		expect good
		expect data 70 00 00 ?? ?? ?? ?? 0a ?? ?? ?? ?? 04 04 00 80
	END
	# The mount shows the progress, too; the state says that the disc can be used.
	[[ $(< "$MNT/ctl/drives/0/progress") =~ ^formatting\ [0-9]+\ 2295104\ [0-9]+%$ ]]
	[ "$(jq -r '.drives[0].work.doing' "$MNT/status.json")" = formatting ]
	[ "$(< "$MNT/ctl/drives/0/state")" = complete ]
	write 0 "$IMAGE"
	send 5b 00 00 00 00 00 00 00 00 00
	information_is 1e 01 01 01 01 21
	[[ $(< "$MNT/ctl/drives/0/progress") != formatting* ]]
	jb_restart
	information_is 1e 01 01 01 01 21
	same_at 0
	format ff ff ff ff 98 00 00 01
	information_is 1e 01 01 01 01 22
	same_at 0
	# Out of the drive the format does not go on.
	mv "$MNT/drives/0/D.dvd+rw.iso" "$MNT/slots/1/"
	mv "$MNT/slots/1/D.dvd+rw.iso" "$MNT/drives/0/"
	information_is 1e 01 01 01 01 21
}

@test "BD-R with pseudo-overwrite: written again where it is recorded" {
	insert bd-r
	format 00 b4 74 00 c8 00 00 00
	information_is 01 01 01 01 01
	write 0 "$IMAGE"
	write 0 "$BATS_TEST_TMPDIR/32"
	send 5b 00 01 00 00 01 00 00 00 00
	tail -c 32768 "$IMAGE" > "$BATS_TEST_TMPDIR/other"
	write 32 "$BATS_TEST_TMPDIR/other"
	sync_cache
	jb_restart
	icdb "$(url 1)" read 32 16 | cmp - "$BATS_TEST_TMPDIR/other"
	icdb "$(url 1)" read 0 32 | cmp - "$BATS_TEST_TMPDIR/32"
	icdb "$(url 1)" - <<- END
		clear-ua
		in 16 51 02 00 00 00 00 00 00 10 00
		expect good
		expect data 00 0e 40
	END
}

@test "BD-R DL: a session at the end of 50 GB costs what it holds, and no more fits" {
	insert bd-r-dl
	# One reserved track takes all but the last two clusters.
	send 53 00 00 00 00 01 74 e7 c0 00
	icdb "$(url 1)" - <<- END
		clear-ua
		out $BATS_TEST_TMPDIR/32 -- 2a 00 01 74 e7 c0 00 00 20 00
		expect good
		out $BATS_TEST_TMPDIR/32 -- 2a 00 01 74 e7 e0 00 00 20 00
		expect good
		out $BATS_TEST_TMPDIR/32 -- 2a 00 01 74 e8 00 00 00 20 00
		expect check 05/21/00
	END
	icdb "$(url 1)" read $((0x174e7e0)) 32 | cmp - "$BATS_TEST_TMPDIR/32"
	[ "$(stat -c %s "$MNT/drives/0/D.bd-r-dl.iso")" = $((24438784 * 2048)) ]
	[ "$(du -k "$STORE/drives/0/D.bd-r-dl.iso" | cut -f1)" -lt 2000 ]
	jb_restart
	icdb "$(url 1)" read $((0x174e7e0)) 32 | cmp - "$BATS_TEST_TMPDIR/32"
}

@test "the tab stops FORMAT and BLANK" {
	insert dvd-rw
	chmod a-w "$MNT/drives/0/D.dvd-rw.iso"
	icdb "$(url 1)" - <<- END
		clear-ua
		none a1 11 00 00 00 00 00 00 00 00 00 00
		expect check 07/27/00
		out 00 02 00 08 ff ff ff ff 54 00 00 00 -- 04 11 00 00 00 00
		expect check 07/27/00
	END
	information_is 10
}

@test "DVD-R, disc at once: the flush ends it" {
	insert dvd-r
	icdb "$(url 1)" - <<- END
		clear-ua
		out 00 00 00 00 00 00 00 00 05 32 42 05 08 00 00 00 00 00 00 00 00 10 00 96 00000000000000000000000000000000000000000000000000000000000000000000000000 -- 55 10 00 00 00 00 00 00 3c 00
		expect good
		none 53 00 00 00 00 00 00 00 20 00
		expect good
		out $BATS_TEST_TMPDIR/32 -- 2a 00 00 00 00 00 00 00 20 00
		expect good
		none 35 00 00 00 00 00 00 00 00 00
		expect good
		out $BATS_TEST_TMPDIR/16 -- 2a 00 00 00 00 20 00 00 10 00
		expect check 05/30/05
	END
	information_is 0e 01 01 01 01
	cmp "$MNT/drives/0/D.dvd-r.iso" "$BATS_TEST_TMPDIR/32"
}
