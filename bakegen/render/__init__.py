"""Plan -> text. Nothing here writes a file or runs a program."""
