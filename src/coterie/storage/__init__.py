"""Where facts are kept: the log, the lake and the ledger."""
