#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests who may log in (ctl/access, ctl/target/portals).  The initiators are libiscsi, whose CHAP has MD5
# only, and a peer of our own that has the other algorithms.

load 10-mount

SECRET='a secret of alice'
OWN='the secret of the target'

setup() {
	unset MNT STORE
	jb_start --slots 2
	A=$MNT/ctl/access
}
teardown() { jb_cleanup; }

login() { "$TOP/tests/tools/iscsi-login.py" "$PORTAL" "$IQN" "$@"; }
discover() { "$TOP/tests/tools/iscsi-login.py" "$PORTAL" - "$@"; }
chap_url() { echo "iscsi://$1%$2@$PORTAL/$IQN/0"; }
alice() {
	mkdir "$A/users/alice"
	echo "$SECRET" > "$A/users/alice/secret"
	echo chap > "$A/auth"
}
# refusals: prints the initiator and the reason of each refused login
refusals() { jq -r 'select(.event == "login-refused") | .initiator + " " + .error' "$MNT/events"; }
no_secret_in() { ! grep -rqF -e "$SECRET" -e "$OWN" "$@"; }

@test "CHAP of libiscsi, one way and both ways" {
	alice
	run ! iscsi-inq "iscsi://$PORTAL/$IQN/0"
	[[ $output == *Authentication* ]]
	run ! iscsi-inq "$(chap_url alice 'a secret of Alice')"
	[[ $output == *Authentication* ]]
	run ! iscsi-inq "$(chap_url bob "$SECRET")"
	[[ $output == *Authentication* ]]
	run -0 iscsi-inq "$(chap_url alice "$SECRET")"
	# The initiator asks for the target's name and secret before the target has a name.
	run ! iscsi-inq "$(chap_url alice "$SECRET")?target_user=box&target_password=$OWN"
	echo box > "$A/target-user"
	echo "$OWN" > "$A/target-secret"
	run -0 iscsi-inq "$(chap_url alice "$SECRET")?target_user=box&target_password=$OWN"
	run ! iscsi-inq "$(chap_url alice "$SECRET")?target_user=box&target_password=another secret"
	[[ $output == *"CHAP_R"* ]]
	icdb "$(chap_url alice "$SECRET")" -r 36 12 00 00 00 24 00
}

@test "CHAP with every algorithm, one way and both ways, in hexadecimal and base64" {
	local a b
	alice
	echo box > "$A/target-user"
	echo "$OWN" > "$A/target-secret"
	for a in md5 sha1 sha256 sha3_256; do
		for b in 0 1; do
			[ "$(login user=alice "secret=$SECRET" algorithm=$a base64=$b)" = 0000 ]
			[ "$(login user=alice "secret=$SECRET" algorithm=$a base64=$b own=box "wanted=$OWN")" = "0000 mutual" ]
			[ "$(login user=alice "secret=$OWN" algorithm=$a base64=$b)" = 0201 ]
		done
	done
	[ "$(login user=alice "secret=$SECRET" algorithm=sha3_256,sha256,sha1,md5)" = 0000 ]
	[ "$(login user=alice "secret=$SECRET" algorithm=4)" = 0201 ]
	[ "$(login)" = 0201 ]
}

@test "a user that is bound to names logs in by these only, and no other user by them" {
	alice
	mkdir "$A/users/bob"
	echo 'a secret of bob' > "$A/users/bob/secret"
	echo iqn.2026-01.org.example:a > "$A/users/alice/initiators"
	[ "$(cat "$A/users/alice/initiators")" = iqn.2026-01.org.example:a ]
	run -0 iscsi-inq -i iqn.2026-01.org.example:a "$(chap_url alice "$SECRET")"
	run ! iscsi-inq -i iqn.2026-01.org.example:b "$(chap_url alice "$SECRET")"
	run ! iscsi-inq -i iqn.2026-01.org.example:a "$(chap_url bob 'a secret of bob')"
	run -0 iscsi-inq -i iqn.2026-01.org.example:b "$(chap_url bob 'a secret of bob')"
	wait_for 60 '[ "$(refusals | grep -cF "$(sentence LOGIN_INITIATOR)")" = 2 ]'
	refused "echo alice > '$A/users/alice/initiators'" "Invalid argument"
	echo > "$A/users/alice/initiators"
	run -0 iscsi-inq -i iqn.2026-01.org.example:a "$(chap_url bob 'a secret of bob')"
}

