"""One module per table, one function per named query of `sql/<table>.sql`; no policy here."""
