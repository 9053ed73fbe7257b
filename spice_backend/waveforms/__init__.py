"""Recorded waveforms, in memory and in files."""
