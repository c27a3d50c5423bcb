#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The matrix: every program on every medium in every mode that it has, but for what 27-kernel.sh runs.
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
