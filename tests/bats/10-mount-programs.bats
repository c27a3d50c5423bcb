#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs that people use on files, used on slots.  Each has its own way to write one.

load 10-mount

setup() {
	jb_start --slots 4 --drives 1
	X=$BATS_TEST_TMPDIR/x.iso
	Y=$BATS_TEST_TMPDIR/y/x.iso
	mkdir "${Y%/*}"
	iso "$X" 4 FIRST
	iso "$Y" 6 SECOND
	S=$MNT/slots/1
}
teardown() { jb_cleanup; }

# The slot holds this image as its disc, and nothing beside it.
holds() { # IMAGE [NAME]
	full slots/1
	is_disc "$S/${2:-x.iso}" complete
	cmp "$1" "$S/${2:-x.iso}"
	[ "$(files slots/1)" = "${2:-x.iso}" ]
}

@test "cp, with each of its ways to copy" {
	local how
	for how in "" -a -p --sparse=always --sparse=never --reflink=auto --preserve=all -u; do
		# shellcheck disable=SC2086
		cp $how "$X" "$S/"
		holds "$X"
		rm "$S/x.iso"
	done
}

@test "cp --remove-destination and install replace a disc by a new insert" {
	cp "$X" "$S/"
	cp --remove-destination "$Y" "$S/"
	holds "$Y"
	install -m 600 "$X" "$S/x.iso"
	holds "$X"
	[ "$(stat -c %a "$S/x.iso")" = 600 ]
}

@test "mv from another file system" {
	cp "$X" "$BATS_TEST_TMPDIR/keep.iso"
	mv "$X" "$S/"
	[ ! -e "$X" ]
	holds "$BATS_TEST_TMPDIR/keep.iso"
}

@test "mv from another file system keeps its source when it fails" {
	cp "$Y" "$S/y.iso"
	refused mv "$X" "$S/" "Device or resource busy"
	[ -e "$X" ]
	holds "$Y" y.iso
}

@test "dd, in small and large blocks, with fsync" {
	local bs
	for bs in 512 2048 64k 4M; do
		dd if="$X" of="$S/x.iso" bs=$bs status=none
		holds "$X"
		rm "$S/x.iso"
	done
	dd if="$X" of="$S/x.iso" bs=1M conv=fsync status=none
	holds "$X"
	rm "$S/x.iso"
	dd if="$X" of="$S/x.iso" bs=1M oflag=direct status=none
	holds "$X"
}

@test "dd that seeks: the parts in any order" {
	truncate -s "$(stat -c %s "$X")" "$BATS_TEST_TMPDIR/zero"
	exec {HELD}<> "$S/x.iso"
	dd if="$X" of="/proc/self/fd/$HELD" bs=1M skip=2 seek=2 conv=notrunc status=none
	dd if="$X" of="/proc/self/fd/$HELD" bs=1M count=2 conv=notrunc status=none
	exec {HELD}>&-
	holds "$X"
}

@test "tee" {
	tee "$S/x.iso" < "$X" > /dev/null
	holds "$X"
}

@test "cat and redirections" {
	cat "$X" > "$S/x.iso"
	holds "$X"
	rm "$S/x.iso"
	cat < "$X" >> "$S/x.iso"
	holds "$X"
}

@test "tar, out and in" {
	tar -C "${X%/*}" -cf "$BATS_TEST_TMPDIR/a.tar" x.iso
	tar -C "$S" -xf "$BATS_TEST_TMPDIR/a.tar"
	holds "$X"
	tar -C "$S" -cf - x.iso | tar -xOf - x.iso | cmp "$X" -
}

@test "cpio" {
	have cpio
	(cd "${X%/*}" && echo x.iso | cpio --quiet -p "$S")
	holds "$X"
}

@test "rsync: insert, update, nothing to do" {
	have rsync
	rsync -a "$X" "$S/"
	holds "$X"
	local ino
	ino=$(stat -c %i "$S/x.iso")
	rsync -a "$X" "$S/"
	[ "$(stat -c %i "$S/x.iso")" = "$ino" ]
	rsync -a "$Y" "$S/"
	holds "$Y"
}

