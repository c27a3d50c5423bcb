/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main of a program that does nothing.  Linked with all of a layer and what the layer may use, it
 * proves that nothing is missing (PROOFS in the Makefile).
 */
int
main(void)
{
	return 0;
}
