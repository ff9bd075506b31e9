"""Walls around processes that read foreign bytes: what they can no longer do, and how they are started.

A file that takes over its decoder finds no network, no file but its own, no password, no program to start and
little memory. Programs written in C read strangers' files, so this is assumed to happen.
"""
