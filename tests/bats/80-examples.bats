#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests the scripts of examples/ that need no initiator of a kernel.  Each test has a jukebox of its own.

load 10-mount

setup() {
	E=$TOP/examples
	T=$BATS_TEST_TMPDIR
}
teardown() {
	for pid in ${STARTED[@]+"${STARTED[@]}"}; do kill "$pid" 2> /dev/null || true; done
	jb_cleanup
}

# burn IMAGE: writes the data and closes the track and the disc, as burning programs do
burn() { # IMAGE
	icdb "$(url 1)" write 0 "$1"
	icdb --clear-ua "$(url 1)" - <<- 'CDBS'
		none 35 00 00 00 00 00 00 00 00 00
		none 5b 00 01 00 00 01 00 00 00 00
		none 5b 00 06 00 00 00 00 00 00 00
	CDBS
}
burned_in() { # NAME SLOT IMAGE
	touch "$MNT/drives/0/$1"
	full drives/0
	burn "$3"
	mv "$MNT/drives/0/$1" "$MNT/slots/$2/"
}
blocks_of_16() { truncate -s "$((($(stat -c %s "$1") + 32767) / 32768 * 32768))" "$1"; }

# ---- README -------------------------------------------------------------------------------------

# steps: the lines of README's "Next steps" that need no initiator of a kernel, without what they explain.
steps() {
	sed -n '/^Next steps$/,/^Ctrl-C stops/s/^    \([^ ].*\)/\1/p' "$TOP/README" | sed -E 's/ {3,}.*//' |
		grep -vE '^(apt-get|iscsiadm|D=|C=|mount|umount|mtx|growisofs|eject|qemu-system|qemu-utils)'
}

@test "README's next steps work as typed, twice" {
	jb_start --slots 8 --drives 1
	cd "$T"
	iso debian.iso 1 DEBIAN
	steps | sed "s#^J=.*#J=$MNT#; s#127.0.0.1:3260#$PORTAL#; s#~/#$T/#" > lines
	# One of each kind is there.
	grep -q '^cp debian.iso' lines
	grep -q '^qemu-img convert' lines
	# What the lines with mtx do: the disc goes back to slot 1, so that each round begins alike.
	sed -i '/^touch/i mv $J/drives/0/debian.iso $J/slots/1/' lines
	bash -eux lines
	cmp debian.iso copy.iso
	bash -eux lines
	[ "$(files slots/1)" = debian.iso ]
	[ -e BACKUP.dvd+r.iso ]
}

# ---- archive-watcher.sh -------------------------------------------------------------------------

@test "archive-watcher: burned discs are archived and go to mail slots, also after the jukebox was killed" {
	have inotifywait
	jb_start --slots 4 --mailslots 2 --drives 1
	mkdir "$T/archive"
	iso "$T/a.iso" 1 FIRST
	iso "$T/b.iso" 2 SECOND
	blocks_of_16 "$T/a.iso"
	blocks_of_16 "$T/b.iso"
	cp "$T/a.iso" "$MNT/slots/3/PRESSED.iso" # was never burned: stays
	"$E/archive-watcher.sh" "$MNT" "$T/archive" > "$T/out" 2>&1 3>&- &
	STARTED=($!)
	wait_for 60 grep -q watching "$T/out"
	# The robot brings it back, as `mtx unload` does: inotify reports this as well.
	touch "$MNT/drives/0/A1.dvd+r.iso"
	full drives/0
	burn "$T/a.iso"
	icdb --clear-ua "$(url 0)" a5 00 00 00 00 01 04 00 00 00 00 00 # MOVE MEDIUM: drive 0 to slot 1
	wait_for 30 test -e "$MNT/mailslots/1/A1.dvd+r.iso"
	cmp "$T/a.iso" "$T/archive/A1.iso"
	(cd "$T/archive" && sha256sum -c --quiet A1.iso.sha256)
	[ "$(files slots/1)" = "" ]
	[ "$(files slots/3)" = PRESSED.iso ]
	jb_kill9
	jb_restart
	wait_for 30 '[ "$(grep -c watching "$T/out")" -ge 2 ]'
	burned_in A2.dvd+r.iso 2 "$T/b.iso"
	wait_for 30 test -e "$MNT/mailslots/2/A2.dvd+r.iso"
	cmp "$T/b.iso" "$T/archive/A2.iso"
	[ ! -e "$T/archive/PRESSED.iso" ]
}

