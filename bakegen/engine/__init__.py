"""Everything that talks to docker: builds, smoke tests, and what the installed tools can do."""
