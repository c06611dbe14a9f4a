"""Attacks, and accidents that look like them: each test is one, on loopback and bounded in time."""
