"""Who is who: bots and people, accounts and the e-mail addresses that git knows."""
