"""Programs that make what is generated: pictures, catalogues of messages, licences, vendored files."""
