"""The parts of bench.speed: each measures one kind of thing, and says whether it meets its targets."""