@test "archive-watcher -1: full mail slots, a label that is taken, a copy that was cut off" {
	jb_start --slots 4 --mailslots 1 --drives 1
	mkdir "$T/archive"
	iso "$T/a.iso" 1 FIRST
	blocks_of_16 "$T/a.iso"
	touch "$MNT/mailslots/1/other.iso"
	burned_in A1.dvd+r.iso 1 "$T/a.iso"
	head -c 1000 "$T/a.iso" > "$T/archive/A1.iso.part"
	run "$E/archive-watcher.sh" -1 "$MNT" "$T/archive"
	[ "$status" = 0 ]
	[[ $output == *"no mail slot is free"* ]]
	cmp "$T/a.iso" "$T/archive/A1.iso"
	[ "$(files slots/1)" = A1.dvd+r.iso ]
	echo other > "$T/archive/A1.iso"
	echo "0000 A1.iso" > "$T/archive/A1.iso.sha256"
	run "$E/archive-watcher.sh" -1 "$MNT" "$T/archive"
	[[ $output == *"the archive has another disc of that label"* ]]
	[ "$(< "$T/archive/A1.iso")" = other ]
	rm "$T/archive/"* "$MNT/mailslots/1/other.iso"
	"$E/archive-watcher.sh" -1 "$MNT" "$T/archive"
	[ "$(files mailslots/1)" = A1.dvd+r.iso ]
	refused "$E/archive-watcher.sh" "$MNT" "usage:"
}

# ---- blanks.sh -----------------------------------------------------------------------------------

# blanks: prints the types of the blanks, in the order of the slots
blanks() { jq -r '[.slots[].disc | select(. and .origin == "blank") | .profile] | join(" ")' "$MNT/status.json"; }

@test "blanks -1: the wanted number of each type, with those made by hand; too few are reported" {
	jb_start --slots 6 --drives 1
	touch "$MNT/slots/2/by hand.bd-re.iso"
	full slots/2
	run "$E/blanks.sh" -1 -c 100MB "$MNT" bd-re=2 dvd-ram=1
	echo "$output"
	[ "$status" = 0 ]
	wait_for 30 '[ "$(jq .totals.incoming "$MNT/status.json")" = 0 ]'
	[ "$(blanks | tr ' ' '\n' | sort | tr '\n' ' ')" = "bd-re bd-re dvd-ram " ]
	[ "$(jq '[.slots[].disc | select(. and .capacity == 99999744)] | length' "$MNT/status.json")" = 2 ]
	run "$E/blanks.sh" -1 "$MNT" bd-re=2 dvd-ram=1
	[ "$status $output" = "0 " ]
	# The numbers of labels go on; a write-protected blank does not count.
	chmod a-w "$MNT"/slots/*/*.dvd-ram.iso
	run "$E/blanks.sh" -1 -p 'A B-' "$MNT" dvd-ram=1 cd-r=1
	[ "$status" = 0 ]
	[ -n "$(ls "$MNT"/slots/*/'A B-0001.'*)" ]
	[ -n "$(ls "$MNT"/slots/*/'A B-0002.'*)" ]
	run "$E/blanks.sh" -1 "$MNT" bd-re=4
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"too few blanks of: bd-re"* ]]
	rm "$MNT/slots/2/by hand.bd-re.iso"
	run "$E/blanks.sh" -1 "$MNT" vinyl=1
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"$(sentence NO_SUCH_MEDIUM)"* ]]
	[ "$(files slots/2)" = "" ]
	run "$E/blanks.sh" -1 -c 1T "$MNT" cd-r=2
	[ "$status" = 1 ]
	[[ $output == *"$(sentence BAD_CAPACITY)"* ]]
	[ "$(files slots/2)" = "" ]
	refused "$E/blanks.sh" "$MNT" "usage:"
	refused "$E/blanks.sh" "$MNT" dvd+r "usage:"
}

