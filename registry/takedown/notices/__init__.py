"""Notices: one address under one regime, its states and what hinders it. `move_notices` alone changes a
state.
Owns: `notice`, `notice_move`, `notice_alarm`."""
