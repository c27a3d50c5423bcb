#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# prometheus-textfile.sh: the metrics of a jukebox, for node_exporter's textfile collector.
#
#   prometheus-textfile.sh JUKEBOX DIRECTORY
#
# DIRECTORY is the value of node_exporter's --collector.textfile.directory, on Debian
# /var/lib/prometheus/node-exporter.  The script replaces the file there as a whole, so that node_exporter
# never reads half of it.  The file also says whether the jukebox runs, as jukebox_up 1 or 0.  So one rule,
# jukebox_up == 0, reports a jukebox that has stopped.
#
# By cron, every minute:  * * * * *  root  prometheus-textfile.sh /srv/jukebox /var/lib/...
#
# check: no, it needs a jukebox; tests/bats/80-examples.bats runs it
set -u

if [ $# != 2 ] || [ ! -d "$2" ]; then
	echo "usage: prometheus-textfile.sh JUKEBOX DIRECTORY" >&2
	exit 2
fi
new=$2/.jukebox.prom.$$
trap 'rm -f "$new"' EXIT

up=1
# A mount whose daemon was killed returns an error; the timeout is for a mount that hangs.
# OpenMetrics ends with "# EOF", but the textfile format does not have that.
timeout 20 cat "$1/metrics" 2> /dev/null > "$new" || up=0
[ $up = 1 ] || : > "$new"
sed -i '/^# EOF/d' "$new"
{
	echo "# HELP jukebox_up Whether the jukebox is mounted and answers."
	echo "# TYPE jukebox_up gauge"
	echo "jukebox_up $up"
} >> "$new"
chmod 644 "$new" && mv "$new" "$2/jukebox.prom" || exit 1
[ $up = 1 ]
