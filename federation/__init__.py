"""Several instances, one result: nodes, signed envelopes, exchange."""
