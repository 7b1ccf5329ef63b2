"""How it arrives: one supervised connection per server, whatever the transport."""
