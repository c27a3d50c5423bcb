/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main of a program that does nothing. It is linked with all objects of a layer and of the layers which
 * that layer may use, and so proves that no symbol is missing (PROOFS in the Makefile).
 */
int
main(void)
{
	return 0;
}
