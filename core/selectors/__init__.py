"""What does the core read for a purpose?"""
