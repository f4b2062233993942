"""The first page: search, answers, requests, notices, and the way to a person."""
