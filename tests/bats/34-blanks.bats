#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests writable discs of every medium as a user of the mount sees them: how a blank gets its medium; what
# its file, its attributes and status.json show during a burn; what a user can do with it during a burn.

load 10-mount

# Columns: MEDIUM; size of a blank in bytes; the FORMAT UNIT descriptor that it needs before it takes data.
MEDIA='
cd-r      736970752
cd-rw     736970752
cd-rw-packet 604700672
dvd-r     4706074624
dvd-r-dl  8543666176
dvd-rw    4706074624
dvd-rw-ro 4706074624
dvd-ram   4580769792
dvd+r     4700372992
dvd+r-dl  8547991552
dvd+rw    4700372992   ff ff ff ff 98 00 00 00
bd-r      25025314816
bd-r-dl   50050629632
bd-re     25025314816  00 b4 74 00 c0 00 00 00
bd-re-dl  50050629632  01 68 e8 00 c0 00 00 00
bd-r-xl   100103356416
bd-re-xl  100103356416 02 d7 d4 00 c0 00 00 00
'
# each WORDS...: calls the command WORDS with the columns of a row, for every row of MEDIA.  If it fails, the
# last line with three dashes says which medium failed.
each() {
	local row rows
	mapfile -t rows < <(grep '^[bcd]' <<< "$MEDIA")
	for row in "${rows[@]}"; do
		echo "--- $row"
		# shellcheck disable=SC2086 # columns
		"$@" $row
	done
}

setup() {
	unset MNT STORE
	T=$BATS_TEST_TMPDIR
	head -c $((256 * 2048)) /dev/urandom > "$T/256"
	tail -c $((32 * 2048)) "$T/256" > "$T/32"
	cat "$T/256" "$T/32" > "$T/288"
}
teardown() {
	cd /
	jb_cleanup
	[ -z "${DISK:-}" ] || umount -l "$DISK" 2> /dev/null || true
}
start() {
	jb_start "$@"
	cd "$MNT" || return
}