@test "blanks: what initiators load and burn is replaced, also after the jukebox was killed" {
	have inotifywait
	jb_start --slots 4 --drives 1
	iso "$T/a.iso" 1 FIRST
	"$E/blanks.sh" "$MNT" dvd+r=2 > "$T/out" 2>&1 3>&- &
	STARTED=($!)
	wait_for 60 '[ "$(blanks)" = "dvd+r dvd+r" ]'
	icdb --clear-ua "$(url 0)" a5 00 00 00 04 00 00 01 00 00 00 00 # MOVE MEDIUM: slot 1 to drive 0
	wait_for 60 '[ "$(blanks)" = "dvd+r dvd+r" ]'
	burn "$T/a.iso"
	icdb --clear-ua "$(url 0)" a5 00 00 00 00 01 04 03 00 00 00 00 # to slot 4
	wait_for 30 '[ -n "$(files slots/4)" ]'
	[ "$(blanks)" = "dvd+r dvd+r" ]
	jb_kill9
	jb_restart
	wait_for 30 '[ "$(grep -c watching "$T/out")" -ge 2 ]'
	rm "$MNT"/slots/2/*
	wait_for 60 '[ "$(blanks)" = "dvd+r dvd+r" ]'
	[ "$(find "$MNT/slots" -name "BLANK-*" | wc -l)" = 3 ]
}

# ---- import-library.sh --------------------------------------------------------------------------

library() {
	mkdir -p "$T/lib/more" "$T/lib/again"
	iso "$T/lib/a b.iso" 1 FIRST
	iso "$T/lib/more/c'd.IMG" 2 SECOND
	iso "$T/lib/again/a b.iso" 1 THIRD
	cp "$T/lib/a b.iso" "$T/lib/more/"
	: > "$T/lib/empty.iso"
	head -c 700000 "$T/lib/a b.iso" > "$T/lib/short.iso"
	echo text > "$T/lib/readme.txt"
}

@test "import-library: duplicates, bad images, odd names, and a second run has nothing to do" {
	jb_start --slots 8 --drives 1
	library
	run "$E/import-library.sh" -n "$MNT" "$T/lib"
	[ "$(find "$MNT/slots" -type f)" = "" ]
	run "$E/import-library.sh" "$MNT" "$T/lib"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"empty.iso: is empty"* ]]
	[[ $output == *"short.iso: it is shorter than its volume"* ]]
	[[ $output == *"3 inserted, 1 were there, 2 failed, 0 without a slot" ]]
	[ "$(find "$MNT/slots" -type f | wc -l)" = 3 ]
	cmp "$T/lib/a b.iso" "$MNT/slots/1/a b.iso"
	cmp "$T/lib/again/a b.iso" "$(echo "$MNT"/slots/*/"a b-2.iso")"
	cmp "$T/lib/more/c'd.IMG" "$(echo "$MNT"/slots/*/"c'd.IMG")"
	rm "$T/lib/empty.iso" "$T/lib/short.iso"
	mv "$MNT/slots/1/a b.iso" "$MNT/drives/0/"
	run "$E/import-library.sh" "$MNT" "$T/lib"
	[ "$status" = 0 ]
	[[ $output == *"0 inserted, 4 were there, 0 failed, 0 without a slot" ]]
}

@test "import-library: a full jukebox, and one that grows" {
	jb_start --slots 2 --drives 1
	library
	rm "$T/lib/empty.iso" "$T/lib/short.iso"
	run "$E/import-library.sh" "$MNT" "$T/lib"
	echo "$output"
	[ "$status" = 3 ]
	[[ $output == *"2 inserted, 1 were there, 0 failed, 1 without a slot" ]]
	run "$E/import-library.sh" -g "$MNT" "$T/lib"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"1 inserted, 3 were there, 0 failed, 0 without a slot" ]]
	full slots/3
}

