#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Compares the tree of the mount with the tables that define it, and with the pages that describe it.

load 10-mount

setup() {
	jb_start --slots 6 --drives 3 --mailslots 2
	mkdir "$MNT/ctl/access/users/1"
}
teardown() {
	cd /
	jb_cleanup
}

# Print the paths of the live mount, and of the tables: with N for each number, and a slash after a folder.
live_paths() {
	(cd "$MNT" && find . -mindepth 1 \( -type d -printf '%P/\n' -o -printf '%P\n' \); echo ctl/stream) |
		sed -E 's:(^|/)[0-9]+(/|$):\1N\2:g' | sort -u
}
table_paths() {
	{
		sed -nE 's/^TREE\("([^"]+)", *(DIR|ELEMENT),.*/\1\//p; s/^TREE\("([^"]+)", *(TEXT|REPORT|EVENTS|STREAM),.*/\1/p' \
			"$TOP/mnt-layout/tree.def"
		sed -nE 's/^JB_(SETTING|SECRET)\([A-Z_]+, *"([^"]+)".*/ctl\/\2/p' "$TOP/changer/setting.def"
	} | sed 's/%u/N/g' | sort -u
}

@test "the live mount has what the tables have, and nothing else" {
	diff <(table_paths) <(live_paths)
}

@test "README names every path" {
	diff <(table_paths) <(sed -nE 's/^  ([^ ]+) +(   |r--|rw-|-w-)  .*/\1/p' "$MNT/README" |
		grep -v '^$' | sort -u)
}

@test "the man page names every path and every setting, and no other" {
	diff <(table_paths) <(sed -nE 's/^\.It Pa ([^ ]+)$/\1/p' "$TOP/mnt-layout/jukeboxfs.5" | sort -u)
}

@test "the man page has every error, with its errno and its sentence" {
	diff <(sed -nE 's/^JB_ERR\([A-Z_]+, *([A-Z]+),.*"(.*)"\)$/\1 \2./p' "$TOP/changer/err.def" |
			sed 's/ ./\U&/' | sort) \
		<(awk '/^\.It Bq Er/ { if (no) print no " " text; no = $4; text = ""; next }
			/^\./ { if (no) print no " " text; no = "" }
			no { text = text (text == "" ? "" : " ") $0 }' "$TOP/mnt-layout/jukeboxfs.5" | sort)
}

@test "the man page has every pattern of temporary names" {
	diff <(sed -nE 's/^(LINK_)?STAGING\("([^"]+)".*/\2/p' "$TOP/changer/staging.def") \
		<(sed -n '/^\.Ss Temporary names/,/^\.El/p' "$TOP/mnt-layout/jukeboxfs.5" |
			sed -nE 's/^\.It Li (.*)$/\1/p' | sed 's/\\&//; s/\\(ti/~/')
}

@test "every text can be read, and is as long as it says" {
	mkdir "$BATS_TEST_TMPDIR/texts"
	cd "$MNT"
	find . -type f -exec cp --parents -t "$BATS_TEST_TMPDIR/texts" {} +
	cd "$BATS_TEST_TMPDIR/texts"
	[ "$(find . -type f | wc -l)" -gt 50 ]
	# log, status.json and metrics may grow between the two listings.
	lengths() { (cd "$1" && find . -type f ! -name log ! -name status.json ! -name metrics -printf '%P %s\n' | sort); }
	diff <(lengths "$MNT") <(lengths .)
}

@test "modes say what can be read and written" {
	local path mode show store
	local -A modes
	while read -r mode path; do modes[$path]=0$mode; done < <(
		find "$MNT" -mindepth 1 -printf '%m %P\n'
		stat -c '%a ctl/stream' "$MNT/ctl/stream"
	)
	while read -r path mode show store; do
		case $show/$store in
		LOG/NONE | SESSIONS/NONE | CONNECTIONS/NONE) [ "$mode" = 0440 ] ;;
		*/NONE) [ "$mode" = 0444 ] ;;
		NONE/*) [ "$mode" = 0200 ] ;;
		*) [ "$mode" = 0644 ] ;;
		esac || { echo "$path $mode $show $store"; return 1; }
		[ "${modes[${path//%u/1}]:-}" = "$mode" ] || [ "$path" != "${path/transport/}" ]
	done < <(sed -nE 's/^TREE\("([^"]+)", *(TEXT|REPORT|EVENTS|STREAM), *([0-7]+), *([A-Z]+), *([A-Z]+),.*/\1 \3 \4 \5/p' \
		"$TOP/mnt-layout/tree.def")
}

