#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the tables of PROGRAMS.md for editors, scripting languages, file managers, and programs that only
# read.

load table

setup() { table_start; }
teardown() { table_end; }

@test "sed" {
	table PROGRAMS.md sed
}

@test "vim" {
	have vim
	have tmux
	table PROGRAMS.md vim
}

@test "nano" {
	have nano
	have tmux
	table PROGRAMS.md nano
}

@test "python" {
	have python3
	table PROGRAMS.md python
}

@test "mc" {
	have mc
	have tmux
	table PROGRAMS.md mc
}

@test "reading" {
	have isoinfo
	have xorriso
	table PROGRAMS.md reading
}

@test "mount, through a loop device" {
	have losetup
	losetup -f > /dev/null 2>&1 || skip "no loop device on this machine"
	table PROGRAMS.md mount
}

@test "every section of the tables is run, and no other" {
	diff <(table_sections PROGRAMS.md | sort) <(table_run "$TOP"/tests/bats/11-programs-*.bats | sort)
}
