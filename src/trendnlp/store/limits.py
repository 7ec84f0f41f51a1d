"""What both kinds of database are held to."""

from __future__ import annotations

# How long a writer waits for the other threads of its process, and then again for other processes. A save of 100,000
# statements takes about 5 s on one core.
BUSY_SECONDS = 30
# Threads that read at the same time; FastAPI's pool has 40, which then wait for a connection, not for a lock.
CONNECTIONS = 8
SEARCHED = {"statements": "text", "findings": "title"}  # table to the column with a full-text index
WRITES = "trendnlp_writes"  # execution option of a connection that will write