in_order() { case $1 in cd-rw-packet | dvd-rw-ro | dvd-ram | dvd+rw | bd-re*) false ;; esac }
# fresh MEDIUM: prints the state of a disc without content; a formatted disc has no content
fresh() { case $1 in dvd-ram) echo random-access ;; cd-rw-packet | dvd-rw-ro) echo complete ;; *) echo blank ;; esac }
# blank FILE [PROFILE]: makes a blank with touch, and waits until the daemon has learned of the close; checks
# its profile
blank() {
	touch -- "$1"
	wait_for 30 not_incoming "$1"
	[ "${FACTS#*$'\n'}" = "${2:-${FACTS#*$'\n'}}" ]
}
set_x() { setfattr -n "user.jukebox.$1" -v "$2" "$3"; }
no_set() {
	refused setfattr -n "user.jukebox.$1" -v "$2" "$3" "$4"
	last_error "$5"
}
send() { "$BUILD/tools/icdb" --clear-ua "iscsi://$PORTAL/$IQN/1" "$@"; }
format() {
	[ $# -gt 0 ] || return 0
	send - <<- END
		out 00 02 00 08 $* -- 04 11 00 00 00 00
		expect good
	END
}
write() { "$BUILD/tools/icdb" "iscsi://$PORTAL/$IQN/1" write "$1" "$2"; }
sync_cache() { send 35 00 00 00 00 00 00 00 00 00; }
close_session() { send 5b 00 02 00 00 00 00 00 00 00; }
# says ELEMENT FILE [WANTED]: saves what status.json and the attributes say about the disc, for `agreed`.
# WANTED is a pattern for its state, profile, capacity, sessions, tracks, origin, size and nwa.
says() {
	local attributes values are
	in_status "$1"
	attributes=$("$BUILD/tools/attrs" state,profile,capacity,sessions,tracks,origin,size,nwa,mtime,toc "$2")
	printf '{"of": "%s", %s\n' "$2" "${ELEMENT%,}" >> "$T/json"
	printf '%s\n' "$2" "$attributes" >> "$T/attributes"
	mapfile -t values <<< "$attributes"
	are="${values[*]:0:8}"
	echo "$2: $are"
	# shellcheck disable=SC2053
	[[ ${are% } == ${3:-*} ]]
}
# agreed: checks that status.json and the attributes agreed each time
agreed() {
	[ -s "$T/attributes" ]
	jq -r '.of, (.disc |
		(.state, .profile, .capacity, .sessions, .tracks, .origin, .size, .nwa // "", .mtime),
		(.["track-list"] // [] | .[] | "\(.number) \(.session) \(.start) \(.size)\(if .mode then " " + .mode else "" end)"))' \
		"$T/json" | diff - "$T/attributes"
}

# ---- its type ----------------------------------------------------------------------------------

suffixes() { # MEDIUM BYTES
	local n u=${1^^} fresh
	fresh=$(fresh "$1")
	for n in "A.$1.iso" "A.$u.Img" "A.$1"; do
		blank "slots/1/$n" "$1"
		attrs_are "slots/1/$n" barcode,capacity,state,origin,sessions,tracks "A $2 $fresh blank 1 1"
		says slots/1 "slots/1/$n"
		rm "slots/1/$n"
	done
}
by_default() { # MEDIUM BYTES
	echo "$1" > ctl/default-profile
	[ "$(< ctl/default-profile)" = "$1" ]
	blank slots/1/A.iso "$1"
	attrs_are slots/1/A.iso capacity,state "$2 $(fresh "$1")"
	rm slots/1/A.iso
}
# The largest disc of a type, which a user may choose.
largest() { # MEDIUM BYTES
	case $1 in cd-r | cd-rw) echo $((449850 * 2048)) ;; bd-r-xl) echo 128001769472 ;; *) echo "$2" ;; esac
}
by_attribute() { # MEDIUM BYTES
	local most
	most=$(largest "$@")
	blank slots/1/B.cd-r.iso cd-r
	set_x capacity 1M slots/1/B.cd-r.iso
	set_x profile "$1" slots/1/B.cd-r.iso
	attrs_are slots/1/B.cd-r.iso profile,state,origin "$1 $(fresh "$1") blank"
	# A new type brings its own capacity; setting the same type keeps the chosen capacity.
	[ "$1" = cd-r ] || attrs_are slots/1/B.cd-r.iso capacity "$2"
	set_x capacity "$most" slots/1/B.cd-r.iso
	no_set capacity $((most + 2048)) slots/1/B.cd-r.iso "Invalid argument" JB_BAD_CAPACITY
	set_x capacity 65536 slots/1/B.cd-r.iso
	no_set capacity 2047 slots/1/B.cd-r.iso "Invalid argument" JB_BAD_CAPACITY
	says slots/1 slots/1/B.cd-r.iso
	mv slots/1/B.cd-r.iso drives/0/
	no_set profile dvd+r drives/0/B.cd-r.iso "Device or resource busy" "JB_LOADED"
	no_set capacity 32768 drives/0/B.cd-r.iso "Device or resource busy" "JB_LOADED"
	attrs_are drives/0/B.cd-r.iso capacity 65536
	rm drives/0/B.cd-r.iso
}
@test "blanks of every medium, by suffix, by ctl/default-profile, by attribute" {
	start --slots 2 --drives 1
	each suffixes
	each by_default
	each by_attribute
	agreed
	echo dvd+r > ctl/default-profile
	refused 'echo vinyl > ctl/default-profile' "Invalid argument"
	last_error "JB_NO_SUCH_MEDIUM"
	refused 'echo dvd-rom > ctl/default-profile' "Invalid argument"
	[ "$(< ctl/default-profile)" = dvd+r ]
}

