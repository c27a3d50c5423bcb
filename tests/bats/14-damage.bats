#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Damages of a store, as a table that is run: each is shown to both faces, never served as an empty slot, and
# kept in lost+found when a user removes it.

load 10-mount
load smc

teardown() {
	jb_cleanup
	local at
	for at in small store; do
		if mountpoint -q "$BATS_TEST_TMPDIR/$at"; then umount "$BATS_TEST_TMPDIR/$at"; fi
	done
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
	local S=$STORE/slots/1 file=$MNT/slots/1/$3 path=slots/1/$3 what
	local D=$S/A.iso
	echo "--- $1"
	rm -rf "$STORE"
	cp -a "$BATS_TEST_TMPDIR/sound" "$STORE"
	eval "$2"
	what=$(find "$S" | sort | md5sum)
	[ "$1" != no-folder ] || path=slots/1
	finds "$path: $4"
	jb_start
	# The rest is served.
	cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/2/A.iso"
	[ "$(stat -c %s "$file")" = 0 ]
	refused_with "Input/output error" cat "$file"
	grep -F "$path: $4; not changed" "$JBLOG"
	last_error "slots/1/$3: JB_UNREADABLE"
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

# whole: prints a sum over all names, states, times and contents of the store
whole() {
	(cd "$STORE" && find . -printf '%P %y %s %m %T@ %C@ %l\n' && find . -type f -exec md5sum {} +) | sort | md5sum
}

# looks STATUS: runs a check, which must end with that status and change nothing
looks() {
	local before
	before=$(whole)
	run "-$1" --separate-stderr "$JUKEBOXD" --check "$STORE"
	[ "$(whole)" = "$before" ]
}

# finds LINE: a check lists that line
finds() {
	looks 3
	grep -Fx -- "$1" <<< "$output"
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

@test "of two discs in one slot, the one that is left is a disc at once" {
	local left id
	cp -r "$STORE/slots/1/A.iso" "$STORE/slots/1/B.iso"
	cp -r "$STORE/slots/1/A.iso" "$STORE/slots/1/C.iso"
	echo x > "$STORE/slots/1/C.iso/disc.json"
	id=$(jq -r .id "$STORE/slots/1/A.iso/disc.json")
	for left in A B; do
		jb_start
		[ "$(files slots/1)" = "A.iso B.iso C.iso" ]
		[ "$(xattr state "$MNT/slots/1/$left.iso")" = unreadable ]
		rm "$MNT/slots/1/C.iso"
		[ "$(xattr state "$MNT/slots/1/$left.iso")" = unreadable ]
		if [ $left = A ]; then rm "$MNT/slots/1/B.iso"; else rm "$MNT/slots/1/A.iso"; fi
		[ "$(files slots/1)" = "$left.iso" ]
		[ "$(xattr state "$MNT/slots/1/$left.iso")" = complete ]
		cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/1/$left.iso"
		[ "$(element 1 | cut -c 1-2)" = 09 ]
		grep "\"event\":\"insert\".*$left.iso" "$MNT/events"
		[ $left != A ] || [ "$(jq -r .id "$STORE/slots/1/A.iso/disc.json")" = "$id" ]
		mv "$MNT/slots/1/$left.iso" "$MNT/drives/0/"
		mv "$MNT/drives/0/$left.iso" "$MNT/slots/3/"
		jb_restart
		cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/3/$left.iso"
		rm "$MNT/slots/3/$left.iso"
		jb_stop
		rm -rf "$STORE/slots/1"
		cp -r "$BATS_TEST_TMPDIR/sound/slots/1" "$STORE/slots/1"
		cp -r "$STORE/slots/1/A.iso" "$STORE/slots/1/B.iso"
		cp -r "$STORE/slots/1/A.iso" "$STORE/slots/1/C.iso"
		echo x > "$STORE/slots/1/C.iso/disc.json"
	done
	# One that is damaged too stays so, and says why.
	echo x > "$STORE/slots/1/B.iso/disc.json"
	rm -r "$STORE/slots/1/C.iso"
	jb_start
	rm "$MNT/slots/1/A.iso"
	[ "$(files slots/1)" = B.iso ]
	jq -e '.slots[0].disc.note | startswith("disc.json cannot be used")' "$MNT/status.json"
	jb_stop
}

# Columns: the damage; how the store becomes like that, $S and $D as above; the line that a check prints for it, with
# names of err.def; yes: it is no more there after a start.  Other damages than those above, which leave the slot as it is or a
# disc.
others() {
	cat << 'END'
setting|mkdir -p ctl/changer; echo x > ctl/changer/first-slot|ctl/changer/first-slot: JB_BAD_VALUE|
addresses|mkdir -p ctl/changer; echo 1 > ctl/changer/first-slot|ctl/changer: JB_OVERLAP|
secret|mkdir -p ctl/access/users; echo short > ctl/access/users/bob|ctl/access/users/bob: JB_BAD_SECRET|
user|mkdir -p ctl/access/users; echo > 'ctl/access/users/a b'|ctl/access/users/a b: is not a user: JB_BAD_USER|
users|mkdir -p ctl/access; echo > ctl/access/users|ctl/access/users: JB_STORE_READ|
events|echo x > ctl/next-event|ctl/next-event: this is not the number of an event|yes
stranger|mkdir slots/x|slots/x: this is not an element|
number|mkdir slots/007|slots/007: this is not an element|
type|rmdir mailslots; echo > mailslots|mailslots: this is no folder, or it cannot be read|
staged|echo > slots/3/x.iso.part|slots/3/x.iso.part: no disc can have this name, or it is a temporary one|
cut|truncate -s 10000 $D/image.*|slots/1/A.iso: JB_TRUNCATED|
pending|echo x > $D/disc.json.new|slots/1/A.iso/disc.json.new: the description of its new content cannot be used|yes
next-image|cp $D/image.1 $D/image.2|slots/1/A.iso: writing its new content was cut off: the disc is as before|yes
incoming|echo > incoming/x|incoming/x: this was not made by jukeboxd|
insert|mkdir incoming/00000000000abcde; echo x > incoming/00000000000abcde/disc.json|incoming/00000000000abcde: the description of an insert cannot be used|
no-element|insert slots/9|incoming/1234567890abcdef: cannot be inserted as slots/9/N.iso: JB_NO_ELEMENT|
full-element|insert slots/1|incoming/1234567890abcdef: cannot be inserted as slots/1/N.iso: JB_ELEMENT_FULL|
lost|mkdir -p lost+found/1; mv $D lost+found/1/A.iso|lost+found/1/A.iso: this could not be read, and was moved here: repair and move it back, or delete it|
lost-file|mkdir lost+found; echo > 'lost+found/#7'|lost+found/#7: this could not be read, and was moved here: repair and move it back, or delete it|
END
}

# insert ELEMENT: makes a file in incoming/ that was closed, and that the next start inserts there
insert() {
	local dir=incoming/1234567890abcdef
	cp -r slots/2/A.iso "$dir"
	jq --arg e "$1" '.id = "1234567890abcdef" | .insert = {element: $e, name: "N.iso", size: 50000}' \
		slots/2/A.iso/disc.json > "$dir/disc.json"
}

# other_damage NAME HOW LINE MENDED: makes the damage and checks; a start logs the same line
other_damage() {
	local D=slots/1/A.iso SAID
	echo "--- $1"
	rm -rf "$STORE"
	cp -a "$BATS_TEST_TMPDIR/sound" "$STORE"
	(cd "$STORE" && eval "$2")
	in_words "$3"
	finds "$SAID"
	[ "${#lines[@]}" = 1 ]
	jb_start
	grep -F "warning: $SAID" "$JBLOG"
	cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/2/A.iso"
	jb_stop
	if [ "$4" = yes ]; then looks 0; else finds "$SAID"; fi
}

@test "a check lists all other damage too, and a start says the same" {
	local name how line mended
	while IFS='|' read -r name how line mended; do
		other_damage "$name" "$how" "$line" "$mended"
	done < <(others)
}

@test "a check lists several damages at once, also with a jukebox.json that cannot be used" {
	echo x > "$STORE/jukebox.json"
	echo x > "$STORE/slots/2/A.iso/disc.json"
	rm "$STORE"/slots/1/A.iso/image.*
	finds "jukebox.json: $(sentence STORE_FORMAT)"
	finds "slots/1/A.iso: disc.json cannot be used, or the image that it names is missing"
	finds "slots/2/A.iso: disc.json cannot be used, or the image that it names is missing"
	[ "${#lines[@]}" = 3 ]
}

@test "a check of a sound store of every medium lists nothing" {
	local suffix n=4
	jb_start --mailslots 1
	while read -r suffix; do
		mkdir "$MNT/slots/$n"
		if [[ $suffix == *-rom ]]; then
			cp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/$n/D$n.$suffix.iso"
		else
			touch "$MNT/slots/$n/D$n.$suffix.iso"
		fi
		n=$((n + 1))
	done < <(sed -nE 's/^\t\t\.suffix = "(.*)",/\1/p' "$TOP/changer/recording/medium_table.c")
	ln -s "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/3/link.iso"
	mv "$MNT/slots/1/A.iso" "$MNT/drives/0/"
	cp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/1/R.iso"
	wait_for 30 not_incoming "$MNT/slots/1/R.iso"
	echo ACME > "$MNT/ctl/changer/vendor"
	mkdir -p "$MNT/ctl/access/users/bob"
	chmod a-w "$MNT/slots/2/A.iso"
	looks 1
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr == *"$(sentence STORE_LOCKED)"* ]]
	jb_stop
	looks 0
	[ -z "$output" ]
	# An image that was put in by hand is no damage, nor is an insert that the next start finishes.
	mkdir "$STORE/slots/40"
	cp "$BATS_TEST_TMPDIR/A.iso" "$STORE/slots/40/H.iso"
	mkdir "$STORE/slots/41"
	(cd "$STORE" && insert slots/41)
	looks 0
	jb_start
	jb_kill9
	umount -l "$MNT"
	looks 0
}

