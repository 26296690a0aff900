"""The parts of script/bench: each measures one kind of thing, and says whether it meets its targets."""
