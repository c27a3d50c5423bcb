#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# prometheus-textfile.sh: the metrics of a jukebox, for node_exporter's textfile collector.
#
#   prometheus-textfile.sh JUKEBOX DIRECTORY
#
# DIRECTORY is what node_exporter has for --collector.textfile.directory, on Debian
# /var/lib/prometheus/node-exporter.  The file there is replaced as a whole, so that no half of it is
# ever scraped.  It also says whether the jukebox was there at all: jukebox_up 1 or 0, so that one
# rule, jukebox_up == 0, tells of a jukebox that has stopped.
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
# A mount whose daemon was killed answers with an error; one that hangs is not waited for.
# OpenMetrics ends with "# EOF", which the textfile format has not.
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
