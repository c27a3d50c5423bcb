# SPDX-License-Identifier: GPL-2.0-or-later
# For scripts that run natively: there is no kernel, but the shim (tests/tools/shim), which is logged in for
# all programs. Replaces what programs would ask of the kernel. Sourced by lib.sh.
# shellcheck shell=bash disable=SC2034,SC2154

# host WORDS...: asks the adapter, without the shim, for at most $HOST_LIMIT seconds; sets $out and $rc like
# run
HOST_LIMIT=30
host() {
	echo "+ host $*" >&9
	rc=0
	# shellcheck disable=SC2086 # words
	out=$(LD_PRELOAD='' timeout "$HOST_LIMIT" $HELPER "$@" 2>&1 < /dev/null) || rc=$?
	printf '%s\n= %s\n' "$out" $rc >&9
	return "$rc"
}

iscsi_discover() { :; }
iscsi_login() { loggedin=1; devices; }
iscsi_logout() { loggedin=; }
devices() { CD=/dev/sr0 CDSG=/dev/sg1 CH=/dev/sg0; }
# There is no udev that locks the door.
nolock() { :; }

# eject [-t] DEV: sends the commands of the kernel, because eject of util-linux needs /sys
eject() {
	if [ "$1" = -t ]; then run sg_start --load "$2"; return; fi
	run sg_prevent --allow "$1"
	run sg_start --eject "$1"
}
# mount -t iso9660 -o ro DEV DIR: copies the files of the session that Linux's sr would choose (sr_vendor.c).
# Nothing else can be mounted.
mount() {
	local dev=${*: -2:1} dir=${*: -1} session=0
	[ "${*:1:4}" = "-t iso9660 -o ro" ] || { out="mount: a kernel's: $*" rc=32; return $rc; }
	hex "$dev" 12 43 00 01 00 00 00 00 00 0c 00 || return
	[ $((16#${out:12:2})) -le 1 ] || session=$((16#${out:16:8}))
	run xorriso -return_with FAILURE 32 -load sbsector "$session" -indev "$dev" -osirrox on -extract / "$dir" || return
	[ -n "$(ls -A "$dir")" ] || { out="mount: no file system" rc=32; return $rc; }
}
umount() { rm -rf "${1:?}"/* "$1"/.[!.]*; }
