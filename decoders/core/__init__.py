"""The types that every layer speaks: spans, chunks, batches of columns, field trees, findings and errors."""
