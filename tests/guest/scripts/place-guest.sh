# SPDX-License-Identifier: GPL-2.0-or-later
# The place of a script that runs in the guest: Linux itself logs in.  Sourced by lib.sh.
# shellcheck shell=bash disable=SC2034,SC2154

# host WORDS...: ask the adapter outside (run-guest --helper), for at most $HOST_LIMIT seconds; like run.
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
	# Its own waits are for the network, and are not to be hurried.
	LD_PRELOAD='' iscsid >&9 2>&1 9>&-
	until_true 20 grep -q ISCSIADM_ABSTRACT_NAMESPACE /proc/net/unix
}
# Discovery answers with the address the target sees itself at, this machine's
# 127.0.0.1; the node record is therefore made by hand, for 10.0.2.2.
iscsi_discover() {
	iscsid_start
	run iscsiadm -m discovery -t sendtargets -p "$PORTAL" || return
	[ -n "$IQN" ] || IQN=$(awk 'NR == 1 {print $2}' <<< "$out")
}
# iscsi_login [NAME=VALUE...]: settings of the node record first.
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
# devices: CD (/dev/sr0), CDSG, CH (sg node of the changer), CHDEV (/dev/sch0).
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
# Debian's udev locks the door at each change (cdrom_id --lock-media), so that
# the eject button goes through it; a changer may then not take the disc out.
# nolock: udev without that, as Linux was in tgt's time.
nolock() {
	sed 's/ --lock-media//' /usr/lib/udev/rules.d/60-cdrom_id.rules > /etc/udev/rules.d/60-cdrom_id.rules
	udevadm control --reload
}
