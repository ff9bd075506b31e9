"""Lookups for fact-checkers' tools: the InVID-WeVerify plugin and Meedan's Check. Owns no table.

`/dbkf` answers as the plugin's database of known fakes, `/alegre` as Alegre, the similarity search of Check
(decision record 0112).
"""
