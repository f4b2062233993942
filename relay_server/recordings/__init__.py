"""Recordings of remote sessions: kept, found, handed out and deleted, never read."""
