"""What deploys Bittern, held to what it deploys: the image, Compose, systemd and nginx say what Procfile and settings say."""
