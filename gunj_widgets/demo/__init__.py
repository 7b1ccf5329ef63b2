"""An embedded operator: real WebSocket, SSE and REST on 127.0.0.1, with incidents whose cause is known."""
