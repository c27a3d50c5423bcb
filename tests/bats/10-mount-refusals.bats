#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests what the mount refuses: the program must print the text of the errno, and ctl/last-error must have
# the sentence.

load 10-mount

setup() {
	jb_start --slots 8 --drives 2
	X=$BATS_TEST_TMPDIR/x.iso
	iso "$X" 4 FIRST
	cp "$X" "$MNT/slots/1/a.iso"
	cp "$X" "$MNT/slots/2/b.iso"
	cd "$MNT" || return 1
}
teardown() {
	cd /
	jb_cleanup
}

EPERM="Operation not permitted"
EACCES="Permission denied"
EBUSY="Device or resource busy"
EINVAL="Invalid argument"
EILSEQ="Invalid or incomplete multibyte or wide character"
ENOTSUP="Operation not supported"

@test "an occupied element takes no second disc" {
	refused cp "$X" slots/1/c.iso "$EBUSY"
	last_error "create slots/1/c.iso: JB_ELEMENT_FULL (EBUSY)"
	refused touch slots/1/c.iso "$EBUSY"
	refused mv "$X" slots/1/ "$EBUSY"
	[ -e "$X" ]
	refused mv slots/1/a.iso slots/2/ "$EBUSY"
	last_error "move slots/1/a.iso to slots/2/a.iso: "
	[ "$(files slots/1)" = a.iso ]
	[ "$(files slots/2)" = b.iso ]
}

@test "a disc never moves onto another, whatever mv is told" {
	refused mv -f slots/1/a.iso slots/2/b.iso "$EBUSY"
	last_error "JB_WOULD_SWAP"
	refused mv -T slots/1/a.iso slots/2/b.iso "$EBUSY"
	cmp "$X" slots/1/a.iso
	cmp "$X" slots/2/b.iso
}

@test "a recorded disc does not open for writing" {
	refused 'echo text > slots/1/a.iso' "$EACCES"
	last_error "open slots/1/a.iso for writing: JB_RECORDED"
	refused 'echo text >> slots/1/a.iso' "$EACCES"
	refused dd if="$X" of=slots/1/a.iso conv=notrunc "$EACCES"
	refused truncate -s 0 slots/1/a.iso "$EACCES"
	refused cp "$X" slots/1/a.iso "$EACCES"
	cmp "$X" slots/1/a.iso
}

@test "a loaded disc does not open for writing, blank or not" {
	rm slots/1/a.iso
	touch slots/1/a.iso
	mv slots/1/a.iso drives/0/
	refused 'echo text > drives/0/a.iso' "$EACCES"
	last_error "JB_LOADED_CLOSED"
	[ "$(xattr state drives/0/a.iso)" = blank ]
}

@test "losetup falls back to reading a disc that does not open for writing" {
	have losetup
	losetup -f > /dev/null 2>&1 || skip "no loop device on this machine"
	local loop disc
	mv slots/2/b.iso drives/0/
	cp "$X" slots/4/tab.iso
	chmod a-w slots/4/tab.iso
	for disc in slots/1/a.iso drives/0/b.iso slots/4/tab.iso; do
		loop=$(losetup --show -f "$disc")
		[ "$(blockdev --getro "$loop")" = 1 ] || { losetup -d "$loop"; return 1; }
		cmp "$X" "$loop" || { losetup -d "$loop"; return 1; }
		losetup -d "$loop"
	done
}

@test "elements hold files and one folder, no hard links or devices" {
	refused mkdir slots/1/folder "$EBUSY"
	last_error "make the folder slots/1/folder: JB_ELEMENT_FULL"
	refused ln slots/1/a.iso slots/3/x.iso "$EPERM"
	last_error "JB_HARD_LINK"
	refused mkfifo slots/3/pipe "$EPERM"
	refused mknod slots/3/null c 1 3 "$EPERM"
	[ "$(files slots/3)" = "" ]
	mkdir slots/3/folder
	refused mkdir slots/3/other "$EBUSY"
	last_error JB_FOLDER_THERE
	rmdir slots/3/folder
}

