"""Takedown notices: each concerns one address under one legal regime.

A notice has a state, a history and hindrances (reasons that block sending). Only the SQL function
`move_notices` changes a state.

Owns: `notice`, `notice_move`, `notice_alarm`.
"""
