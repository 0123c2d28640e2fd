"""A synthetic world from a seed: furnished rooms that never existed, edited copies of their pictures, and a plan of who
enters and asks what. For the demo, the tests and training; knows no database."""
