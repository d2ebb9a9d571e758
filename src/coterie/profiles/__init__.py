"""Who people are: their traits, memberships, changes and the events behind them."""
