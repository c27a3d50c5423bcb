#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Watches what a Linux does with the jukebox, as users of the mount see it: rounds of mtx load, growisofs,
# eject and mtx unload. Outside they are watched by inotifywait, by poll(2) on MNT/events, and in MNT/events
# itself. JUKE_ROUNDS is the number of rounds.
# kernel: a Linux with udev, which polls and looks at each disc, is what is watched
# media: blank blank blank blank blank blank blank blank
# timeout: 600
. "$LIB/lib.sh"
if [ -z "${MNT:-}" ]; then
	note "this target has no mount to watch"
	ok "nothing to watch"
	finish
fi
nolock
setup
rounds=${JUKE_ROUNDS:-4}
labels=()

host watch
good "the mount is watched" || finish
for ((round = 1; round <= rounds; round++)); do
	no=$((1 + (round - 1) % 8))
	[ "$round" -le 8 ] || host blank "$no"
	labels+=("$(printf 'DISK_%03d' "$no")")
	if ! load "$no"; then notok "round $round: mtx load" "$(gist)"; finish; fi
	if ! run growisofs -dvd-compat -Z "$CD" -R -J -quiet /data/tree1; then notok "round $round: growisofs" "$(gist)"; finish; fi
	if ! run eject "$CD"; then notok "round $round: eject" "$(gist)"; finish; fi
	if ! run mtx -f "$CH" unload "$no" 0; then notok "round $round: mtx unload" "$(gist)"; finish; fi
done
ok "$rounds rounds of mtx load, growisofs, eject, mtx unload"
host watched "${labels[@]}"
good "inotify and poll have seen what events has, each round in order" && note "$out"
finish
