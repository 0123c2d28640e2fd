"""The verbs: one module each. Rule, change and audit entry in one transaction."""
