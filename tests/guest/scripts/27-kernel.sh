#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the cells of the matrix that need a kernel. 27-kernel.sh [MEDIUM...]
# kernel: UDF is mounted, and what the block layer writes, or refuses to, is the point
# jobs: ./make-matrix --media guest 2
# media: - - - - - - - -
# timeout: 2400
# table: matrix
. "$LIB/matrix.sh"
cell() { :; }
kernel_cell() { run_cell "$@"; }
. "$LIB/cells.sh"
finish
