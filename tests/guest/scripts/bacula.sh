# SPDX-License-Identifier: GPL-2.0-or-later
# Functions for tests of examples/bareos with Debian's Bacula: its configuration, its daemons, its console.
# Everything is in the folder $B, the working folder of all three daemons.
# shellcheck shell=bash disable=SC2154

bacula_pids=()

# bacula_configure CHANGER_DEVICE: writes the configuration.  That of the storage daemon is the example, with
# the path of its script and the changer's device.  The volumes of the pool hold 6 MB.
bacula_configure() {
	local daemon
	mkdir -p "$B"
	for daemon in dir sd fd; do
		printf 'Director { Name = b-dir; Password = b; %s }\n' \
			"$([ $daemon != dir ] || echo "QueryFile = /dev/null; DirPort = 9101; DirAddress = 127.0.0.1;
				Messages = All; Maximum Concurrent Jobs = 4; WorkingDirectory = $B; PidDirectory = $B")" > "$B/$daemon.conf"
		echo "Messages { Name = All; $([ $daemon = dir ] && echo "append = $B/log = all, !skipped; catalog = all" || echo 'director = b-dir = all'); }" >> "$B/$daemon.conf"
	done
	cat >> "$B/dir.conf" <<- CONF
		Catalog { Name = All; dbname = bacula; dbuser = b; dbpassword = b }
		Client { Name = b-fd; Address = 127.0.0.1; FDPort = 9102; Catalog = All; Password = b }
		Storage { Name = Jukebox; Address = 127.0.0.1; SDPort = 9103; Password = b; Device = Jukebox; Media Type = Optical
		  Autochanger = yes }
		Pool { Name = Discs; Pool Type = Backup; Recycle = no; Maximum Volume Bytes = 6 MB }
		FileSet { Name = Files; Include { Options { signature = SHA1 }; File = $B/files } }
		Job { Name = Backup; Type = Backup; Level = Full; Client = b-fd; FileSet = Files; Storage = Jukebox; Pool = Discs
		  Messages = All }
		Job { Name = Restore; Type = Restore; Client = b-fd; FileSet = Files; Storage = Jukebox; Pool = Discs; Messages = All
		  Where = $B/restored }
	CONF
	echo "FileDaemon { Name = b-fd; FDPort = 9102; FDAddress = 127.0.0.1; WorkingDirectory = $B; PidDirectory = $B }" >> "$B/fd.conf"
	echo "Storage { Name = b-sd; SDPort = 9103; SDAddress = 127.0.0.1; WorkingDirectory = $B; PidDirectory = $B }" >> "$B/sd.conf"
	sed "s#/etc/bareos/mtx-changer#$E/bareos/mtx-changer#; s#/dev/changer#$1#" "$E/bareos/jukebox.conf" >> "$B/sd.conf"
	echo 'Director { Name = b-dir; DirPort = 9101; Address = 127.0.0.1; Password = b }' > "$B/bconsole.conf"
	# The script in Debian's package has a placeholder for the name of the database.
	sed "s#cd /var/lib/bacula#cd $B#; s#X*_DBNAME_X*#bacula#" "${BACULA:-}/usr/share/bacula-director/make_sqlite3_tables" > "$B/tables"
	sh "$B/tables" > /dev/null
}
# Starts the three daemons, in the foreground mode, so that their pids are known.
bacula_start() {
	local daemon
	for daemon in sd fd dir; do
		"bacula-$daemon" -f -c "$B/$daemon.conf" > "$B/$daemon.out" 2>&1 < /dev/null &
		bacula_pids+=($!)
	done
	until_true 60 bconsole_says version
}
bacula_stop() {
	kill "${bacula_pids[@]}"
	until_true 20 bacula_ended || kill -KILL "${bacula_pids[@]}"
	bacula_pids=()
}
bacula_ended() { ! kill -0 "${bacula_pids[@]}"; }
bacula_restart() { bacula_stop && bacula_start; }
# console COMMAND...: gives bconsole these lines, and waits for the jobs that they start
console() { printf '%s\n' "$@" wait messages quit > "$B/lines"; run sh -c "bconsole -c '$B/bconsole.conf' < '$B/lines'"; }
bconsole_says() { echo "$1" | bconsole -c "$B/bconsole.conf" | grep -q Version; }
