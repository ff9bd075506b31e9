"""What every room needs and no subject owns: errors, settings, logging, tracing, and the service object
that holds
them together. Imports no other room."""