@test "rsync to an occupied slot changes nothing" {
	have rsync
	cp "$Y" "$S/y.iso"
	refused rsync -a "$X" "$S/" "Device or resource busy"
	holds "$Y" y.iso
}

@test "rsync --inplace, --partial, with attributes" {
	have rsync
	rsync --inplace "$X" "$S/"
	holds "$X"
	rm "$S/x.iso"
	rsync -aAX --partial "$X" "$S/"
	holds "$X"
}

@test "rsync of a folder of images into a slot inserts one and reports the rest" {
	have rsync
	mkdir "$BATS_TEST_TMPDIR/many"
	cp "$X" "$BATS_TEST_TMPDIR/many/1.iso"
	cp "$X" "$BATS_TEST_TMPDIR/many/2.iso"
	run rsync -a "$BATS_TEST_TMPDIR/many/" "$S/"
	[ "$status" != 0 ]
	full slots/1
	[ "$(find "$S" -name '*.iso' -not -name '.*' | wc -l)" = 1 ]
}

@test "busybox cp, dd and tar" {
	have busybox
	busybox cp "$X" "$S/"
	holds "$X"
	rm "$S/x.iso"
	busybox dd if="$X" of="$S/x.iso" bs=64k 2> /dev/null
	holds "$X"
	rm "$S/x.iso"
	busybox mv "$X" "$S/"
	holds "$BATS_SUITE_TMPDIR/iso-4-FIRST.iso"
}

@test "python: shutil, pathlib, a temporary file and os.replace" {
	have python3
	python3 -c 'import shutil, sys; shutil.copy(*sys.argv[1:])' "$X" "$S/"
	holds "$X"
	rm "$S/x.iso"
	python3 -c 'import shutil, sys; shutil.copy2(*sys.argv[1:])' "$X" "$S/"
	holds "$X"
	python3 - "$Y" "$S" <<-'PY'
	import os, pathlib, shutil, sys, tempfile
	fd, name = tempfile.mkstemp(prefix=".x.", dir=sys.argv[2])
	with os.fdopen(fd, "wb") as f:
	    f.write(pathlib.Path(sys.argv[1]).read_bytes())
	os.replace(name, sys.argv[2] + "/x.iso")
	PY
	holds "$Y"
	python3 -c 'import shutil, sys; shutil.move(*sys.argv[1:])' "$S/x.iso" "$MNT/slots/2/x.iso"
	cmp "$Y" "$MNT/slots/2/x.iso"
}

@test "curl" {
	have curl
	curl -sSf -o "$S/x.iso" "file://$X"
	holds "$X"
}

@test "wget" {
	have wget
	have python3
	(cd "${X%/*}" && exec python3 -u -m http.server --bind 127.0.0.1 0) \
		> "$BATS_TEST_TMPDIR/http" 2>&1 3>&- &
	local server=$! port
	wait_for 10 grep -q 'port [0-9]' "$BATS_TEST_TMPDIR/http"
	port=$(grep -oE 'port [0-9]+' "$BATS_TEST_TMPDIR/http" | head -n 1 | grep -oE '[0-9]+')
	wget -q -P "$S" "http://127.0.0.1:$port/x.iso" || { kill $server; return 1; }
	kill $server
	holds "$X"
}

@test "sftp and scp" {
	local sftp=/usr/lib/openssh/sftp-server
	have sftp
	[ -x $sftp ] || skip "no sftp-server is installed"
	echo "put $X $S/x.iso" | sftp -q -D $sftp -b - > /dev/null
	holds "$X"
}

@test "gio copy, and over a disc that is there" {
	have gio
	gio copy "$X" "$S/x.iso"
	holds "$X"
	gio copy "$Y" "$S/x.iso" || true
	full slots/1
	[ "$(files slots/1)" = x.iso ]
	cmp "$X" "$S/x.iso" || cmp "$Y" "$S/x.iso"
}

@test "gio trash is refused, and the disc stays" {
	have gio
	cp "$X" "$S/"
	run ! gio trash "$S/x.iso"
	holds "$X"
}

