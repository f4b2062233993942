"""Small foundations without a subject of their own: ids, errors, logs, tasks."""