@test "everything else in the mount is fixed" {
	local sentence="JB_IS_FIXED"
	refused cp "$X" . "$EPERM"
	last_error "create x.iso: $sentence"
	refused cp "$X" slots/ "$EPERM"
	refused touch ctl/new "$EPERM"
	refused mkdir Trash "$EPERM"
	refused mkdir .Trash-0 "$EPERM"
	last_error "make the folder .Trash-0: $sentence"
	refused rmdir ctl/drives "$EPERM"
	refused rmdir slots "$EPERM"
	refused rm README "$EPERM"
	last_error "remove README: $sentence"
	refused rm ctl/drives/0/vendor "$EPERM"
	refused mv slots/1 slots/one "$EPERM"
	last_error "move slots/1 to slots/one: $sentence"
	refused mv README slots/3/ "$EPERM"
	refused mv slots/1/a.iso ctl/ "$EPERM"
	refused mv slots/1/a.iso transport/0/ "$EPERM"
	refused cp "$X" transport/0/ "$EPERM"
	refused 'echo x > status' "$EPERM"
	last_error "write to status: $sentence"
	refused truncate -s 0 README "$EPERM"
}

@test "renames that are not moves are refused" {
	have python3
	renameat2() { # FROM TO FLAGS
		python3 -c 'import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), int(sys.argv[3])):
    sys.exit(os.strerror(ctypes.get_errno()))' "$@"
	}
	export -f renameat2
	refused "renameat2 slots/1/a.iso slots/2/b.iso 2" "$EINVAL" # RENAME_EXCHANGE
	last_error "JB_BAD_RENAME"
	refused "renameat2 slots/1/a.iso slots/3/a.iso 4" "$EINVAL" # RENAME_WHITEOUT
	renameat2 slots/1/a.iso slots/3/a.iso 1 # RENAME_NOREPLACE
	[ "$(files slots/3)" = a.iso ]
}

@test "names that no disc can have are refused" {
	refused "touch slots/3/\$'a\\nb.iso'" "$EILSEQ"
	last_error "create slots/3/a?b.iso: JB_BAD_NAME"
	refused "touch slots/3/\$'\\xff.iso'" "$EILSEQ"
	refused "mv slots/1/a.iso slots/1/\$'\\x01'" "$EILSEQ"
	refused "touch slots/3/$(printf 'n%.0s' {1..256})" "File name too long"
	touch "slots/3/$(printf 'n%.0s' {1..255})"
	full slots/3
}

@test "a disc cannot get a temporary name, and a slot holds few temporary files" {
	refused mv slots/1/a.iso slots/1/.a.iso "$EPERM"
	last_error "JB_NOT_STAGING"
	local i
	for i in 1 2 3 4; do
		cp "$X" "slots/1/.tmp$i"
	done
	refused cp "$X" slots/1/.tmp5 "$EBUSY"
	last_error "JB_STAGING_LIMIT"
	full slots/1
	rm slots/1/.tmp1
	cp "$X" slots/1/.tmp5
}

@test "a temporary file becomes a disc only where one may be inserted" {
	cp "$X" slots/1/.c.iso
	refused mv slots/1/.c.iso slots/1/c.iso "$EBUSY"
	cp "$X" slots/3/d.part
	refused mv slots/3/d.part slots/2/d.iso "$EBUSY"
	run ! is_full slots/3
	mv slots/3/d.part slots/3/d.iso
	full slots/3
	cmp "$X" slots/3/d.iso
}

@test "settings take only values that make sense" {
	refused 'echo MUCH-TOO-LONG > ctl/changer/vendor' "$EINVAL"
	last_error 'write "MUCH-TOO-LONG" to ctl/changer/vendor: JB_BAD_VALUE'
	[ "$(< ctl/changer/vendor)" = JUKEBOXD ]
	refused 'echo 752 > ctl/changer/first-slot' "$EINVAL"
	last_error JB_OVERLAP
	refused 'echo maybe > ctl/drives/0/finalize-as-rom' "$EINVAL"
	refused 'echo vinyl > ctl/default-profile' "$EINVAL"
	refused 'printf "A\0B" > ctl/changer/vendor' "$EINVAL"
	refused 'head -c 100000 /dev/zero | tr "\0" x > ctl/changer/vendor' "$EINVAL"
	refused 'echo ajar > ctl/drives/0/tray' "$EINVAL"
	refused 'echo 1 > ctl/drives/0/locked' "$EPERM"
	: > ctl/changer/vendor # truncation alone changes nothing
	[ "$(< ctl/changer/vendor)" = JUKEBOXD ]
}

