#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests who may log in with open-iscsi: CHAP with every algorithm, one way and both ways, also for discovery;
# names and addresses.
# kernel: open-iscsi's CHAP and names
# media: iso
# timeout: 500
. "$LIB/lib.sh"
nolock
iscsid_start
SECRET=the-secret-of-alice OWN=the-secret-of-the-target
LIMIT=60
# record NAME=VALUE...: makes a new record of the node with these settings
record() {
	local s
	run iscsiadm -m node -T "$IQN" -p "$PORTAL" -o delete
	run iscsiadm -m node -o new -T "$IQN" -p "$PORTAL"
	for s in node.session.initial_login_retry_max=1 "$@"; do
		run iscsiadm -m node -T "$IQN" -p "$PORTAL" -o update -n "${s%%=*}" -v "${s#*=}" || return
	done
}
chap() { record node.session.auth.authmethod=CHAP node.session.auth.username=alice "node.session.auth.password=$SECRET" "$@"; }
mutual() { chap node.session.auth.username_in=box "node.session.auth.password_in=$OWN" "$@"; }
enter() { run iscsiadm -m node -T "$IQN" -p "$PORTAL" -l; }
# works NAME: checks that the login succeeds and the drive answers
works() {
	check "$1: login" enter || return
	loggedin=1
	within "$1: the drive is there" 20 'cat /proc/scsi/scsi' devices
	check "$1: logout" iscsi_logout
}

host user alice $SECRET
good "the administrator makes a user" || finish
host set access/auth chap
record
refuse "without a secret: refused" 'authoriz|authentic|auth' enter
chap node.session.auth.password=not-the-secret
refuse "with a wrong secret: refused" 'authoriz|authentic|auth' enter
says "the administrator is told of both" '^2$' host told login-refused
for alg in MD5 SHA1 SHA256 SHA3-256; do
	chap node.session.auth.chap_algs=$alg
	works "CHAP with $alg"
done
host set access/target-user box
host set access/target-secret $OWN
mutual node.session.auth.chap_algs=SHA3-256,SHA256,SHA1,MD5
works "CHAP both ways, all algorithms offered"
mutual node.session.auth.chap_algs=MD5
works "CHAP both ways with MD5"
mutual node.session.auth.password_in=another-secret-of-it
refuse "the target has not the secret that it should have: refused" '.' enter

check "discovery is open" iscsiadm -m discovery -t sendtargets -p "$PORTAL"
host set access/discovery/auth chap
refuse "discovery with CHAP, without a secret: refused" '.' iscsiadm -m discovery -t sendtargets -p "$PORTAL"
run iscsiadm -m discoverydb -t sendtargets -p "$PORTAL" -o new
for s in authmethod=CHAP username=alice password=$SECRET chap_algs=SHA256; do
	run iscsiadm -m discoverydb -t sendtargets -p "$PORTAL" -o update -n "discovery.sendtargets.auth.${s%%=*}" -v "${s#*=}"
done
says "discovery with CHAP" "$IQN" iscsiadm -m discoverydb -t sendtargets -p "$PORTAL" -D -o nonpersistent

host set access/auth none
host set access/initiators 'iqn.2001-04.com.example:other*'
record
refuse "a name that is not in the list: refused" 'authoriz|author' enter
host set access/initiators 'iqn.2001-04.com.example:*'
works "a name that is in the list"
host set access/networks 10.0.0.0/8
refuse "an address that is not in the list: refused" 'authoriz|author' enter
host set access/networks 127.0.0.0/8

# The administrator asks for a logout, and open-iscsi logs out.
check "login" enter && loggedin=1
logouts() { host told logout; head -n 1 <<< "$out"; }
before=$(logouts)
more() { [ "$(logouts)" -gt "$before" ]; }
check "the administrator ends the session" host set target/logout all
within "open-iscsi has logged out" 20 'host told logout' more
finish
