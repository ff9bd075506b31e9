"""PostgreSQL: connection pool, named queries, migrations, read replicas. Each room keeps its own queries in
`store`.

Owns: `change_count`.
"""
