"""The HTTP API over the control plane: `/api/v1`, typed, with a live event stream; and the process that serves it."""
