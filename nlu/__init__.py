"""Language understanding of Hutong: text in, intent and facts out."""
