#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the matrix: every program on every medium in each of its modes, except the cells of 27-kernel.sh.
# 27-matrix.sh [MEDIUM...]
# jobs: ./make-matrix --media native
# media: - - - - - - - -
# timeout: 1200
# table: matrix
. "$LIB/matrix.sh"
cell() { run_cell "$@"; }
kernel_cell() { :; }
. "$LIB/cells.sh"
finish
