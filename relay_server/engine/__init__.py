"""What the subjects stand on: the journal with its one writer, bus, folds, audit chain, schema, migrations."""
