"""What followed? Before and after each event, by the rules of indicators.impact (docs/impact.md)."""
