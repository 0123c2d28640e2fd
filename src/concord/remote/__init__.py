"""Questions to a server far away, where a jail is at hand: what no digest tells is compared by picture, if that is allowed."""
