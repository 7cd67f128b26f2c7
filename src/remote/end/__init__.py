"""The remote end: the program that runs on a host for the length of one connection."""
