"""The back ends, without a network: recorded and made-up answers, a clock that is moved."""
