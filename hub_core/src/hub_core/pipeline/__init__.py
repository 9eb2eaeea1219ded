"""From the job table to the services: relay, broker, actor. Dramatiq and Redis are imported only here."""