@test "a check needs a store, and a daemon cannot open it meanwhile" {
	run -1 "$JUKEBOXD" --check "$BATS_TEST_TMPDIR/none"
	[ ! -e "$BATS_TEST_TMPDIR/none" ]
	mkdir "$BATS_TEST_TMPDIR/empty"
	run -1 "$JUKEBOXD" --check "$BATS_TEST_TMPDIR/empty"
	[[ $output == *"is no store"* ]]
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/empty")" ]
	run -1 "$JUKEBOXD" --check "$BATS_TEST_TMPDIR/A.iso"
	run -2 "$JUKEBOXD" --check
	run -2 "$JUKEBOXD" --check "$STORE" "$MNT"
}

# read_only: makes the store a read-only file system
read_only() {
	mount --bind "$STORE" "$STORE" || skip "needs root"
	mount -o remount,bind,ro "$STORE"
}

@test "a store that is read-only is served: discs are read, and nothing is changed" {
	local before from to
	rm -rf "$STORE/mailslots"
	mv "$STORE/slots/2/A.iso" "$STORE/drives/0/"
	cp "$BATS_TEST_TMPDIR/A.iso" "$STORE/slots/2/H.iso"
	before=$(whole)
	read_only
	jb_start
	grep -F "warning: $(sentence STORE_READ_ONLY)" "$JBLOG"
	last_error "the store: JB_STORE_READ_ONLY"
	grep -F "; read-only" "$MNT/status"
	jq -e '.store["read-only"]' "$MNT/status.json"
	grep -F "$(sentence STORE_READ_ONLY)" "$MNT/events"
	# Both faces read.
	cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/1/A.iso"
	cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/drives/0/A.iso"
	icdb --clear-ua -r 4096 -o "$BATS_TEST_TMPDIR/read" "$(url 1)" 28 00 00 00 00 00 00 00 02 00
	cmp -n 4096 "$BATS_TEST_TMPDIR/read" "$BATS_TEST_TMPDIR/A.iso"
	[ "$(jq -r '.slots[1].disc.state' "$MNT/status.json")" = unreadable ]
	# Nothing changes.
	refused_with "Read-only file system" mv "$MNT/slots/1/A.iso" "$MNT/slots/3/"
	last_error JB_STORE_READ_ONLY
	refused_with "Read-only file system" mv "$MNT/drives/0/A.iso" "$MNT/slots/3/"
	refused_with "Read-only file system" mv "$MNT/slots/1/A.iso" "$MNT/slots/1/B.iso"
	refused_with "Read-only file system" cp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/3/"
	refused_with "Read-only file system" touch "$MNT/slots/3/B.iso"
	refused_with "Read-only file system" ln -s "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/3/"
	refused_with "Read-only file system" rm "$MNT/slots/1/A.iso"
	refused_with "Read-only file system" rm "$MNT/slots/2/H.iso"
	refused_with "Read-only file system" chmod a-w "$MNT/slots/1/A.iso"
	refused_with "Read-only file system" mkdir "$MNT/slots/4"
	refused_with "Read-only file system" bash -c "echo ACME > '$MNT/ctl/changer/vendor'"
	from=$(slot 1) to=$(slot 3)
	refused_with "07/27/00" icdb --clear-ua "$(url 0)" a5 00 00 00 "${from:0:2}" "${from:2}" "${to:0:2}" "${to:2}" 00 00 00 00
	[ "$(files slots/1)" = A.iso ]
	[ "$(files slots/3)" = "" ]
	# The tray is the drive's own.
	echo 1 > "$MNT/ctl/drives/0/eject"
	jb_stop
	looks 0
	umount "$STORE"
	[ "$(whole)" = "$before" ]
	jb_start
	jq -e '.store["read-only"] | not' "$MNT/status.json"
	mv "$MNT/slots/1/A.iso" "$MNT/slots/3/"
	cmp "$BATS_TEST_TMPDIR/A.iso" "$MNT/slots/2/H.iso"
	jb_stop
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
