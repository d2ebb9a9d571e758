"""What is held of people, looked over."""
