"""Windows of their own: settings, help, questions, offers."""
