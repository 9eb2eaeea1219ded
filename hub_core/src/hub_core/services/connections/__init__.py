"""Links to providers: consent, tokens, and each call that goes out under a budget and a circuit."""