@test "no other user takes the session of a bound name" {
	local name=iqn.2026-01.org.example:a id
	alice
	mkdir "$A/users/bob"
	echo 'a secret of bob' > "$A/users/bob/secret"
	echo "$name" > "$A/users/alice/initiators"
	mkfifo "$BATS_TEST_TMPDIR/end"
	login user=alice "secret=$SECRET" "initiator=$name" hold=1 < "$BATS_TEST_TMPDIR/end" > "$BATS_TEST_TMPDIR/alice" 3>&- &
	exec 9> "$BATS_TEST_TMPDIR/end"
	wait_for 60 "grep -q 0000 '$BATS_TEST_TMPDIR/alice'"
	id=$(< "$MNT/ctl/target/sessions")
	# The same initiator name and ISID: without the bond, this is session reinstatement (RFC 7143 6.3.5).
	[ "$(login user=bob 'secret=a secret of bob' "initiator=$name")" = 0202 ]
	[ "$(login user=bob 'secret=a secret of bob' "initiator=${name^^}")" = 0202 ]
	[ "$(< "$MNT/ctl/target/sessions")" = "$id" ]
	[ "$(sed -n 's/^jukebox_refused_total{reason="access"} //p' "$MNT/metrics")" = 2 ]
	echo > "$A/users/alice/initiators"
	[ "$(login user=bob 'secret=a secret of bob' "initiator=$name")" = 0000 ]
	wait_for 60 "! grep -qF '$id' '$MNT/ctl/target/sessions'"
	exec 9>&-
}

@test "the names of a user: what is refused, and what a shell does with the files" {
	local names
	mkdir "$A/users/alice"
	names=$A/users/alice/initiators
	echo iqn.2026-01.org.example:a > "$names"
	refused "printf 'iqn.2026-01.org.example:\\0b\\n' > '$names'" "Invalid argument"
	refused "printf 'iqn.%0300d\\n' 1 > '$names'" "Invalid argument"
	refused "head -c 100000 /dev/zero | tr '\\0' x > '$names'" "Invalid argument"
	refused "echo 'no name' > '$names'" "Invalid argument"
	[ "$(< "$names")" = iqn.2026-01.org.example:a ]
	printf iqn.2026-01.org.example:b >> "$names"
	[ "$(tr '\n' ' ' < "$names")" = 'iqn.2026-01.org.example:a iqn.2026-01.org.example:b ' ]
	# As editors save: a new file, and a rename over the old one.
	echo 'IQN.2026-01.org.example:C*' > "$names.tmp"
	mv "$names.tmp" "$names"
	[ "$(< "$names")" = 'iqn.2026-01.org.example:c*' ]
	refused "rm '$names'" "Operation not permitted"
	refused "mv '$A/users/alice' '$A/users/bob'" "Operation not permitted"
	refused "rm -r '$A/users/alice'" "Operation not permitted"
	[ "$(< "$names")" = 'iqn.2026-01.org.example:c*' ]
	rmdir "$A/users/alice"
	[ ! -e "$names" ]
}

