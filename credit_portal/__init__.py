"""The portal's front doors: settings, addresses, admin site, workers. Nobody imports this room."""
