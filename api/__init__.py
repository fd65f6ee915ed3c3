"""The service around the scheduler: requests in; releases, pages and calendar feeds out."""
