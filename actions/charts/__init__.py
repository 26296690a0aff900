"""Pictures of the plan. Pure."""
