"""Every way in which a session could be met, before anybody chooses."""
