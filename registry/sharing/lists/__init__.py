"""Import and export of hash lists. Owns: `import`, `import_fault`, `listing`, `listing_source`."""
