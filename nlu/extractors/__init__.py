"""Facts in what people write, one family a file.

``read_…`` functions take a whole short answer to an open question; ``find_…`` functions look in free text.
"""
