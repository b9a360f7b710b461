"""Side by side measurements. They print ratios and assert nothing."""
