#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the tables of PROGRAMS.md for programs that copy, move and remove files.

load table

setup() { table_start; }
teardown() { table_end; }

@test "cp" {
	table PROGRAMS.md cp
}

@test "mv" {
	table PROGRAMS.md mv
}

@test "install" {
	table PROGRAMS.md install
}

@test "dd" {
	table PROGRAMS.md dd
}

@test "cat, tee, echo and redirections" {
	table PROGRAMS.md "cat, tee, echo and the shell's redirections"
}

@test "touch" {
	table PROGRAMS.md touch
}

@test "truncate and fallocate" {
	table PROGRAMS.md "truncate and fallocate"
}

@test "ln" {
	table PROGRAMS.md ln
}

@test "rm, unlink and rmdir" {
	table PROGRAMS.md "rm, unlink and rmdir"
}

@test "tar" {
	table PROGRAMS.md tar
}

@test "BINs and their sheets" {
	table PROGRAMS.md "BINs and their sheets"
}

@test "cpio" {
	have cpio
	table PROGRAMS.md cpio
}

@test "unzip" {
	have unzip
	table PROGRAMS.md unzip
}

@test "busybox" {
	have busybox
	table PROGRAMS.md busybox
}