@test "every setting takes its own value back" {
	local f value n=0
	while read -r f; do
		value=$(< "$f")
		echo "$value" > "$f"
		[ "$(< "$f")" = "$value" ]
		n=$((n + 1))
	done < <(sed -nE 's/^JB_SETTING\([A-Z_]+, *"([^"]+)".*/\1/p' "$TOP/changer/setting.def" |
		sed "s:%u:1:; s:^:$MNT/ctl/:")
	[ $n -gt 10 ]
}

@test "folders list each name once, and a listing outlives changes" {
	local i
	for i in 1 2 3; do touch "$MNT/slots/$i/B$i.iso"; done
	[ "$(ls "$MNT/slots" | sort -n | tr '\n' ' ')" = "1 2 3 4 5 6 " ]
	[ "$(ls -a "$MNT/slots/1" | tr '\n' ' ')" = ". .. B1.iso " ]
	rm -r "$MNT"/slots/*/B*.iso
	[ "$(find "$MNT/slots" -type f | wc -l)" = 0 ]
	[ "$(stat -c %i "$MNT/slots/1/..")" = "$(stat -c %i "$MNT/slots")" ]
	[ "$(find "$MNT" -printf '%i\n' | sort | uniq -d)" = "" ]
}

@test "names that do not exist are not found" {
	local name
	for name in slots/0 slots/7 slots/01 slots/+1 slots/1x slots/-1 drives/3 mailslots/3 \
		transport/1 ctl/drives/3 ctl/drives/%u none slots/1/none; do
		refused stat "$MNT/$name" "No such file or directory"
	done
}

@test "status shows what the jukebox holds" {
	touch "$MNT/slots/2/BLANK-7.iso"
	full slots/2
	mv "$MNT/slots/2/BLANK-7.iso" "$MNT/drives/1/"
	iso "$BATS_TEST_TMPDIR/pressed.iso" 4 P
	cp "$BATS_TEST_TMPDIR/pressed.iso" "$MNT/slots/1/"
	full slots/1
	run cat "$MNT/status"
	[[ $output == *"6 slots, 2 mail slots, 3 drives; 2 discs"* ]]
	[[ $output =~ 1\ \ \[===\(o\)===\].*DVD\+R.*blank.*4\.7\ GB\ \ BLANK-7.*slots/2 ]]
	[[ $output =~ 1\ +\(o\)\ +CD-ROM.*complete.*MB\ \ pressed ]]
	[[ $output == *"2-6"* ]]
}

@test "status.json is JSON and has everything" {
	touch "$MNT/slots/2/BLANK-7.iso"
	full slots/2
	cp "$MNT/status.json" "$BATS_TEST_TMPDIR/s.json"
	jq -e . "$BATS_TEST_TMPDIR/s.json" > /dev/null
	jq -e '(.slots | length) == 6 and (.drives | length) == 3 and (.mailslots | length) == 2' \
		"$BATS_TEST_TMPDIR/s.json"
	jq -e '.slots[1].disc | .name == "BLANK-7.iso" and .label == "BLANK-7" and .state == "blank"
		and .profile == "dvd+r" and .capacity == 4700372992' "$BATS_TEST_TMPDIR/s.json"
	jq -e --arg p "$PORTAL" '.target.portals == [$p]' "$BATS_TEST_TMPDIR/s.json"
	jq -e '.settings["changer/vendor"] == "JUKEBOXD" and .drives[2].settings.revision == "1"' \
		"$BATS_TEST_TMPDIR/s.json"
	jq -e '.drives[0] | .tray == "closed" and .locked == false and .disc == null' \
		"$BATS_TEST_TMPDIR/s.json"
}
