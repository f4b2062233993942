"""Remote sessions on record: questions, answers, signalling, receipts."""
