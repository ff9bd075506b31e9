"""The only code that speaks to PostgreSQL: one module a noun, its queries in the `.sql` twin."""
