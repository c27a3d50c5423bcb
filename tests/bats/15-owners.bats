#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests owners, groups and modes of slots, drives and control files: who may insert, load and administer.

load 10-mount

setup() {
	unset MNT STORE
	[ "$(id -u)" = 0 ] || skip "needs root, to be somebody else"
	[ -c /dev/fuse ] || skip "no /dev/fuse on this machine"
	X=$BATS_TEST_TMPDIR/x.iso
	iso "$X" 1 FIRST
	# Others must be able to come to the mount.
	local d=$BATS_TEST_TMPDIR
	while [ "$d" != / ]; do
		chmod o+x "$d"
		d=${d%/*}
		d=${d:-/}
	done
	export -f as operator admin guest
}
teardown() { jb_cleanup; }

DISCS=3001 ADMINS=3002
export DISCS ADMINS
as() { # UID GROUP COMMAND...
	(umask 002 && exec setpriv --reuid="$1" --regid="$1" --groups="$2" -- "${@:3}")
}
operator() { as 1000 $DISCS "$@"; }
admin() { as 1001 $ADMINS "$@"; }
guest() { as 1002 1002 "$@"; }
of() { stat -c '%a %u %g' "$MNT/$1"; }
is() { [ "$(of "$1")" = "$2" ] || { echo "$1: $(of "$1"), not $2"; return 1; }; }

@test "a group inserts, loads and takes discs, and administers nothing" {
	jb_start --slots 3 --drives 2 --mailslots 1
	refused "operator cp '$X' '$MNT/slots/1/'" "Permission denied"
	chgrp $DISCS "$MNT/slots" "$MNT/drives"
	chmod 2775 "$MNT/slots" "$MNT/drives"
	is slots/1 "2775 0 $DISCS"
	is drives/1 "2775 0 $DISCS"
	operator cp "$X" "$MNT/slots/1/"
	is slots/1/x.iso "644 1000 $DISCS"
	operator mv "$MNT/slots/1/x.iso" "$MNT/drives/0/"
	operator mv "$MNT/drives/0/x.iso" "$MNT/slots/2/"
	operator touch "$MNT/slots/3/B.dvd+r.iso"
	operator rm "$MNT/slots/2/x.iso"
	refused "operator cp '$X' '$MNT/mailslots/1/'" "Permission denied"
	refused "operator chmod 777 '$MNT/slots/1'" "Operation not permitted"
	refused "operator bash -c 'echo open > $MNT/ctl/drives/0/tray'" "Permission denied"
	refused "operator bash -c 'echo ACME > $MNT/ctl/changer/vendor'" "Permission denied"
	refused "guest rm -f '$MNT/slots/3/B.dvd+r.iso'" "Permission denied"
	refused "guest cp '$X' '$MNT/slots/1/'" "Permission denied"
}

@test "another group administers, and inserts nothing" {
	jb_start --slots 2
	mkdir "$MNT/ctl/access/users/alice"
	chgrp $ADMINS "$MNT/ctl"
	chmod g+w "$MNT/ctl"
	is ctl/changer "775 0 $ADMINS"
	is ctl/changer/vendor "664 0 $ADMINS"
	is ctl/log "440 0 $ADMINS"
	is ctl/target/sessions "440 0 $ADMINS"
	is ctl/last-error "444 0 $ADMINS"
	admin cat "$MNT/ctl/log" "$MNT/ctl/target/sessions" "$MNT/ctl/last-error" > /dev/null
	refused "guest cat '$MNT/ctl/log'" "Permission denied"
	refused "guest cat '$MNT/ctl/target/sessions'" "Permission denied"
	guest cat "$MNT/ctl/last-error" "$MNT/status" "$MNT/status.json" > /dev/null
	is ctl/access/users "770 0 $ADMINS"
	is ctl/access/users/alice/secret "220 0 $ADMINS"
	admin bash -c "echo ACME > '$MNT/ctl/changer/vendor'"
	[ "$(< "$MNT/ctl/changer/vendor")" = ACME ]
	admin bash -c "echo open > '$MNT/ctl/drives/0/tray'"
	admin bash -c "echo 'a secret of alice' > '$MNT/ctl/access/users/alice/secret'"
	# As editors do: a file beside it, and a rename.
	admin sed -i s/ACME/EMCA/ "$MNT/ctl/changer/vendor"
	[ "$(< "$MNT/ctl/changer/vendor")" = EMCA ]
	refused "admin cp '$X' '$MNT/slots/1/'" "Permission denied"
	refused "guest ls '$MNT/ctl/access/users'" "Permission denied"
	refused "guest bash -c 'echo X > $MNT/ctl/changer/vendor'" "Permission denied"
	# A part of ctl for those who load.
	chgrp $DISCS "$MNT/ctl/drives"
	operator bash -c "echo close > '$MNT/ctl/drives/0/tray'"
	refused "operator bash -c 'echo X > $MNT/ctl/changer/vendor'" "Permission denied"
}

@test "they last over kill -9 and a restart, and new slots follow" {
	jb_start --slots 3 --drives 1
	chown 1000:$DISCS "$MNT/slots"
	chmod 3775 "$MNT/slots"
	chmod 00700 "$MNT/slots/2"
	chgrp $ADMINS "$MNT/ctl/changer/layout"
	chmod 660 "$MNT/ctl/changer/layout"
	chmod 751 "$MNT"
	jb_kill9
	jb_restart
	is slots "3775 1000 $DISCS"
	is slots/1 "3775 1000 $DISCS"
	is slots/2 "700 1000 $DISCS"
	is ctl/changer/layout "660 0 $ADMINS"
	is . "751 0 0"
	is drives/0 "755 0 0" # nothing follows the root
	is ctl "755 0 0"
	mkdir "$MNT/slots/4" "$MNT/drives/1"
	is slots/4 "3775 1000 $DISCS"
	# What was set for one stays with it.
	chmod 00755 "$MNT/slots"
	is slots/1 "755 1000 $DISCS"
	is slots/2 "700 1000 $DISCS"
}

@test "a table of owners that cannot be read is not replaced" {
	jb_start --slots 3
	chmod 750 "$MNT/slots/2"
	jb_stop
	mv "$STORE/ctl/owners" "$BATS_TEST_TMPDIR/kept"
	mkdir "$STORE/ctl/owners"
	jb_restart
	refused chmod 700 "$MNT/slots/1" "Input/output error"
	grep -qF "$(sentence STORE_READ)" "$MNT/ctl/last-error"
	jb_stop
	rmdir "$STORE/ctl/owners"
	# As a disk does that fails for a time; a file that is too long stands for one.
	{ cat "$BATS_TEST_TMPDIR/kept"; head -c 4M /dev/zero; } > "$STORE/ctl/owners"
	jb_restart
	refused chmod 700 "$MNT/slots/1" "Input/output error"
	jb_stop
	[ "$(wc -c < "$STORE/ctl/owners")" -gt 4000000 ]
	cp "$BATS_TEST_TMPDIR/kept" "$STORE/ctl/owners"
	jb_restart
	is slots/2 "750 0 0"
	chmod 700 "$MNT/slots/1"
}

@test "what was set for a slot or drive goes with it" {
	jb_start --slots 3 --drives 2
	echo open > "$MNT/ctl/changer/layout"
	chmod 777 "$MNT/slots/3" "$MNT/drives/1"
	chgrp $ADMINS "$MNT/ctl/drives/1/tray"
	rmdir "$MNT/slots/3" "$MNT/drives/1"
	run ! grep -q . "$STORE/ctl/owners"
	mkdir "$MNT/slots/3" "$MNT/drives/1"
	is slots/3 "755 0 0"
	is drives/1 "755 0 0"
	is ctl/drives/1/tray "644 0 0"
}

@test "the kernel does not go on with modes of before" {
	jb_start --slots 3 --drives 1
	is slots/3 "755 0 0"
	is ctl/access/discovery "755 0 0"
	chmod 700 "$MNT/slots" "$MNT/ctl"
	is slots/3 "700 0 0"
	is ctl/access/discovery "700 0 0"
	refused "guest ls '$MNT/slots/3'" "Permission denied"
}

@test "--uid, --gid and --mode are the defaults" {
	jb_start --slots 2 --uid 1000 --gid $DISCS --mode 2775
	is slots/1 "2775 1000 $DISCS"
	is drives/0 "2775 1000 $DISCS"
	is ctl "755 1000 $DISCS"
	is ctl/changer/vendor "644 1000 $DISCS"
	is status "444 1000 $DISCS"
	as 1003 $DISCS cp "$X" "$MNT/slots/1/"
	is slots/1/x.iso "644 1003 $DISCS"
	operator bash -c "echo ACME > '$MNT/ctl/changer/vendor'"
	chmod 00700 "$MNT/slots/1"
	jb_restart -f -o gid=$ADMINS,mode=0750
	is slots/2 "750 0 $ADMINS"
	is slots/1 "700 1000 $DISCS"
	jb_stop
	refused "$JUKEBOXD" --uid nobody-here "$STORE" "$MNT" "--uid takes a number or a name of a user"
	refused "$JUKEBOXD" -o mode=4755 "$STORE" "$MNT" "-o mode takes an octal number"
	refused "$JUKEBOXD" -o umask=2 "$STORE" "$MNT" "-o umask= is no option"
}

@test "a user for CHAP has the owner of the folder, and no other" {
	jb_start --slots 2
	mkdir "$MNT/ctl/access/users/alice"
	refused chmod 777 "$MNT/ctl/access/users/alice" "Operation not permitted"
	grep -F "change ctl/access/users/alice: $(sentence IS_FIXED)" "$MNT/ctl/last-error"
	chmod 777 "$MNT/ctl/access/users"
	is ctl/access/users/alice "770 0 0"
}

@test "lines of the store that cannot be read are left out" {
	jb_start --slots 2
	chmod 775 "$MNT/slots/1"
	jb_stop
	printf '%s\n' nonsense '0777 0 0 /slots/9' '0777 0 0 /no/such' '7777 0 0 /slots/2' '99999999999999 0 0 /slots' \
		>> "$STORE/ctl/owners"
	jb_start
	is slots/1 "775 0 0"
	is slots/2 "3777 0 0" # no set-user-id
	[ "$(grep -c 'ctl/owners: left out' "$JBLOG")" -ge 3 ]
	run ! grep -q nonsense "$STORE/ctl/owners"
	jb_stop
	head -c 2M /dev/zero > "$STORE/ctl/owners"
	jb_start
	grep -q 'ctl/owners cannot be read' "$JBLOG"
	is slots/1 "755 0 0"
}

# Runs in a mount namespace of its own, with a fuse.conf of its own.
@test "a user who is not root shares the mount if fuse.conf allows it" {
	[ -u "$(command -v fusermount3)" ] || skip "fusermount3 is not setuid"
	D=$(mktemp -d /tmp/jb-user.XXXXXX)
	export D
	mknod -m 666 "$D/fuse" c 10 229
	mkdir -m 777 "$D/home"
	echo user_allow_other > "$D/fuse.conf"
	cp "$JUKEBOXD" "$D/jukeboxd"
	chmod 755 "$D"
	run unshare -m bash -euc '
		mount --bind "$D/fuse" /dev/fuse
		cd "$D/home"
		for shared in no yes; do
			[ $shared = no ] || mount --bind "$D/fuse.conf" /etc/fuse.conf
			setpriv --reuid=65534 --regid=65534 --clear-groups -- \
				"$D/jukeboxd" --portal 127.0.0.1:0 --slots 2 store mnt > log 2>&1 &
			pid=$!
			for _ in $(seq 600); do ! grep -q "jukeboxd: ready" log || break; sleep 0.1; done
			echo "$shared: $(ls mnt/slots 2>&1 | tr "\n" " ")" "$(grep -c "no other user can look" log || true)"
			kill -TERM $pid
			wait $pid
		done' 3>&-
	rm -rf "$D"
	echo "$output"
	[[ $output == *"no: "*"Permission denied"*" 1"* ]]
	[[ $output == *"yes: 1 2  0"* ]]
}
