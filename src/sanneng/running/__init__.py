"""Keeping an installation alive: backup and restore, witnesses of the audit log, the doctor,
and what a monitor asks for."""
