"""A small site and the visitors that keep it busy: what ``asgitrace demo`` shows a newcomer."""
