"""Code that knows no subject: database, messaging, blobs, encryption, HTTP, terminal, audit events. Imports
no other room."""
