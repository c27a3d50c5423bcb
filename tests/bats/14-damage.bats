#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Damages of a store, as a table that is run: each is shown to both faces, never served as an empty slot, and
# kept in lost+found when a user removes it.

load 10-mount
load smc

teardown() {
	jb_cleanup
	if mountpoint -q "$BATS_TEST_TMPDIR/small"; then umount "$BATS_TEST_TMPDIR/small"; fi
}

# damage|how the store becomes like that; $S is the folder of slot 1, $D that of its disc|the name at the
# mount|the sentence
damages() {
	cat << 'END'
garbled|echo '{"format": 1' > $D/disc.json|A.iso|disc.json cannot be used, or the image that it names is missing
emptied|: > $D/disc.json|A.iso|disc.json cannot be used, or the image that it names is missing
unreadable|rm $D/disc.json; ln -s nowhere $D/disc.json|A.iso|the store cannot be read: see the log
future|sed -i 's/"format": 1/"format": 9/' $D/disc.json|A.iso|disc.json cannot be used, or the image that it names is missing
no-image|rm $D/image.*|A.iso|disc.json cannot be used, or the image that it names is missing
empty-image|: > $(echo $D/image.*)|A.iso|the image is empty, but its description says that it has data
bare|rm $D/*|A.iso|disc.json cannot be used, or the image that it names is missing
pipe|rm -r $D; mkfifo $D|A.iso|this is neither a folder nor a file in the store
no-folder|rm -r $S; echo hello > $S|not-a-folder|the element is no folder in the store, or its folder cannot be read
two|cp -r $D $S/B.iso|A.iso|the store has more than one disc in the element
END
}

setup() {
	STORE=$BATS_TEST_TMPDIR/store MNT=$BATS_TEST_TMPDIR/mnt
	jb_start --slots 3
	head -c 50000 /dev/urandom > "$BATS_TEST_TMPDIR/A.iso"
	cp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/1/"
	cp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/2/"
	wait_for 30 not_incoming "$MNT/slots/2/A.iso"
	jb_stop
	cp -a "$STORE" "$BATS_TEST_TMPDIR/sound"
}

# refused ERRNO-TEXT COMMAND...: the command fails with that text
refused_with() {
	local text=$1
	shift
	run "$@"
	[ "$status" -ne 0 ]
	[[ $output == *"$text"* ]]
}

# one_damage NAME HOW FILE SENTENCE: makes the damage, starts, looks at both faces, removes, and looks again
one_damage() {
	local S=$STORE/slots/1 file=$MNT/slots/1/$3 what
	local D=$S/A.iso
	echo "--- $1"
	rm -rf "$STORE"
	cp -a "$BATS_TEST_TMPDIR/sound" "$STORE"
	eval "$2"
	what=$(find "$S" | sort | md5sum)
	jb_start
	# The rest is served.
	cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/2/A.iso"
	[ "$(stat -c %s "$file")" = 0 ]
	refused_with "Input/output error" cat "$file"
	grep -F "slots/1/$3: $4; not changed" "$JBLOG"
	jq -e --arg name "$3" --arg why "$4" '.slots[0].disc | .state == "unreadable" and .note == $why' \
		"$MNT/status.json"
	grep -F unreadable "$MNT/status"
	grep -F "the store is damaged there" "$MNT/events"
	# Nothing gets in, over it, or out of it but by rm.
	refused_with "busy" cp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/1/C.iso"
	refused_with "Input/output error" cp "$BATS_TEST_TMPDIR/A.iso" "$file"
	refused_with "Input/output error" mv "$file" "$MNT/slots/3/"
	refused_with "Input/output error" mv "$file" "$MNT/slots/1/D.iso"
	refused_with "Input/output error" chmod a-w "$file"
	# Byte 2: EXCEPT and FULL, not ACCESS; bytes 4 and 5: the additional sense code.
	[ "$(element 1)" = "05 00 3b 11" ]
	[ "$(find "$S" | sort | md5sum)" = "$what" ]
	while [ -n "$(ls "$MNT/slots/1")" ]; do
		rm "$MNT/slots/1/$(ls "$MNT/slots/1" | head -n 1)"
	done
	[ -n "$(find "$STORE/lost+found" -mindepth 2)" ]
	cp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/1/C.iso"
	wait_for 30 not_incoming "$MNT/slots/1/C.iso"
	jb_restart
	cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/1/C.iso"
	if grep "the store is damaged there" "$MNT/events"; then return 1; fi
	jb_stop
}

# element N: bytes 2 to 5 of the descriptor of slot N in READ ELEMENT STATUS
element() {
	local at
	at=$(slot "$1")
	icdb --clear-ua -r 64 -o "$BATS_TEST_TMPDIR/report" "$(url 0)" \
		b8 02 "${at:0:2}" "${at:2}" 00 01 00 00 00 40 00 00 > /dev/null
	od -An -tx1 -j 18 -N 4 "$BATS_TEST_TMPDIR/report" | sed 's/^ //'
}

@test "each damage is shown at both faces, lets nothing in, and is kept by rm" {
	local name how file sentence
	while IFS='|' read -r name how file sentence; do
		one_damage "$name" "$how" "$file" "$sentence"
	done < <(damages)
}

@test "a store that is full at start is served, and a removal makes room" {
	mkdir "$BATS_TEST_TMPDIR/small"
	mount -t tmpfs -o size=2m none "$BATS_TEST_TMPDIR/small" || skip "needs root"
	STORE=$BATS_TEST_TMPDIR/small/store
	cp -a "$BATS_TEST_TMPDIR/sound" "$STORE"
	dd if=/dev/zero of="$BATS_TEST_TMPDIR/small/fill" bs=4k status=none || true
	dd if=/dev/zero of="$BATS_TEST_TMPDIR/small/fill2" bs=1 count=1 status=none || true
	jb_start
	grep -F "ctl/next-event is not updated" "$JBLOG"
	cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/1/A.iso"
	refused_with "No space left" cp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/3/C.iso"
	rm -f "$MNT"/slots/3/* "$MNT/slots/1/A.iso"
	wait_for 30 cp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/1/C.iso"
	wait_for 30 not_incoming "$MNT/slots/1/C.iso"
	jb_restart
	cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/1/C.iso"
	cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/2/A.iso"
	jb_stop
}

@test "an image cut shorter than its description says is told, not taken as a smaller disc" {
	truncate -s 10000 "$STORE"/slots/1/A.iso/image.*
	jb_start
	[ "$(jq -r '.slots[0].disc.state' "$MNT/status.json")" = truncated ]
	grep -F "A.iso: $(sentence TRUNCATED)" "$JBLOG"
	grep -F "image is shorter than its recording" "$MNT/events"
	jb_stop
}
