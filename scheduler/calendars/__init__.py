"""Working calendars: the yearly notice, the calendars it makes, and the dates that change. Data in, data out."""