@test "attributes that the mount does not keep are refused" {
	refused setfattr -n user.note -v x slots/1/a.iso "$ENOTSUP"
	refused setfattr -n user.jukebox.barcode -v B7 slots/1/a.iso "$ENOTSUP"
	refused setfattr -x user.note slots/1/a.iso "$ENOTSUP"
	refused getfattr -n user.note slots/1/a.iso "No such attribute"
	[ "$(getfattr -d -m - slots/1/a.iso)" = "" ] # none is listed
}

@test "mknod is refused and inserts nothing" {
	refused 'busybox mknod slots/3/file p' "$EPERM"
	[ "$(files slots/3)" = "" ]
}

@test "mktemp gets an error that it does not answer with retries" {
	refused mktemp slots/1/disc.XXXXXX "$EBUSY"
	refused mktemp -d slots/1/disc.XXXXXX "$EBUSY"
}

@test "every refusal is in the log too" {
	refused touch slots/1/c.iso "$EBUSY"
	grep -F "mount: create slots/1/c.iso: $(sentence ELEMENT_FULL)" ctl/log
	grep -F "mount: create slots/1/c.iso: $(sentence ELEMENT_FULL)" "$JBLOG"
}

# ---- other users -------------------------------------------------------------------------------

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; }

@test "other users look, and read what they may, but change nothing" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	chmod -R go+rx "$BATS_TEST_TMPDIR" "${MNT%/*}" 2> /dev/null || true
	export -f as_nobody
	as_nobody ls slots/1 || skip "the way to the mount is closed to others"
	as_nobody cmp slots/1/a.iso slots/2/b.iso
	as_nobody cat status README ctl/drives/0/state > /dev/null
	refused 'as_nobody touch slots/3/c.iso' "Permission denied"
	refused 'as_nobody rm -f slots/1/a.iso' "Permission denied"
	refused 'as_nobody mv slots/1/a.iso slots/3/' "Permission denied"
	refused 'as_nobody chmod 777 slots/1/a.iso' "$EPERM"
	refused 'as_nobody sh -c "echo x > ctl/changer/vendor"' "Permission denied"
	refused 'as_nobody sh -c "echo force > ctl/drives/0/eject"' "Permission denied"
	chmod 600 slots/1/a.iso
	refused 'as_nobody cat slots/1/a.iso' "Permission denied"
	chown 65534 slots/1/a.iso
	as_nobody cat slots/1/a.iso > /dev/null
}

# ---- a drive that an initiator has locked --------------------------------------------------------

@test "a locked drive keeps its disc, passes the eject request on, and opens by force" {
	[ -x "$BUILD/tools/icdb" ] || skip "icdb is not built"
	mv slots/1/a.iso drives/0/
	mkfifo "$BATS_TEST_TMPDIR/script"
	icdb "$(url 1)" - < "$BATS_TEST_TMPDIR/script" > "$BATS_TEST_TMPDIR/icdb.out" 2>&1 3>&- &
	local initiator=$!
	exec {SCRIPT}> "$BATS_TEST_TMPDIR/script"
	printf 'clear-ua\nnone 1e 00 00 00 01 00\n' >&"$SCRIPT" # PREVENT ALLOW MEDIUM REMOVAL
	wait_for 30 '[ "$(< ctl/drives/0/locked)" = 1 ]'
	refused mv drives/0/a.iso slots/1/ "$EBUSY"
	last_error "move drives/0/a.iso to slots/1/a.iso: JB_MEDIUM_LOCKED"
	[ "$(< ctl/drives/0/eject)" = 1 ]
	refused rm drives/0/a.iso "$EBUSY"
	[ "$(< ctl/drives/0/eject)" = 2 ]
	refused 'echo open > ctl/drives/0/tray' "$EBUSY"
	refused 'echo 1 > ctl/drives/0/eject' "$EBUSY"
	last_error 'write "1" to ctl/drives/0/eject: JB_MEDIUM_LOCKED'
	[ "$(< ctl/drives/0/eject)" = 3 ]
	[ "$(< ctl/drives/0/tray)" = closed ]
	cmp "$X" drives/0/a.iso
	grep -F '[===(o)===] *' status
	jq -e '.drives[0].locked' status.json
	echo force > ctl/drives/0/eject
	[ "$(< ctl/drives/0/tray)" = open ]
	mv drives/0/a.iso slots/1/
	cmp "$X" slots/1/a.iso
	exec {SCRIPT}>&-
	wait "$initiator"
	wait_for 30 '[ "$(< ctl/drives/0/locked)" = 0 ]'
}
