"""The Flow tab: where the time goes, in words, charts and tables, and as files. The numbers come from insights/."""
