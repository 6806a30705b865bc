"""What the text of a Regio Deal says, as proposals with their place in the text: nothing of it is used unconfirmed."""
