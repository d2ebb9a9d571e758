"""What a value must be, by the tracking plan: types, rules, formats, units, and repairs."""
