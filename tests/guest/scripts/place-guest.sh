# SPDX-License-Identifier: GPL-2.0-or-later
# For scripts that run in the guest, where Linux itself logs in. Sourced by lib.sh.
# shellcheck shell=bash disable=SC2034,SC2154

# host WORDS...: asks the adapter outside (run-guest --helper), for at most $HOST_LIMIT seconds; sets $out and
# $rc like run
HOST_LIMIT=30
host() {
	echo "+ host $*" >&9
	rm -f /job/res
	echo "$*" > /job/req.new
	mv /job/req.new /job/req
	until_true "$HOST_LIMIT" test -f /job/res || { out="no answer from outside" rc=124; return 124; }
	out=$(cat /job/res.out) rc=$(cat /job/res)
	{ printf '%s\n' "$out"; echo "= $rc"; } >&9
	return "$rc"
}

iscsid_start() {
	[ ! -e /run/iscsid.pid ] || return 0
	modprobe -a iscsi_tcp sd_mod sr_mod ch sg
	echo "InitiatorName=${INITIATOR:-iqn.2001-04.com.example:guest}" > /etc/iscsi/initiatorname.iscsi
	# iscsid waits for the network, so its sleeps must not be hurried.
	LD_PRELOAD='' iscsid >&9 2>&1 9>&-
	until_true 20 grep -q ISCSIADM_ABSTRACT_NAMESPACE /proc/net/unix
}
# Discovery returns 127.0.0.1, the address that the target has on its own machine. So the node record is made
# by hand, for 10.0.2.2.
iscsi_discover() {
	iscsid_start
	run iscsiadm -m discovery -t sendtargets -p "$PORTAL" || return
	[ -n "$IQN" ] || IQN=$(awk 'NR == 1 {print $2}' <<< "$out")
}
# iscsi_login [NAME=VALUE...]: changes settings of the node record first
iscsi_login() {
	local s
	iscsid_start
	run iscsiadm -m node -o new -T "$IQN" -p "$PORTAL" || return
	for s; do run iscsiadm -m node -T "$IQN" -p "$PORTAL" -o update -n "${s%%=*}" -v "${s#*=}" || return; done
	run iscsiadm -m node -T "$IQN" -p "$PORTAL" -l || return
	loggedin=1
	until_true 15 sh -c 'cat /sys/class/scsi_device/*/device/type | grep -qx 8'
	run udevadm settle -t 20
	devices
}
iscsi_logout() {
	run iscsiadm -m node -T "$IQN" -p "$PORTAL" -u
	loggedin=
	return "$rc"
}
# devices: sets CD (/dev/sr0), CDSG (its sg node), CH (sg node of the changer) and CHDEV (/dev/sch0)
devices() {
	local d
	CD= CDSG= CH= CHDEV=
	for d in /sys/class/scsi_device/*/device; do
		case $(cat "$d/type") in
		5) CDSG=/dev/$(ls "$d/scsi_generic") ; CD=/dev/$(ls "$d/block" 2>/dev/null) ;;
		8) CH=/dev/$(ls "$d/scsi_generic"); CHDEV=/dev/$(ls "$d/scsi_changer" 2>/dev/null) ;;
		esac
	done
	[ -n "$CD" ] && [ -n "$CH" ]
}
# Debian's udev locks the door at each change (cdrom_id --lock-media), so that it gets the eject button. Then
# a changer may not take the disc. nolock: makes udev not lock the door, as in tgt's time.
nolock() {
	sed 's/ --lock-media//' /usr/lib/udev/rules.d/60-cdrom_id.rules > /etc/udev/rules.d/60-cdrom_id.rules
	udevadm control --reload
}
