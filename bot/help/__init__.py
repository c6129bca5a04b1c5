"""What help there is: answers as data, each with its source and date."""
