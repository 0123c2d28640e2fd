"""Locked worker processes that decode hostile files: a read-only descriptor or ranges go in, only results come out.

`pool.Jail` is the outside, `worker` the inside, `table` lists what a worker can do, `walls` what it cannot.
"""
