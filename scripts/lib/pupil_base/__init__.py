"""Writes invented pupil bases in the ministries' formats; scripts/make-base is the command."""
