"""Media in, fingerprints out: everything that decodes pictures and sound. Imports `registry`, never the
reverse."""