@test "import-library -l: each image is inserted once, as a link" {
	jb_start --slots 8 --drives 1
	library
	run "$E/import-library.sh" -l "$MNT" "$T/lib"
	echo "$output"
	[[ $output == *"empty.iso: is empty"* ]]
	[ "$(readlink "$MNT/slots/1/a b.iso")" = "$T/lib/a b.iso" ]
	cmp "$T/lib/more/c'd.IMG" "$(echo "$MNT"/slots/*/"c'd.IMG")"
	rm "$T/lib/empty.iso"
	run "$E/import-library.sh" -l "$MNT" "$T/lib"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == "0 inserted, 5 were there, 0 failed, 0 without a slot" ]]
	refused "$E/import-library.sh" "$T/lib" "$T/lib" "no jukebox is mounted"
}

@test "import-library -m: a library of links, all of one medium, also after a restart" {
	jb_start --slots 4 --drives 1
	mkdir -p "$T/lib/more"
	iso "$T/lib/a b.iso" 1 FIRST
	iso "$T/lib/more/a b.iso" 1 SECOND
	iso "$T/lib/c.BD-ROM.img" 1 THIRD
	run "$E/import-library.sh" -l -m dvd-rom "$MNT" "$T/lib"
	echo "$output"
	[ "$status" = 0 ]
	profiles() { jq -r '.slots[].disc | select(.) | "\(.label) \(.profile)"' "$MNT/status.json" | sort | tr '\n' ' '; }
	[ "$(profiles)" = "a b dvd-rom a b-2 dvd-rom c bd-rom " ]
	run "$E/import-library.sh" -l -m dvd-rom "$MNT" "$T/lib"
	[[ $output == "0 inserted, 3 were there, 0 failed, 0 without a slot" ]]
	jb_kill9
	jb_restart
	[ "$(profiles)" = "a b dvd-rom a b-2 dvd-rom c bd-rom " ]
	mv "$MNT/slots/1/a b.dvd-rom.iso" "$MNT/drives/0/"
	wait_for 30 '[ "$(< "$MNT/ctl/drives/0/profile")" = dvd-rom ]'
	run "$E/import-library.sh" -l -m vinyl "$MNT" "$T/lib"
	[ "$status" = 2 ]
	[[ $output == *"vinyl is no medium"* ]]
}

@test "import-library: goes on after it was killed" {
	jb_start --slots 4 --drives 1
	mkdir "$T/lib"
	iso "$T/lib/a.iso" 1 FIRST
	iso "$T/b.iso" 2 SECOND
	mkfifo "$T/lib/b.pipe"
	# A slow copy, which waits for the rest of its image.
	exec {FEED}<> "$T/lib/b.pipe"
	cp --no-preserve=all "$T/lib/a.iso" "$MNT/slots/1/"
	cat "$T/lib/b.pipe" > "$MNT/slots/2/.import-b.iso.part" 3>&- &
	STARTED=($!)
	head -c 60000 "$T/b.iso" >&"$FEED"
	wait_for 30 test -e "$MNT/slots/2/.import-b.iso.part"
	kill -KILL "${STARTED[0]}"
	wait "${STARTED[0]}" || true
	rm "$T/lib/b.pipe"
	cp "$T/b.iso" "$T/lib/"
	run "$E/import-library.sh" "$MNT" "$T/lib"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"1 inserted, 1 were there, 0 failed, 0 without a slot" ]]
	[ "$(files slots/2)" = b.iso ]
	cmp "$T/b.iso" "$MNT/slots/2/b.iso"
}

# ---- nightly-verify.sh --------------------------------------------------------------------------

@test "nightly-verify: good discs are left out next time, a bad one is found" {
	jb_start --slots 4 --drives 1
	iso "$T/a.iso" 1 FIRST
	iso "$T/b.iso" 2 SECOND
	cp "$T/a.iso" "$MNT/slots/1/"
	cp "$T/b.iso" "$MNT/drives/0/"
	touch "$MNT/slots/2/BLANK.iso"
	run "$E/nightly-verify.sh" "$MNT"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"slots/1/a.iso: ok 20"* ]]
	[[ $output == *"2 good, 0 bad, 0 left for the next run" ]]
	run "$E/nightly-verify.sh" "$MNT"
	[ "$output" = "0 good, 0 bad, 0 left for the next run" ]
	# The disk has flipped a byte.
	printf X | dd of="$STORE/slots/1/a.iso/image.1" bs=1 seek=300000 conv=notrunc status=none
	run "$E/nightly-verify.sh" -d 0 "$MNT"
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"slots/1/a.iso: failed 20"* ]]
	[[ $output == *"1 good, 1 bad, 0 left for the next run" ]]
	refused "$E/nightly-verify.sh" -t soon "$MNT" "usage:"
}