@test "a session shows its user; changes hold for the next login, and logout ends the session" {
	local pid
	alice
	printf 'clear-ua\nsleep 60000\n' > "$BATS_TEST_TMPDIR/script"
	"$BUILD/tools/icdb" "$(chap_url alice "$SECRET")" - < "$BATS_TEST_TMPDIR/script" > /dev/null 2>&1 3>&- &
	pid=$!
	wait_for 60 "grep -q ' alice 0\$' '$MNT/ctl/target/sessions'"
	echo 'another secret of alice' > "$A/users/alice/secret"
	run ! iscsi-inq "$(chap_url alice "$SECRET")"
	run -0 iscsi-inq "$(chap_url alice 'another secret of alice')"
	echo > "$A/users/alice/secret"
	run ! iscsi-inq "$(chap_url alice 'another secret of alice')"
	rmdir "$A/users/alice"
	grep -q ' alice 0$' "$MNT/ctl/target/sessions"
	echo iqn.2026-01.org.example:icdb > "$MNT/ctl/target/logout"
	wait_for 60 "! test -s '$MNT/ctl/target/sessions'"
	kill $pid
	wait $pid || true
}

@test "discovery: open, then with the same users, then with a user of its own" {
	alice
	[ "$(discover | head -1)" = 0000 ]
	run -0 iscsi-ls "iscsi://$PORTAL/"
	echo chap > "$A/discovery/auth"
	[ "$(discover)" = 0201 ]
	run -0 discover user=alice "secret=$SECRET"
	[[ $output == "0000"*"TargetName=$IQN"*"TargetAddress=$PORTAL,1" ]]
	echo finder > "$A/discovery/user"
	[ "$(discover user=finder 'secret=a secret of finders')" = 0201 ]
	echo 'a secret of finders' > "$A/discovery/secret"
	[ "$(discover user=finder 'secret=a secret of finders' algorithm=sha1 | head -1)" = 0000 ]
	[ "$(discover user=alice "secret=$SECRET")" = 0201 ]
	[ "$(login user=finder 'secret=a secret of finders')" = 0201 ]
	[ "$(login user=alice "secret=$SECRET")" = 0000 ]
}

