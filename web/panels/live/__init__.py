"""The tabs that are live by nature: asked for when they are opened, with the age of their answer and a refresh."""
