#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests folders that programs copy into an element: a sheet with the files that it names becomes a disc.

load 10-mount

setup_file() {
	F=$BATS_FILE_TMPDIR/Album
	mkdir "$F"
	head -c 705600 /dev/urandom > "$F/Track 1.bin" # 300 sectors of audio
	head -c 940800 /dev/urandom > "$F/Track 2.bin"
	printf 'FILE "Track 1.bin" BINARY\n TRACK 01 AUDIO\n  INDEX 01 00:00:00\n' > "$F/album.cue"
	printf 'FILE "Track 2.bin" BINARY\n TRACK 02 AUDIO\n  INDEX 01 00:00:00\n' >> "$F/album.cue"
	cat "$F/Track 1.bin" "$F/Track 2.bin" > "$BATS_FILE_TMPDIR/joined"
	touch -d '2020-01-02 03:04:05' "$F"/* "$F"
	export F JOINED=$BATS_FILE_TMPDIR/joined
}
setup() {
	jb_start --slots 8 --drives 2 --mailslots 1
	cd "$MNT" || return
}
teardown() {
	cd /
	jb_cleanup
}

# NAME.bin in the element is a disc with both tracks, and nothing is beside it any more.
joined() {
	full "$1"
	is_disc "$1/album.bin" complete cd-rom
	cmp "$JOINED" "$1/album.bin"
	[ "$(xattr tracks "$1/album.bin")" = 2 ]
	wait_for 30 alone "$1"
}
alone() { sleep 1.2; [ "$(files "$1")" = ".album.cue album.bin" ]; }

@test "cp -r of a folder inserts one disc, and the folder goes" {
	cp -r "$F" slots/3/
	joined slots/3
	[ "$(find "$STORE/incoming" -mindepth 1)" = "" ]
	jb_restart
	cmp "$JOINED" "$MNT/slots/3/album.bin"
	[ "$(grep -c '"type": "insert"' "$MNT/events")" = 0 ]
}

@test "cp -a, rsync -a, mv, tar and cpio do the same" {
	cp -a "$F" slots/1/
	rsync -a "$F" slots/2/
	cp -r "$F" "$BATS_TEST_TMPDIR/Album"
	mv "$BATS_TEST_TMPDIR/Album" slots/3/
	[ ! -e "$BATS_TEST_TMPDIR/Album" ]
	tar -C "${F%/*}" -cf - Album | tar -x -C slots/4
	(cd "${F%/*}" && find Album -depth -print | cpio -o 2> /dev/null) | (cd slots/5 && cpio -idm 2> /dev/null)
	for slot in 1 2 3 4 5; do
		joined slots/$slot
	done
	[ "$(stat -c %Y slots/1/album.bin)" = "$(stat -c %Y "$F/album.cue")" ]
}

@test "a drive and a mail slot take a folder too" {
	cp -r "$F" drives/1/
	cp -r "$F" mailslots/1/
	joined drives/1
	joined mailslots/1
	[ "$(< ctl/drives/1/state)" = complete ]
}

@test "what no sheet names stays in its folder" {
	cp -r "$F" "$BATS_TEST_TMPDIR/"
	echo text > "$BATS_TEST_TMPDIR/Album/zz readme.txt"
	cp -r "$BATS_TEST_TMPDIR/Album" slots/3/
	full slots/3
	cmp "$JOINED" slots/3/album.bin
	sleep 1.5
	[ "$(ls slots/3/Album)" = "zz readme.txt" ]
	[[ $(< status) == *"Album/: a disc was made, and no sheet names what is left"* ]]
	rm -r slots/3/Album
	[ "$(files slots/3)" = ".album.cue album.bin" ]
}

@test "a folder says what is missing, takes it, and can be removed" {
	mkdir slots/3/Album
	cp "$F/album.cue" "$F/Track 1.bin" slots/3/Album/
	wait_for 30 '[[ $(< ctl/last-error) == *"insert slots/3/Album (Track 2.bin is missing): "* ]]'
	last_error JB_PARTS_MISSING
	[[ $(< status) == *"Album/: Track 2.bin is missing"* ]]
	wait_for 10 '[[ $(< events) == *\"error\"*Album* ]]'
	refused "cp $JOINED slots/3/x.iso" "Device or resource busy"
	last_error JB_FOLDER_THERE
	cp "$F/Track 2.bin" slots/3/Album/
	joined slots/3
	mkdir slots/4/Other
	echo text > slots/4/Other/text
	wait_for 30 last_error JB_PARTS_NO_SHEET
	rm -r slots/4/Other
	[ "$(files slots/4)" = "" ]
}

@test "a copy that is killed leaves its folder, without the file that it was writing" {
	mkdir slots/3/Album
	cp "$F/album.cue" "$F/Track 1.bin" slots/3/Album/
	stuck cp PIPE "slots/3/Album/Track 2.bin"
	feed "$F/Track 2.bin"
	kill -KILL "$STUCK"
	unfeed
	wait_for 30 '[[ $(< status) == *"Track 2.bin is missing"* ]]'
	rm "slots/3/Album/Track 2.bin"
	cp "$F/Track 2.bin" slots/3/Album/
	joined slots/3
}

@test "a folder outlives the daemon, and becomes a disc when the rest comes" {
	mkdir slots/3/Album
	cp "$F/album.cue" "$F/Track 1.bin" slots/3/Album/
	inode=$(stat -c %i slots/3/Album)
	cd /
	jb_kill9
	jb_restart
	cd "$MNT"
	[ "$(stat -c %i slots/3/Album)" = "$inode" ]
	cmp "$F/Track 1.bin" "slots/3/Album/Track 1.bin"
	cp "$F/Track 2.bin" slots/3/Album/
	joined slots/3
}

@test "a folder is read, listed and changed as any other" {
	mkdir slots/3/A
	mv slots/3/A slots/3/Album
	echo one > slots/3/Album/a
	echo two > slots/3/Album/b
	mv slots/3/Album/a slots/3/Album/b
	[ "$(< slots/3/Album/b)" = one ]
	[ "$(find slots/3 -type f)" = slots/3/Album/b ]
	chmod 700 slots/3/Album
	touch -d 2020-01-01 slots/3/Album slots/3/Album/b
	[ "$(stat -c '%A %h %Y' slots/3/Album)" = "drwx------ 2 $(date -d 2020-01-01 +%s)" ]
	[ "$(cd slots/3/Album && pwd -P)" = "$(pwd -P)/slots/3/Album" ]
	refused mkdir slots/3/Album/sub "Operation not permitted"
	last_error "make the folder slots/3/Album/sub: JB_PARTS_ONLY"
	refused ln -s /x slots/3/Album/l "Operation not permitted"
	refused mkfifo slots/3/Album/p "Operation not permitted"
	refused mkdir slots/3/B "Device or resource busy"
	last_error JB_FOLDER_THERE
	refused rmdir slots/3/Album "Directory not empty"
	last_error JB_FOLDER_NOT_EMPTY
	refused mv slots/3/Album slots/4/ "Operation not permitted"
	last_error JB_FOLDER_STAYS
	refused mv slots/3/Album/b slots/4/b.iso "Operation not permitted"
	rm -r slots/3/Album
	[ "$(files slots/3)" = "" ]
}

@test "a folder holds 128 files" {
	mkdir slots/3/many
	touch slots/3/many/{1..128}
	refused touch slots/3/many/129 "No space left on device"
	last_error "create slots/3/many/129: JB_PARTS_LIMIT"
	rm -r slots/3/many
}

@test "programs set the times of what they have copied by the name that they gave it" {
	local times='[ "$(stat -c "%Y %a" "slots/$slot/x.iso")" = "$(stat -c "%Y %a" "$BATS_TEST_TMPDIR/x.iso.gz")" ]'
	iso "$BATS_TEST_TMPDIR/x.iso" 4 PACKED
	gzip "$BATS_TEST_TMPDIR/x.iso"
	chmod 640 "$BATS_TEST_TMPDIR/x.iso.gz"
	touch -d '2020-01-02 03:04:05' "$BATS_TEST_TMPDIR/x.iso.gz"
	cp -p "$BATS_TEST_TMPDIR/x.iso.gz" slots/1/
	rsync -a "$BATS_TEST_TMPDIR/x.iso.gz" slots/2/
	rsync -a --inplace "$BATS_TEST_TMPDIR/x.iso.gz" slots/3/
	tar -C "$BATS_TEST_TMPDIR" -cf - x.iso.gz | tar -xp -C slots/4
	(cd "$BATS_TEST_TMPDIR" && echo x.iso.gz | cpio -o 2> /dev/null) | (cd slots/5 && cpio -idm 2> /dev/null)
	cp "$BATS_TEST_TMPDIR/x.iso.gz" slots/6/
	wait_for 30 test -e slots/6/x.iso
	touch -r "$BATS_TEST_TMPDIR/x.iso.gz" slots/6/x.iso.gz
	chmod 640 slots/6/x.iso.gz
	for slot in 1 2 3 4 5 6; do
		wait_for 30 test -e "slots/$slot/x.iso"
		eval "$times"
		[ "$(files "slots/$slot")" = x.iso ]
	done
	sleep 1.2
	[ ! -e slots/6/x.iso.gz ]
	jb_restart
	cd "$MNT"
	for slot in 1 2 3 4 5 6; do
		eval "$times"
	done
}

@test "a packed image comes in unpacked" {
	iso "$BATS_TEST_TMPDIR/x.iso" 4 PACKED
	gzip -k "$BATS_TEST_TMPDIR/x.iso"
	xz -k "$BATS_TEST_TMPDIR/x.iso"
	# A look-up waits for the disc for a second; a busy machine may need more.
	cp "$BATS_TEST_TMPDIR/x.iso.gz" slots/1/
	wait_for 30 cmp slots/1/x.iso "$BATS_TEST_TMPDIR/x.iso"
	rsync -a "$BATS_TEST_TMPDIR/x.iso.xz" slots/2/
	wait_for 30 test -e slots/2/x.iso
	mv slots/2/x.iso drives/0/
	is_disc drives/0/x.iso complete cd-rom
	cmp drives/0/x.iso "$BATS_TEST_TMPDIR/x.iso"
	cp "$BATS_TEST_TMPDIR/x.iso.gz" slots/3/
	wait_for 30 '[ "$(ls slots/3)" = x.iso ]'
	head -c 10000 "$BATS_TEST_TMPDIR/x.iso.gz" > "$BATS_TEST_TMPDIR/broken.iso.gz"
	cp "$BATS_TEST_TMPDIR/broken.iso.gz" slots/4/
	is_disc slots/4/broken.iso.gz incomplete
	wait_for 10 '[[ $(< ctl/last-error) == *"insert slots/4/broken.iso.gz ("* ]]'
	[[ $(< status) == *"broken.iso.gz: "* ]]
	[[ $(< status.json) == *'"note": '* ]]
}

# importer: prints the pid of the process that imports
importer() { pgrep -P "$(pgrep -d, -P "$JBPID")" -x jukebox-import; }

@test "an import that takes long holds nobody else up, and the programs that wait can be killed" {
	truncate -s 1G "$BATS_TEST_TMPDIR/long.iso"
	gzip -1 < "$BATS_TEST_TMPDIR/long.iso" > "$BATS_TEST_TMPDIR/long.iso.gz"
	iso "$BATS_TEST_TMPDIR/x.iso" 4 OTHER
	cp "$BATS_TEST_TMPDIR/x.iso" slots/2/
	cp "$BATS_TEST_TMPDIR/long.iso.gz" slots/1/
	wait_for 10 importer
	kill -STOP "$(importer)"
	refused cat slots/1/long.iso "No such file or directory"
	refused mv slots/1/long.iso.gz slots/3/ "Device or resource busy"
	last_error JB_BEING_INSERTED
	mv slots/2/x.iso slots/3/
	cat slots/1/long.iso.gz > "$BATS_TEST_TMPDIR/read" 3>&- &
	reader=$!
	wait_for 10 '[[ $(ps -o stat= -p '$reader') == [SD]* ]]'
	sleep 0.5
	kill "$reader"
	wait_for 5 '! kill -0 '$reader
	timeout 10 stat slots/1/long.iso 2> "$BATS_TEST_TMPDIR/stat" 3>&- &
	timeout 10 rm slots/1/long.iso.gz
	[ "$(files slots/1)" = "" ]
}