@test "sed -i edits a disc's file by replacing it" {
	echo "hello old world" > "$S/x.iso"
	full slots/1
	sed -i s/old/new/ "$S/x.iso"
	full slots/1
	[ "$(cat "$S/x.iso")" = "hello new world" ]
	[ "$(files slots/1)" = x.iso ]
}

@test "vim writes a new file, and no disc is made of its temporary ones" {
	have vim
	vim -u NONE -es -c 'call setline(1, "hello")' -c "wq! $S/x.iso" < /dev/null || true
	full slots/1
	[ "$(cat "$S/x.iso")" = hello ]
	[ "$(files slots/1)" = x.iso ]
}

@test "vim changes a setting" {
	have vim
	vim -u NONE -es -c '%s/.*/ACME/' -c 'wq!' "$MNT/ctl/changer/vendor" < /dev/null || true
	[ "$(cat "$MNT/ctl/changer/vendor")" = ACME ]
}

@test "truncate and fallocate, then dd into what they made" {
	fallocate -l 1M "$MNT/slots/2/y.img"
	full slots/2
	exec {HELD}> "$S/x.iso"
	truncate -s "$(stat -c %s "$X")" "$S/x.iso"
	cat "$X" >&"$HELD"
	exec {HELD}>&-
	holds "$X"
}

@test "md5sum, sha256sum, file, isoinfo and xorriso read a disc" {
	cp "$X" "$S/"
	[ "$(sha256sum < "$S/x.iso")" = "$(sha256sum < "$X")" ]
	if command -v isoinfo > /dev/null; then
		isoinfo -d -i "$S/x.iso" | grep -F "Volume id: FIRST"
	fi
	if command -v xorriso > /dev/null; then
		xorriso -indev "stdio:$S/x.iso" -find / -name readme.txt 2> /dev/null | grep readme.txt
	fi
}

@test "text files suit cat, head, tail, wc, grep, od, cp and tar" {
	local f=$MNT/ctl/drives/0/vendor
	[ "$(cat "$f")" = JUKEBOXD ]
	[ "$(head -n 1 "$f")" = JUKEBOXD ]
	[ "$(tail -n 1 "$f")" = JUKEBOXD ]
	[ "$(wc -c < "$f")" = 9 ]
	[ "$(wc -l < "$f")" = 1 ]
	grep -rq --exclude=stream JUKEBOXD "$MNT/ctl"
	[ "$(head -c 3 "$f")" = JUK ]
	cp "$f" "$BATS_TEST_TMPDIR/v"
	[ "$(cat "$BATS_TEST_TMPDIR/v")" = JUKEBOXD ]
	mkdir "$BATS_TEST_TMPDIR/ctl"
	cp -r "$MNT/ctl/drives" "$BATS_TEST_TMPDIR/ctl"
	[ "$(cat "$BATS_TEST_TMPDIR/ctl/drives/0/vendor")" = JUKEBOXD ]
	read -r line < "$f"
	[ "$line" = JUKEBOXD ]
	wc -l < "$MNT/status"
	cp "$MNT/status" "$BATS_TEST_TMPDIR/status"
	[ "$(stat -c %s "$BATS_TEST_TMPDIR/status")" = "$(stat -c %s "$MNT/status")" ]
}

@test "text files are written by echo, printf, tee, dd and cp" {
	local f=$MNT/ctl/drives/0/vendor
	echo ONE > "$f"
	[ "$(cat "$f")" = ONE ]
	printf TWO > "$f"
	[ "$(cat "$f")" = TWO ]
	echo THREE | tee "$f" > /dev/null
	[ "$(cat "$f")" = THREE ]
	echo FOUR >> "$f"
	[ "$(cat "$f")" = FOUR ]
	echo FIVE > "$BATS_TEST_TMPDIR/v"
	cp "$BATS_TEST_TMPDIR/v" "$f"
	[ "$(cat "$f")" = FIVE ]
	dd if="$BATS_TEST_TMPDIR/v" of="$f" status=none
	jb_restart
	[ "$(cat "$f")" = FIVE ]
}