# ---- bareos/mtx-changer, by the mount -----------------------------------------------------------

@test "mtx-changer: all its verbs on the mount" {
	jb_start --slots 3 --mailslots 1 --drives 2
	local c=("$E/bareos/mtx-changer" "$MNT")
	touch "$MNT/slots/1/VOL 1.iso" "$MNT/slots/3/VOL3.iso"
	full slots/3
	[ "$("${c[@]}" slots)" = 4 ]
	[ "$("${c[@]}" list)" = $'1:VOL 1\n3:VOL3' ]
	[ "$("${c[@]}" loaded 0 /dev/null 1)" = 0 ]
	touch "$MNT/slots/3/VOL3.iso.aria2" "$MNT/slots/2/x.new" # temporary files are no discs
	"${c[@]}" load 3 /dev/null 1
	[ "$(files drives/1)" = VOL3.iso ]
	refused "${c[@]}" load 2 /dev/null 0 "slots/2 holds no disc"
	rm "$MNT/slots/3/VOL3.iso.aria2" "$MNT/slots/2/x.new"
	[ "$("${c[@]}" loaded 0 /dev/null 1)" = 3 ]
	[ "$("${c[@]}" list)" = $'3:VOL3\n1:VOL 1' ]
	"${c[@]}" transfer 1 4
	[ "$(files mailslots/1)" = "VOL 1.iso" ]
	"${c[@]}" load 4 /dev/null 0
	[ "$("${c[@]}" listall)" = $'D:0:F:4:VOL 1\nD:1:F:3:VOL3\nS:1:E\nS:2:E\nS:3:E\nI:4:E' ]
	"${c[@]}" unload 2 /dev/null 1
	[ "$("${c[@]}" listall | head -n 4)" = $'D:0:F:4:VOL 1\nD:1:E\nS:1:E\nS:2:F:VOL3' ]
	refused "${c[@]}" load 2 /dev/null 0 "JB_ELEMENT_FULL"
	refused "${c[@]}" load 1 /dev/null 1 "slots/1 holds no disc"
	refused "${c[@]}" unload 9 /dev/null 0 "there is no slot 9"
	refused "${c[@]}" load 1 usage:
	refused "${c[@]}" dance usage:
	rm "$MNT/drives/0/VOL 1.iso"
	touch "$MNT/drives/0/BY-HAND.iso"
	refused "${c[@]}" loaded 0 /dev/null 0 "came from no slot"
}

# stub PROGRAM LINES: a program of that name, which comes first in the path
stub() {
	mkdir -p "$T/stubs"
	printf '#!/bin/sh\n%s\n' "$2" > "$T/stubs/$1"
	chmod +x "$T/stubs/$1"
	PATH=$T/stubs:$PATH
}

