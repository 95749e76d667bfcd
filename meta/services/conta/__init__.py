"""The Facebook account of an organisation, from log-in to farewell."""
