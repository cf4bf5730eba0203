"""Time as a team lives it: durations without weekends and holidays, windows, weeks, local days and hours."""
