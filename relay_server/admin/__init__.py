"""What the organisation owes to people and keeps for itself: retention, erasure, holds, a person's own record."""