@test "initiators by name: whole ones and patterns" {
	[ "$(login initiator=iqn.2026-01.org.example:a)" = 0000 ]
	printf '%s\n' iqn.2026-01.org.example:a 'eui.*' > "$A/initiators"
	[ "$(wc -l < "$A/initiators")" = 2 ]
	[ "$(login initiator=iqn.2026-01.org.example:a)" = 0000 ]
	[ "$(login initiator=IQN.2026-01.org.example:A)" = 0000 ]
	[ "$(login initiator=iqn.2026-01.org.example:ab)" = 0202 ]
	[ "$(login initiator=eui.0123456789abcdef)" = 0000 ]
	[ "$("$TOP/tests/tools/iscsi-login.py" "$PORTAL" - initiator=iqn.x)" = 0202 ]
	echo '*:ab' >> "$A/initiators"
	[ "$(tr '\n' ' ' < "$A/initiators")" = 'iqn.2026-01.org.example:a eui.* *:ab ' ]
	[ "$(login initiator=iqn.2026-01.org.example:ab)" = 0000 ]
	[ "$(login initiator=iqn.2026-01.org.example:a)" = 0000 ]
	# A write that is too long leaves the old value, even if earlier parts of it were valid.
	refused "seq -f 'iqn.2026-01.org.example:%05.0f' 200 >> '$A/initiators'" "Invalid argument"
	refused "for i in \$(seq 300); do echo iqn.2026-01.org.example:\$i || exit 1; done > '$A/initiators'" "Invalid argument"
	[ "$(head -1 "$A/initiators")" = iqn.2026-01.org.example:1 ]
	[ "$(wc -l < "$A/initiators")" -gt 100 ]
	echo > "$A/initiators"
	[ ! -s "$A/initiators" ]
	[ "$(login initiator=iqn.2026-01.org.example:abc)" = 0000 ]
	wait_for 60 '[ "$(refusals | wc -l)" = 2 ]'
	said=$(sentence LOGIN_INITIATOR)
	[ "$(refusals | sort | uniq -c | tr -s ' ')" = " 1 iqn.2026-01.org.example:ab $said
 1 iqn.x $said" ]
}

@test "initiators by address" {
	[ "$(login from=127.0.0.9)" = 0000 ]
	echo 127.0.0.2/31 > "$A/networks"
	[ "$(login from=127.0.0.2)" = 0000 ]
	[ "$(login from=127.0.0.3)" = 0000 ]
	[ "$(login from=127.0.0.1)" = 0202 ]
	[ "$(login from=127.0.0.4)" = 0202 ]
	[ "$(discover from=127.0.0.4)" = 0202 ]
	wait_for 60 '[ "$(refusals | wc -l)" = 3 ]'
	jq -e 'select(.event == "login-refused") | .error == "the initiator'"'"'s address is not in ctl/access/networks"
		and (.address | startswith("127.0.0.1:"))' "$MNT/events" | head -1 | grep -qx true
	echo 127.0.0.1 >> "$A/networks"
	[ "$(login from=127.0.0.1)" = 0000 ]
	echo > "$A/networks"
	[ "$(login from=127.0.0.4)" = 0000 ]
}

@test "a login needs name, address and secret, and these rules survive a crash" {
	alice
	echo 'iqn.2026-01.org.example:*' > "$A/initiators"
	echo 127.0.0.1 > "$A/networks"
	jb_kill9
	jb_restart
	[ "$(cat "$A/auth" "$A/initiators" "$A/networks" | tr '\n' ' ')" = "chap iqn.2026-01.org.example:* 127.0.0.1 " ]
	[ "$(ls "$A/users")" = alice ]
	[ "$(login user=alice "secret=$SECRET")" = 0000 ]
	[ "$(login user=alice "secret=$SECRET" from=127.0.0.2)" = 0202 ]
	[ "$(login user=alice "secret=$SECRET" initiator=iqn.x)" = 0202 ]
	[ "$(login user=alice "secret=$OWN")" = 0201 ]
}

@test "secrets are written and never seen" {
	alice
	echo "$OWN" > "$A/target-secret"
	echo "$SECRET" > "$A/discovery/secret"
	[ "$(stat -c '%a %s' "$A/users/alice/secret" "$A/target-secret" "$A/discovery/secret" | sort -u)" = "200 0" ]
	[ "$(stat -c %a "$A/users")" = 700 ]
	[ -z "$(cat "$A/users/alice/secret" "$A/target-secret" "$A/discovery/secret")" ]
	# Wrong secrets are not repeated in messages either.
	refused "printf '%s\\t' '$SECRET' > '$A/users/alice/secret'" "Invalid argument"
	last_error "write to ctl/access/users/alice/secret: JB_BAD_SECRET"
	refused "echo '$OWN' > '$A/users/alice/secret'" "Invalid argument"
	last_error "JB_SAME_SECRET"
	login user=alice "secret=$OWN" > /dev/null
	login user=alice "secret=$SECRET" > /dev/null
	no_secret_in "$MNT/status" "$MNT/status.json" "$MNT/events" "$MNT/ctl"
	no_secret_in "$JBLOG"
	[ "$(grep -rlF -e "$SECRET" -e "$OWN" "$STORE" | sed "s:^$STORE/::" | sort | tr '\n' ' ')" = \
		"ctl/access/discovery/secret ctl/access/target-secret ctl/access/users/alice/secret " ]
	[ "$(find "$STORE/ctl/access" -name '*secret' -o -path '*/users/*' -type f | tr '\n' '\0' | xargs -0 stat -c %a | sort -u)" = 600 ]
}

@test "users are added and removed; invalid names are refused with a sentence" {
	mkdir "$A/users/bob" "$A/users/iqn.2026-01.org.example:c"
	[ "$(ls "$A/users" | tr '\n' ' ')" = "bob iqn.2026-01.org.example:c " ]
	refused "mkdir '$A/users/bob'" "File exists"
	refused "mkdir '$A/users/.hidden'" "Invalid argument"
	last_error "make the user ctl/access/users/.hidden: JB_BAD_USER"
	refused "mkdir '$A/users/a b'" "Invalid argument"
	refused "mkdir '$A/users/bob/x'" "Operation not permitted"
	refused "mkdir '$A/x'" "Operation not permitted"
	refused "touch '$A/users/file'" "Operation not permitted"
	refused "echo short > '$A/users/bob/secret'" "Invalid argument"
	last_error "write to ctl/access/users/bob/secret: "
	refused "rm '$A/users/bob/secret'" "Operation not permitted"
	rmdir "$A/users/bob"
	refused "rmdir '$A/users/bob'" "No such file or directory"
	refused "ls '$A/users/bob'" "No such file or directory"
	refused "rmdir '$A/users'" "Operation not permitted"
	[ "$(ls "$A/users")" = iqn.2026-01.org.example:c ]
	rmdir "$A"/users/*
	[ -z "$(ls "$A/users")" ]
}

@test "portals come and go while it runs, and are there again at the next start" {
	local port=${PORTAL##*:} pid
	printf 'clear-ua\nsleep 60000\n' > "$BATS_TEST_TMPDIR/script"
	"$BUILD/tools/icdb" "$(url 0)" - < "$BATS_TEST_TMPDIR/script" > /dev/null 2>&1 3>&- &
	pid=$!
	wait_for 60 "test -s '$MNT/ctl/target/sessions'"
	echo "127.0.0.2:$port" >> "$MNT/ctl/target/portals"
	[ "$(tr '\n' ' ' < "$MNT/ctl/target/portals")" = "$PORTAL 127.0.0.2:$port " ]
	run -0 iscsi-ls "iscsi://127.0.0.2:$port/"
	[[ $output == *"Portal:127.0.0.2:$port,1"* && $output == *"Portal:$PORTAL,1"* ]]
	echo "127.0.0.2:$port" > "$MNT/ctl/target/portals"
	run ! iscsi-ls "iscsi://$PORTAL/"
	test -s "$MNT/ctl/target/sessions"
	kill $pid
	wait $pid || true
	jb_stop
	# Without the option, as a service starts it.
	jb_launch
	wait_for 60 jb_ready_or_ended
	[ "$(< "$MNT/ctl/target/portals")" = "127.0.0.2:$port" ]
	run -0 iscsi-ls "iscsi://127.0.0.2:$port/"
	# With the option, which has precedence.
	jb_stop
	jb_start
	[ "$(< "$MNT/ctl/target/portals")" = "$PORTAL" ]
	[ "$PORTAL" != "127.0.0.2:$port" ]
}

@test "a portal can announce another address than its own, as behind a port forward" {
	local port=${PORTAL##*:} file=$MNT/ctl/target/portals
	echo "127.0.0.2:$port=192.0.2.7:4260" >> "$file"
	[ "$(tr '\n' ' ' < "$file")" = "$PORTAL 127.0.0.2:$port=192.0.2.7:4260 " ]
	run -0 iscsi-ls "iscsi://127.0.0.2:$port/"
	[[ $output == *"Portal:192.0.2.7:4260,1"* && $output != *"Portal:127.0.0.2"* && $output == *"Portal:$PORTAL,1"* ]]
	run -0 iscsi-ls "iscsi://$PORTAL/"
	[[ $output == *"Portal:$PORTAL,1"* && $output == *"Portal:192.0.2.7:4260,1"* ]]
	local bad
	for bad in "127.0.0.3:$port=" "=192.0.2.7:4260" "127.0.0.3:$port=x" "127.0.0.3:$port=192.0.2.7:0" \
		"127.0.0.3:$port=1.2.3.4:5=6.7.8.9:10"; do
		refused "echo '$bad' > '$file'" "Invalid argument"
		last_error "JB_BAD_PORTAL"
	done
	[ "$(tr '\n' ' ' < "$file")" = "$PORTAL 127.0.0.2:$port=192.0.2.7:4260 " ]
	echo "127.0.0.2:$port=192.0.2.8:4260" > "$file"
	jb_stop
	jb_launch
	wait_for 60 jb_ready_or_ended
	[ "$(< "$file")" = "127.0.0.2:$port=192.0.2.8:4260" ]
	run -0 iscsi-ls "iscsi://127.0.0.2:$port/"
	[[ $output == *"Portal:192.0.2.8:4260,1"* ]]
}

@test "IPv6: portal, discovery, networks" {
	grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null || skip "no IPv6 on this machine"
	local port=${PORTAL##*:} v4=$PORTAL
	echo "[::1]:$port" >> "$MNT/ctl/target/portals"
	[ "$(tr '\n' ' ' < "$MNT/ctl/target/portals")" = "$PORTAL [::1]:$port " ]
	PORTAL="[::1]:$port"
	[ "$(discover | tail -n 2 | sort | tr '\n' ' ')" = "TargetAddress=$v4,1 TargetAddress=[::1]:$port,1 " ]
	echo 127.0.0.0/8 > "$A/networks"
	[ "$(login)" = 0202 ]
	echo ::1 >> "$A/networks"
	[ "$(login)" = 0000 ]
	alice
	[ "$(login user=alice "secret=$SECRET")" = 0000 ]
	wait_for 60 grep -q '"event":"login","initiator":"iqn.2026-01.org.example:login","address":"\[::1\]:' "$MNT/events"
}

@test "portals that cannot be opened are refused with the reason, and what is open stays" {
	local port=${PORTAL##*:} file=$MNT/ctl/target/portals
	refused "echo 127.0.0.1:$port,nowhere:1 > '$file'" "Invalid argument"
	last_error "JB_BAD_PORTAL"
	/usr/bin/python3 -c '
import signal, socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); signal.pause()' \
		> "$BATS_TEST_TMPDIR/taken" < /dev/null 3>&- &
	local taker=$!
	wait_for 60 "test -s '$BATS_TEST_TMPDIR/taken'"
	refused "echo 127.0.0.1:$(< "$BATS_TEST_TMPDIR/taken") >> '$file'" "Address already in use"
	last_error "JB_PORTAL_IN_USE"
	kill $taker
	wait $taker || true
	[ "$(< "$file")" = "$PORTAL" ]
	run -0 iscsi-inq "$(url 0)"
}

@test "a portal beyond loopback needs access control first, which then stays" {
	local file=$MNT/ctl/target/portals
	refused "echo 0.0.0.0:0 > '$file'" "Operation not permitted"
	last_error "JB_PORTAL_OPEN"
	[ "$(< "$file")" = "$PORTAL" ]
	echo 127.0.0.0/8 > "$A/networks"
	echo "0.0.0.0:${PORTAL##*:}" > "$file"
	[ "$(< "$file")" = "0.0.0.0:${PORTAL##*:}" ]
	# Initiators are told the address at which they connected, not the wildcard.
	[ "$(discover | grep TargetAddress)" = "TargetAddress=$PORTAL,1" ]
	refused "echo > '$A/networks'" "Operation not permitted"
	last_error "JB_ACCESS_NEEDED"
	echo chap > "$A/auth"
	echo > "$A/networks"
	refused "echo none > '$A/auth'" "Operation not permitted"
	echo "$PORTAL" > "$file"
	echo none > "$A/auth"
	[ "$(login)" = 0000 ]
	jb_stop
	# The option --portal is refused as well.
	jb_launch --portal 0.0.0.0:0
	wait_for 60 jb_ready_or_ended
	grep -q 'portal 0.0.0.0:0 is refused: beyond loopback' "$JBLOG"
	[ "$(< "$JBRUN/rc")" = 1 ]
}

@test "strangers cannot flood the events" {
	local i start=$SECONDS
	echo 127.0.0.2 > "$A/networks"
	for i in $(seq 60); do iscsi-inq "iscsi://$PORTAL/$IQN/0" > /dev/null 2>&1 || true; done
	wait_for 60 '[ "$(refusals | wc -l)" -ge 16 ]'
	i=$(refusals | wc -l)
	[ "$i" -le $((16 + SECONDS - start + 1)) ]
}
