"""Who takes part: accounts, organisations, delegations, roles and permissions."""
