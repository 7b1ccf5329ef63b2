"""What a user holds: connect(), the Session and its handles. Wires the rooms together."""
