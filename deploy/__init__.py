"""What runs Fakeprint: set-up, the demonstration, the licence list. Not part of the wheel."""
