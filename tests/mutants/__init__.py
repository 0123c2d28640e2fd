"""Mutation testing of `concord.access`: each small change of the code is to be noticed by some test. See __main__.py."""
