"""Papers reproduced, one folder each."""
