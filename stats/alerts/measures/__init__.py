"""What a rule looks at: a value for each subject, now (``now``) or hour by hour (dry runs)."""
