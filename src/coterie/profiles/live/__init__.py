"""The live host: joins log, lake, ledger and the stream engine, so that every answer is current."""
