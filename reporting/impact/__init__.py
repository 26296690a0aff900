"""What followed events: before and after each, by the rules of indicators.impact (docs/impact.md)."""