@test "capacities as people write them" {
	start --slots 1 --drives 1
	blank slots/1/A.dvd+r.iso
	local said bytes
	while read -r said bytes; do
		echo "$said is $bytes"
		set_x capacity "$said" slots/1/A.dvd+r.iso
		attrs_are slots/1/A.dvd+r.iso capacity "$bytes"
	done <<- 'END'
		4.7GB 4699998208
		4.25GiB 4563402752
		1.5m 1572864
		0.5MB 499712
		650MB 649998336
		100000 98304
		65536B 65536
	END
	for said in 1. .5G 1..5G 1.5 1.5B -1 +1 1e9 "1 000" 5GB 99999999999999999999 1.5GX; do
		no_set capacity "$said" slots/1/A.dvd+r.iso "Invalid argument" "JB_BAD_CAPACITY"
	done
	[ "$(xattr capacity slots/1/A.dvd+r.iso)" = 65536 ]
}

# ---- while it is burned --------------------------------------------------------------------------

# grown FILE SECTORS: checks that FILE has this size now, and a later time than BEFORE
before() { BEFORE=$(stat -c %.Y "$1"); }
grown() {
	local now
	now=$(stat -c '%s %.Y' "$1")
	[ "${now% *}" = $(($2 * 2048)) ]
	[[ ${now#* } > $BEFORE ]]
}
followed() { # MEDIUM BYTES FORMAT...
	local m=$1 f=drives/0/$1.$1.iso inode
	blank "slots/1/$m.$m.iso" "$m"
	mv "slots/1/$m.$m.iso" drives/0/
	format "${@:3}"
	says drives/0 "$f" "* blank 0*"
	before "$f"
	write 0 "$T/256"
	grown "$f" 256
	says drives/0 "$f" "* burned $((256 * 2048))*"
	# Without a sync or a close the file has what was burned so far, and can be read.
	cp "$f" "$T/copy"
	cmp "$T/copy" "$T/256"
	before "$f"
	write 256 "$T/32"
	grown "$f" 288
	cmp "$T/288" "$f"
	[ "$(xattr toc "$f" | cut -d ' ' -f -4)" = "1 1 0 288" ]
	if in_order "$m"; then
		says drives/0 "$f" "appendable * 288"
		close_session
		says drives/0 "$f" "* 2 2 *"
		[ "$(xattr nwa "$f")" -ge 288 ]
	else
		says drives/0 "$f"
	fi
	# The half burned disc goes to a slot under another name and back to a drive. There the burn goes on.
	inode=$(stat -c %i "$f")
	mv "$f" "slots/2/other name.$m.iso"
	says slots/2 "slots/2/other name.$m.iso"
	no_set profile cd-r "slots/2/other name.$m.iso" "Operation not permitted" JB_NOT_BLANK
	no_set capacity 1M "slots/2/other name.$m.iso" "Operation not permitted" JB_NOT_BLANK
	refused "echo x >> 'slots/2/other name.$m.iso'" "Permission denied"
	refused truncate -s 0 "slots/2/other name.$m.iso" "Permission denied"
	mv "slots/2/other name.$m.iso" drives/0/
	f="drives/0/other name.$m.iso"
	attrs_are "$f" inode "$inode"
	local at=288 second="1 1 0 320"
	if in_order "$m"; then
		at=$(xattr nwa "$f")
		second="2 2 $at 32"
	fi
	write "$at" "$T/32"
	sync_cache
	[ "$(xattr toc "$f" | tail -n 1 | cut -d ' ' -f -4)" = "$second" ]
	says drives/0 "$f"
	tail -c 65536 "$f" | cmp - "$T/32"
	# Setting the tab stops the burn; removing it lets the burn go on.
	chmod a-w "$f"
	send -x "check 07/27/00" -w "$T/32" 2a 00 00 00 10 00 00 00 20 00
	says drives/0 "$f"
	chmod u+w "$f"
	rm "$f"
	send -x "check 02/3a/00" -w "$T/32" 2a 00 00 00 10 00 00 00 20 00
	[ "$(files drives/0)" = "" ]
}
@test "size, times, attributes and status.json follow a burn; what is recorded can be read and moved" {
	start --slots 2 --drives 1
	each followed
	agreed
	jb_stop
}

half_burned() { # MEDIUM BYTES FORMAT...
	blank "slots/$N/$1.$1.iso" "$1"
	mv "slots/$N/$1.$1.iso" drives/0/
	format "${@:3}"
	write 0 "$T/256"
	mv "drives/0/$1.$1.iso" "slots/$N/"
	xattrs "slots/$N/$1.$1.iso" > "$T/before.$1"
	N=$((N + 1))
}
xattrs() { "$BUILD/tools/attrs" state,profile,capacity,sessions,tracks,origin,nwa,size,mtime,inode "$1"; }
still_so() { # MEDIUM BYTES FORMAT...
	xattrs "slots/$N/$1.$1.iso" | diff "$T/before.$1" -
	mv "slots/$N/$1.$1.iso" drives/0/
	write 256 "$T/32"
	cmp "$T/288" "drives/0/$1.$1.iso"
	mv "drives/0/$1.$1.iso" "slots/$N/"
	N=$((N + 1))
}
@test "half burned discs of every type are the same after a restart, and go on" {
	start --slots 17 --drives 1
	N=1 each half_burned
	cd /
	jb_restart
	cd "$MNT"
	N=1 each still_so
	jb_stop
}

@test "a rewritable that is blanked or formatted again has nothing on it, whatever was burned before" {
	start --slots 1 --drives 1
	blank drives/0/A.dvd-rw.iso dvd-rw
	write 0 "$T/256"
	[ "$(xattr origin drives/0/A.dvd-rw.iso)" = burned ]
	send a1 11 00 00 00 00 00 00 00 00 00 00
	attrs_are drives/0/A.dvd-rw.iso origin,state "blank blank"
	write 0 "$T/256"
	format 00 23 10 20 54 00 00 10
	attrs_are drives/0/A.dvd-rw.iso origin,profile "blank dvd-rw-ro"
	jb_restart
	cd "$MNT"
	[ "$(xattr origin drives/0/A.dvd-rw.iso)" = blank ]
	mv drives/0/A.dvd-rw.iso slots/1/
	# The format of a DVD+RW goes on in the background. Nothing is written, so the disc stays blank.
	blank drives/0/B.dvd+rw.iso dvd+rw
	format ff ff ff ff 98 00 00 00
	cd /
	jb_restart
	cd "$MNT"
	[ "$(xattr origin drives/0/B.dvd+rw.iso) $(stat -c %s drives/0/B.dvd+rw.iso)" = "blank 0" ]
	jb_stop
}

# ---- names ---------------------------------------------------------------------------------------

burned_as() { # NAME LABEL
	blank "slots/1/$1" dvd+r
	[ "$(xattr barcode "slots/1/$1")" = "$2" ]
	mv -- "slots/1/$1" drives/0/
	write 0 "$T/32"
	[ "$(jq -r '.drives[0].disc.name' status.json)" = "$1" ]
	grep -F -- "\"name\":$(jq -n --arg n "$1" '$n')" events | grep -q '"event":"burn"'
	cmp "drives/0/$1" "$T/32"
	mv -- "drives/0/$1" slots/1/
	rm -- "slots/1/$1"
}
@test "discs are burned under any name" {
	start --slots 1 --drives 1
	burned_as "two words.dvd+r.iso" "two words"
	burned_as "-n.dvd+r.iso" -n
	burned_as "--help.dvd+r.iso" --help
	burned_as "$(printf 'Größe → 日本.dvd+r.iso')" "$(printf 'Größe → 日本')"
	# shellcheck disable=SC2016
	burned_as 'quote"'"'"'\$(x)%s.dvd+r.iso' 'quote"'"'"'\$(x)%s'
	burned_as "$(printf 'a%.0s' {1..245}).dvd+r.iso" "$(printf 'a%.0s' {1..32})"
	refused touch "slots/1/$(printf 'a%.0s' {1..246}).dvd+r.iso" "File name too long"
	refused touch $'slots/1/a\xff.dvd+r.iso' "Invalid or incomplete multibyte"
	jb_stop
}

# ---- a store that is full, or gone read-only ------------------------------------------------------

small_disk() { # MOUNT-OPTIONS
	[ "$(id -u)" = 0 ] || skip "needs root, to mount a small disk"
	DISK=$T/disk
	mkdir "$DISK"
	mount -t tmpfs -o "$1" tmpfs "$DISK" || skip "no tmpfs can be mounted here"
	STORE=$DISK/store
}
# told TEXT: checks that the log, the events and ctl/last-error have TEXT for the disc in drive 0
told() {
	wait_for 30 last_error "drives/0/A.dvd+r.iso: $1"
	grep -F "A.dvd+r.iso: cannot be recorded: $1" "$JBLOG"
	grep '"event":"error"' events | grep '"element":"drives/0"' | grep '"initiator":"iqn' | grep -F "\"error\":\"$1"
}
@test "the store is full in the middle of a burn: initiator, log and events tell, no acknowledged data is lost, and it goes on" {
	small_disk size=6m
	start --slots 2 --drives 1
	head -c 8M /dev/urandom > "$T/8M"
	blank drives/0/A.dvd+r.iso dvd+r
	write 0 "$T/256"
	sync_cache
	refused icdb "$(url 1)" write 256 "$T/8M" "03/0c/00"
	local at
	at=$(xattr nwa drives/0/A.dvd+r.iso)
	send -x "check 03/0c/00" -w "$T/32" 2a 00 "$(printf %08x "$at")" 00 00 20 00
	told "$(sentence STORE_FULL)"
	attrs_are drives/0/A.dvd+r.iso state,nwa "appendable $at"
	# A blank that could not be stored is not inserted, and touch fails.
	refused touch slots/2/B.dvd-r.iso "No space left on device"
	rm -f slots/2/B.dvd-r.iso
	mount -o remount,size=16m "$DISK"
	write "$at" "$T/32"
	sync_cache
	close_session
	cmp -n $((256 * 2048)) "$T/256" drives/0/A.dvd+r.iso
	cmp -n $(((at - 256) * 2048)) "$T/8M" <(tail -c +$((256 * 2048 + 1)) drives/0/A.dvd+r.iso)
	cmp "$T/32" <(tail -c +$((at * 2048 + 1)) drives/0/A.dvd+r.iso)
	cd /
	jb_restart
	cd "$MNT"
	[ "$(xattr sessions drives/0/A.dvd+r.iso)" = 2 ]
	jb_stop
}

@test "what fails because the store is full does not appear later: a reserved track, a hash" {
	small_disk size=6m
	start --slots 2 --drives 1
	local wrong=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
	blank drives/0/A.dvd+r.iso dvd+r
	cp "$T/256" slots/1/x.iso
	setfattr -n user.jukebox.state -v complete slots/1/x.iso
	head -c 64M /dev/zero > "$DISK/fill" || true
	send -x "check 03/0c/00" 53 00 00 00 00 00 00 00 40 00
	refused setfattr -n user.jukebox.sha256 -v "$wrong" slots/1/x.iso "No space left on device"
	attrs_are drives/0/A.dvd+r.iso state,tracks "blank 1"
	[ "$(getfattr --only-values -n user.jukebox.sha256 slots/1/x.iso 2> /dev/null)" != "$wrong" ]
	rm "$DISK/fill"
	sync_cache
	cd /
	jb_restart
	cd "$MNT"
	attrs_are drives/0/A.dvd+r.iso state,tracks "blank 1"
	[ "$(getfattr --only-values -n user.jukebox.sha256 slots/1/x.iso 2> /dev/null)" != "$wrong" ]
	send 53 00 00 00 00 00 00 00 40 00
	attrs_are drives/0/A.dvd+r.iso state,tracks "appendable 2"
	jb_stop
}

@test "the store becomes read-only in the middle of a burn: initiator, log and events tell; synced data is there afterwards" {
	[ "$(id -u)" = 0 ] || skip "needs root, to mount a small disk"
	DISK=$T/disk
	mkdir "$DISK"
	truncate -s 32M "$DISK.img"
	mke2fs -q -t ext4 -e remount-ro "$DISK.img"
	mount -o loop "$DISK.img" "$DISK" || skip "no loop device, or no ext4, on this machine"
	local loop
	loop=$(findmnt -no SOURCE "$DISK")
	[ -w "/sys/fs/ext4/${loop##*/}/trigger_fs_error" ] || skip "the kernel cannot fail an ext4 on request"
	STORE=$DISK/store
	start --slots 2 --drives 1
	blank drives/0/A.dvd+r.iso dvd+r
	write 0 "$T/256"
	sync_cache
	echo 1 > "/sys/fs/ext4/${loop##*/}/trigger_fs_error"
	run send -w "$T/32" 2a 00 00 00 01 00 00 00 20 00
	[ "$status" != 0 ]
	[[ $output == *"CHECK 07/27/00"* || $output == *"CHECK 03/0c/00"* ]]
	told "the store"
	cmp "$T/256" drives/0/A.dvd+r.iso
	cd /
	jb_kill9
	jb_clear_mount "$MNT"
	umount "$DISK"
	e2fsck -fp "$DISK.img" || [ $? = 1 ]
	mount -o loop "$DISK.img" "$DISK"
	jb_start
	cd "$MNT"
	attrs_are drives/0/A.dvd+r.iso state,nwa "appendable 256"
	write 256 "$T/32"
	cat "$T/256" "$T/32" | cmp - drives/0/A.dvd+r.iso
	jb_stop
}

# ---- documents ------------------------------------------------------------------------------------

@test "README and the man page have every medium, what it holds, and the programs that pass in MATRIX.md" {
	local media
	# Media that come formatted are listed with their formatted capacity.
	media=$(grep '^[bcd]' <<< "$MEDIA" | awk '{ print $1, $2 }' | sort)
	diff <(echo "$media") <(sed -nE 's/^    ((cd|dvd|bd)[-+][-+a-z]+) +([0-9]{9,}) .*/\1 \3/p' "$TOP/README" | sort)
	diff <(awk '{ print $1, $2 / 2048 }' <<< "$media") \
		<(sed -nE 's/^\.It Li ((cd|dvd|bd)[-+][-+a-z]+) Ta ([0-9]+) Ta .*/\1 \3/p' "$TOP/mnt-layout/jukeboxfs.5" | sort)
	diff <(cut -d ' ' -f 1 <<< "$media") \
		<(sed -nE 's/^\t\t\.suffix = "(.*)",/\1/p' "$TOP/changer/recording/medium_table.c" | grep -v -- -rom | sort)
	# Only programs that burn images of data: dvd+rw-format and the like do not burn, and audio has other
	# pages.
	awk '/^    (cd|dvd|bd)[-+][-+a-z]+ +[0-9]+ / { m = $1 }
		!/^    / { m = "" }
		m { s = substr($0, 64); gsub(/the kernel/, "kernel", s); gsub(/,/, "", s)
			n = split(s, p, " "); for (i = 1; i <= n; i++) print m, p[i] }' "$TOP/README" | sort > "$T/said"
	awk '/^## / { m = $2 } / passes / && $2 ~ /^(growisofs|wodim|cdrskin|xorriso|udftools|kernel)$/ { print m, $2 }' "$TOP/tests/guest/MATRIX.md" | sort -u > "$T/passes"
	# `make matrix` does not run programs without a section in MATRIX.md.
	awk 'NR == FNR { run[$1] = 1; next } $1 in run && $2 != "cdrdao"' "$T/passes" "$T/said" | diff - "$T/passes"
}