@test "mtx-changer: mounts the folder of the Archive Device after a load, unmounts it before an unload" {
	jb_start --slots 2 --drives 1
	local c=("$E/bareos/mtx-changer" "$MNT") point=$T/jukebox-0
	touch "$MNT/slots/1/VOL1.dvd-ram.iso"
	full slots/1
	# /etc/fstab has only that mount point; where a disc is mounted, a file says so.
	stub findmnt "for last; do :; done; [ \"\$last\" = '$point' ] && echo /dev/none"
	stub mountpoint "[ -e '$T/mounted' ]"
	stub mount "echo \"mount \$1, in drive: \$(ls '$MNT/drives/0')\" >> '$T/log'; [ ! -e '$T/bad' ] && : > '$T/mounted'"
	stub umount "echo \"umount \$1, in drive: \$(ls '$MNT/drives/0')\" >> '$T/log'; rm '$T/mounted'"
	"${c[@]}" load 1 "$point/volume" 0
	[ "$("${c[@]}" loaded 0 "$point/volume" 0)" = 1 ]
	"${c[@]}" unload 1 "$point/volume" 0
	diff - "$T/log" <<- END
		mount $point, in drive: VOL1.dvd-ram.iso
		umount $point, in drive: VOL1.dvd-ram.iso
	END
	# A disc that is in the drive already is mounted by loaded.
	mv "$MNT/slots/1/VOL1.dvd-ram.iso" "$MNT/drives/0/"
	[ "$("${c[@]}" loaded 0 "$point/volume" 0)" = 1 ]
	[ -e "$T/mounted" ]
	"${c[@]}" unload 2 "$point/volume" 0
	# A disc that cannot be mounted is not reported as loaded.
	touch "$T/bad"
	run "${c[@]}" load 2 "$point/volume" 0
	[ "$status" != 0 ]
	run "${c[@]}" loaded 0 "$point/volume" 0
	[ "$status" != 0 ]
	"${c[@]}" unload 2 "$point/volume" 0
	[ "$(files slots/2)" = VOL1.dvd-ram.iso ]
	# An Archive Device that is no file of a mount point: nothing is mounted.
	"${c[@]}" load 2 /dev/null 0
	[ "$(wc -l < "$T/log")" = 6 ]
}

# ---- nightly-verify.timer, demo-jukebox.sh -------------------------------------------------------

@test "nightly-verify.timer and nightly-verify.service are valid" {
	have systemd-analyze
	cp "$E"/nightly-verify.* "$T"
	sed -i "s#/usr/local/bin/#$T/#" "$T/nightly-verify.service"
	run systemd-analyze verify "$T/nightly-verify.timer" "$T/nightly-verify.service"
	echo "$output"
	[ "$status$output" = 0 ]
	"$T/nightly-verify.sh" -t 0 "$T" 2>&1 | grep -q jukebox # the command of the service exists
}

@test "demo-jukebox: serves a jukebox, and ends by Ctrl-C and by umount; its discs stay" {
	local round
	cd "$T"
	for round in 1 2; do
		"$E/demo-jukebox.sh" demo 127.0.0.1:0 > out 2>&1 3>&- &
		STARTED=($!)
		wait_for 60 test -e demo/mnt/status
		[ "$(ls demo/mnt/slots | wc -l) $(ls demo/mnt/drives | wc -l)" = "8 1" ]
		[ $round = 1 ] || [ "$(ls demo/mnt/slots/1)" = A.iso ]
		[ $round = 2 ] || touch demo/mnt/slots/1/A.iso
		case $round in
		1) kill -INT "${STARTED[0]}" ;;
		# As README types it.
		2) bash -c "$(sed -n 's/^    \(umount build[^ ]*\).*/\1/p' "$TOP/README" | sed 's#build/demo#demo#')" ;;
		esac
		wait "${STARTED[0]}"
		[ ! -e demo/mnt/status ]
	done
	STARTED=()
}

# ---- prometheus-textfile.sh ---------------------------------------------------------------------

@test "prometheus-textfile: metrics of a jukebox that is there, and of one that is not" {
	jb_start --slots 2 --drives 1
	[ -e "$MNT/metrics" ] || skip "the mount has no metrics"
	mkdir "$T/node"
	"$E/prometheus-textfile.sh" "$MNT" "$T/node"
	grep -qx "jukebox_up 1" "$T/node/jukebox.prom"
	[ "$(grep -c '^jukebox' "$T/node/jukebox.prom")" -gt 5 ]
	run ! grep -q '^# EOF' "$T/node/jukebox.prom"
	jb_kill9
	run "$E/prometheus-textfile.sh" "$MNT" "$T/node"
	[ "$status" = 1 ]
	grep -qx "jukebox_up 0" "$T/node/jukebox.prom"
	[ "$(ls -A "$T/node")" = jukebox.prom ]
}
